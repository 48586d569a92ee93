// Package wholebody keeps answers of servers nearby whole for clients of the AWS SDK.
package wholebody

import (
	"io"
	"net/http"
)

// Transport hides the WriteTo of requests' bodies from the transport that it is. The AWS SDK closes a body as soon as there is an answer, which on one
// machine can be before net/http has looked for the body's end. WriteTo then fails (smithy-go v1.28.8, transport/http/internal/io/safe.go), for
// which net/http breaks the connection off in the middle of the answer, while Read just says that the body has ended.
type Transport struct{ *http.Transport }

// RoundTrip sends a request.
func (t Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request = request.WithContext(request.Context()) // a copy
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return t.Transport.RoundTrip(request)
}
