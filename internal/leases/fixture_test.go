package leases_test

import (
	"io"
	"net/http"
	"strings"
)

// roundTrip answers requests with a body, or with an error's code.
type roundTrip func(*http.Request) string

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusOK, f(r)
	if !strings.HasPrefix(body, "{") {
		status, body = http.StatusBadRequest, `{"__type":"`+body+`"}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}
