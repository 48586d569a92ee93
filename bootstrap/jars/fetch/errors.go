package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// ErrNotFound says that a repository has no such file.
var ErrNotFound = errors.New("not found")

// failure is an attempt that failed, and what that means for the next one.
type failure struct {
	err   error
	final bool          // the same request would fail again
	down  bool          // so would any other of this repository
	after time.Duration // the server wants no request before
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// classify tells what an error means. Errors of the transport lose their URL, which after a redirect may carry a signature.
func classify(err error) *failure {
	if known, ok := errors.AsType[*failure](err); ok {
		return known
	}
	var local *fs.PathError
	if errors.As(err, &local) || errors.Is(err, ErrNotFound) {
		return &failure{err: err, final: true}
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err
	}
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &lookup) && !lookup.IsTemporary, errors.As(err, &certificate), errors.As(err, &authority):
		return &failure{err: err, final: true, down: true}
	case errors.Is(err, errDial):
		refused := errors.Is(err, syscall.ECONNREFUSED)
		return &failure{err: err, final: !refused, down: true}
	}
	return &failure{err: err}
}

// refusal is what a status other than 200 and 206 means.
func refusal(response *http.Response, now time.Time) *failure {
	err := errors.New(response.Status)
	switch status := response.StatusCode; {
	case status == http.StatusNotFound || status == http.StatusGone:
		return &failure{err: ErrNotFound, final: true}
	case status == http.StatusUnauthorized:
		return &failure{err: fmt.Errorf("%w: it wants credentials, or others than it got; settings.xml (servers) and netrc may hold them", err), final: true, down: true}
	case status == http.StatusProxyAuthRequired:
		return &failure{err: fmt.Errorf("%w: the proxy wants credentials", err), final: true, down: true}
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		after := retryAfter(response.Header.Get("Retry-After"), now)
		if after > longestSilent {
			return &failure{err: fmt.Errorf("%w: it wants no request for %s", err, after.Round(time.Second)), final: true, down: true}
		}
		return &failure{err: err, after: after}
	}
	return &failure{err: err, final: true}
}

// retryAfter reads the header's two forms, seconds and a date; 0 where it says neither.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

// cause prefers why a context ended to the error that this led to.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
