package s3

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// level is what the path of a request addresses.
type level int

const (
	onService level = iota
	onBucket
	onObject
)

// handler runs an operation. It makes no errors but *apiError.
type handler func(*request) (*reply, error)

// operation is a row of the table in operations.go. Method, level, sub-resource
// and header pick it; the most exact row wins.
type operation struct {
	name    string
	method  string
	level   level
	sub     string  // a parameter that must be in the query
	header  string  // a header that must be there
	run     handler // nil: not implemented
	unbound bool    // runs without an existing bucket
}

type routeKey struct {
	method string
	level  level
}

// routes files the table by method and level, the most exact rows first.
func routes() map[routeKey][]*operation {
	filed := map[routeKey][]*operation{}
	for _, op := range operations() {
		key := routeKey{op.method, op.level}
		filed[key] = append(filed[key], &op)
	}
	for _, ops := range filed {
		slices.SortStableFunc(ops, func(a, b *operation) int { return cmp.Compare(b.exactness(), a.exactness()) })
	}
	return filed
}

func (op *operation) exactness() int { return 2*min(1, len(op.sub)) + min(1, len(op.header)) }

func (op *operation) matches(rq *request) bool {
	return (op.sub == "" || rq.query.has(op.sub)) && (op.header == "" || rq.header().Get(op.header) != "")
}

func (rq *request) level() level {
	switch {
	case rq.bucket == "":
		return onService
	case rq.key == "":
		return onBucket
	}
	return onObject
}

// route finds the operation of a request. A sub-resource that does not know
// the method must not fall through to the plain operation: DELETE ?versioning
// is not DeleteBucket.
func (s *Store) route(rq *request) (*operation, error) {
	at := rq.level()
	for _, op := range s.operations[routeKey{rq.http.Method, at}] {
		if !op.matches(rq) {
			continue
		}
		if op.sub == "" {
			if sub := s.subresource(rq, at); sub != "" {
				return nil, errMethodNotAllowed.with("Method", rq.http.Method).with("ResourceType", strings.ToUpper(sub))
			}
		}
		return op, nil
	}
	return nil, errMethodNotAllowed.with("Method", rq.http.Method)
}

// subresource gives a sub-resource that the query names at this level, for any
// method.
func (s *Store) subresource(rq *request, at level) string {
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete} {
		for _, op := range s.operations[routeKey{method, at}] {
			if op.sub != "" && op.sub != "list-type" && rq.query.has(op.sub) {
				return op.sub
			}
		}
	}
	return ""
}

// Operation names the S3 operation that a request asks for ("PutObject"), for
// those who count or fail operations in front of the handler; "" when it is
// none.
func (s *Store) Operation(r *http.Request) string {
	rq, err := parseRequest(r)
	if err != nil {
		return ""
	}
	op, err := s.route(rq)
	if err != nil {
		return ""
	}
	return op.name
}

// Bucket gives the bucket that a request is about, whether or not there is
// one; "" when it is about none.
func (s *Store) Bucket(r *http.Request) string {
	bucket, _ := splitPath(r.Host, r.URL.Path)
	return bucket
}

// Fail answers a request with an S3 error document of that status, code and
// message, as the handler would: for those who fail operations in front of it.
func (s *Store) Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	id := requestID(s.requests.Add(1))
	drain(r)
	newError(status, code, message).reply(r, id).write(w, r, id)
}
