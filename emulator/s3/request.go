package s3

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"clickstream/emulator/internal/wire"
)

// request is a request as the handlers see it.
type request struct {
	store  *Store
	at     *bucket // opened for the caller; nil where there need not be one
	http   *http.Request
	scope  wire.Scope
	bucket string // "" addresses the service
	key    string // "" addresses the bucket
	query  query
	number uint64 // of the request, used once per store

	// checksumOfWhole: the checksum in the header is that of the object, and not
	// of this request's body. Only CompleteMultipartUpload has it.
	checksumOfWhole bool
}

func (rq *request) header() http.Header { return rq.http.Header }

// now gives the emulated time to the second, which is all that S3 tells.
func (rq *request) now() time.Time { return toSecond(rq.store.clock.Now()) }

// parseRequest takes bucket, key and parameters out of an HTTP request.
func parseRequest(r *http.Request) (*request, error) {
	rq := &request{http: r, scope: wire.ScopeOf(r)}
	rq.bucket, rq.key = splitPath(r.Host, r.URL.Path)
	var err error
	if rq.query, err = parseQuery(r.URL.RawQuery); err != nil {
		return rq, err
	}
	switch {
	case !utf8.ValidString(rq.key):
		return rq, errInvalidURI.with("URI", r.URL.EscapedPath())
	case len(rq.key) > maxKeyLength:
		return rq, errKeyTooLong.with("Size", strconv.Itoa(len(rq.key))).with("MaxSizeAllowed", strconv.Itoa(maxKeyLength))
	}
	return rq, rq.checkExpiry()
}

// splitPath gives bucket and key of a path, taken as it is: S3 knows no "..",
// and slashes in a row are part of the key.
func splitPath(host, path string) (bucket, key string) {
	path = strings.TrimPrefix(path, "/")
	if bucket = virtualBucket(host); bucket != "" {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

// virtualBucket is the bucket that a host name stands for; "" when the bucket
// is in the path. Host names below localhost and amazonaws.com can hold one:
// <bucket>.localhost, <bucket>.s3.localhost, <bucket>.s3.<region>.amazonaws.com.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
func virtualBucket(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	name, local := strings.CutSuffix(host, ".localhost")
	if !local {
		var aws bool
		if name, aws = strings.CutSuffix(host, ".amazonaws.com"); !aws {
			return ""
		}
	}
	if name == "s3" || strings.HasPrefix(name, "s3.") || strings.HasPrefix(name, "s3-") {
		return ""
	}
	for _, mark := range []string{".s3.", ".s3-"} {
		if at := strings.LastIndex(name, mark); at > 0 {
			return name[:at]
		}
	}
	if bucket, ok := strings.CutSuffix(name, ".s3"); ok {
		return bucket
	}
	if local {
		return name
	}
	return ""
}

// query holds the parameters of a request. Where a name comes twice the first
// value counts.
type query map[string]string

// parseQuery splits at & only: a semicolon is an ordinary character here.
func parseQuery(raw string) (query, error) {
	q := query{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return q, errInvalidURI.with("URI", raw)
		}
		if value, err = url.QueryUnescape(value); err != nil || !utf8.ValidString(value) {
			return q, errInvalidURI.with("URI", raw)
		}
		if _, there := q[name]; !there {
			q[name] = value
		}
	}
	return q, nil
}

// has says whether a parameter is there, with a value or without.
func (q query) has(name string) bool {
	_, ok := q[name]
	return ok
}

// checkExpiry refuses a presigned URL after its time.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
func (rq *request) checkExpiry() error {
	if !rq.query.has("X-Amz-Signature") {
		return nil
	}
	signed, err := time.Parse("20060102T150405Z", rq.query["X-Amz-Date"])
	if err != nil {
		return errAuthQuery.because("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
	}
	seconds, err := strconv.Atoi(rq.query["X-Amz-Expires"])
	if err != nil || seconds < 0 || seconds > 7*24*3600 {
		return errAuthQuery.because("X-Amz-Expires must be a number of seconds of less than a week")
	}
	expires := signed.Add(time.Duration(seconds) * time.Second)
	now := time.Now() // of the machine, as the client that signed knows no other
	if now.After(expires) {
		return errAccessDenied.because("Request has expired").
			with("X-Amz-Expires", rq.query["X-Amz-Expires"]).
			with("Expires", expires.Format("2006-01-02T15:04:05Z")).
			with("ServerTime", now.UTC().Format("2006-01-02T15:04:05Z"))
	}
	return nil
}
