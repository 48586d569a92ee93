package s3

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxDrained is how much of a refused body is read away so that the client
// sees the answer rather than a broken connection.
const maxDrained = 64 << 20

// reply is what a handler answers.
type reply struct {
	status int
	header []field // names as they go over the wire
	body   []byte
}

func newReply(status int) *reply { return &reply{status: status} }

// set adds a header unless its value is empty.
func (r *reply) set(name, value string) *reply {
	if value != "" {
		r.header = append(r.header, field{name, value})
	}
	return r
}

// Handler serves the REST API of S3: path style, and virtual-host style for
// hosts below localhost and amazonaws.com. It must be mounted without
// [http.ServeMux], which would clean the path and with it the keys.
func (s *Store) Handler() http.Handler {
	return http.HandlerFunc(s.serveHTTP)
}

func (s *Store) serveHTTP(w http.ResponseWriter, r *http.Request) {
	number := s.requests.Add(1)
	id := requestID(number)
	rq, err := parseRequest(r)
	rq.store, rq.number = s, number
	var answer *reply
	if err == nil {
		answer, err = s.dispatch(rq)
	}
	if err != nil {
		drain(r)
		answer = asAPIError(err).reply(r, id)
	}
	answer.write(w, r, id)
}

// requestID makes an id of a request's number: an odd factor, so that ids
// differ as the numbers do.
func requestID(number uint64) string { return fmt.Sprintf("%016X", number*0x9E3779B97F4A7C15) }

// hostID is the second id of an answer.
func hostID(id string) string { return base64.StdEncoding.EncodeToString([]byte(id + id + id)) }

// dispatch finds the operation, opens the bucket it works on and runs it.
func (s *Store) dispatch(rq *request) (*reply, error) {
	op, err := s.route(rq)
	if err != nil {
		return nil, err
	}
	if op.run == nil {
		return nil, errNotImplemented.because("The emulator has no S3 operation %s.", op.name)
	}
	if err := refuseHeaders(rq.header()); err != nil {
		return nil, err
	}
	if op.level != onService && !op.unbound {
		if rq.at, err = s.open(rq.bucket, rq.scope); err != nil {
			return nil, err
		}
	}
	if owner := rq.header().Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != rq.scope.Account {
		return nil, errAccessDenied
	}
	return op.run(rq)
}

// refuseHeaders answers the headers that ask for what is not there.
func refuseHeaders(header http.Header) error {
	if strings.EqualFold(header.Get("X-Amz-Bucket-Object-Lock-Enabled"), "true") {
		return errNotImplemented.with("Header", "x-amz-bucket-object-lock-enabled")
	}
	for name := range header {
		for _, prefix := range []string{
			"X-Amz-Server-Side-Encryption-Customer-", "X-Amz-Copy-Source-Server-Side-Encryption-Customer-",
			"X-Amz-Object-Lock-", "X-Amz-Write-Offset-Bytes", "X-Amz-Rename-Source",
		} {
			if strings.HasPrefix(name, prefix) {
				return errNotImplemented.with("Header", strings.ToLower(name))
			}
		}
	}
	return nil
}

// drain reads away a body that nobody wanted, unless the client waits to be
// asked for it.
func drain(r *http.Request) {
	if r.Body == nil || r.Header.Get("Expect") != "" || r.ContentLength > maxDrained {
		return
	}
	// Should the client break off there is nobody left to tell.
	_, _ = io.CopyN(io.Discard, r.Body, maxDrained)
}

// reply is the error document; a HEAD request and 304 have none.
func (e *apiError) reply(r *http.Request, id string) *reply {
	answer := newReply(e.status)
	answer.header = e.header
	if r.Method == http.MethodHead || e.status == http.StatusNotModified {
		return answer
	}
	x := newXML()
	x.open("Error")
	x.text("Code", e.code)
	x.text("Message", e.message)
	for _, f := range e.fields {
		x.text(f.name, f.value)
	}
	x.text("Resource", r.URL.Path)
	x.text("RequestId", id)
	x.text("HostId", hostID(id))
	x.close("Error")
	return x.into(answer)
}

func (r *reply) write(w http.ResponseWriter, rq *http.Request, id string) {
	h := w.Header()
	h["Server"] = []string{"AmazonS3"}
	h["X-Amz-Request-Id"] = []string{id}
	h["X-Amz-Id-2"] = []string{hostID(id)}
	for _, f := range r.header {
		// Not by Set: names of user metadata stay in lower case on the wire, as
		// some clients hand them on as they came.
		h[f.name] = []string{f.value}
	}
	bodiless := r.status == http.StatusNoContent || r.status == http.StatusNotModified
	if _, set := h["Content-Length"]; !set && !bodiless {
		h["Content-Length"] = []string{strconv.Itoa(len(r.body))}
	}
	w.WriteHeader(r.status)
	if rq.Method != http.MethodHead && !bodiless {
		// A client that went away is no concern of the store.
		_, _ = w.Write(r.body)
	}
}
