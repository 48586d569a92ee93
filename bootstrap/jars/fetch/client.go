// Package fetch brings files from Maven repositories onto the disk: over HTTP(S) with retries, resumption and a limit on silence, or from
// folders. A file gets its name when it is whole, verified and on the disk.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Limits on waiting. A connection that is silent for stallTimeout is taken for dead.
const (
	dialTimeout  = 10 * time.Second
	stallTimeout = 30 * time.Second
	maxRedirects = 5
)

// Config is how a Client reaches repositories.
type Config struct {
	Connections int                                                                  // kept open to each host
	Proxy       func(*http.Request) (*url.URL, error)                                // nil: what the environment says
	Dial        func(ctx context.Context, network, address string) (net.Conn, error) // nil: over the network
}

// Client fetches over HTTP/1.1 and, where a server offers it over TLS, HTTP/2.
type Client struct{ http *http.Client }

var errDial = errors.New("no connection")

// NewClient returns a client; Close it when the work is done.
func NewClient(config Config) *Client {
	dial := config.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext
	}
	proxy := config.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	transport := &http.Transport{
		Proxy: proxy,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			connection, err := dial(ctx, network, address)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errDial, err)
			}
			return connection, nil
		},
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   config.Connections,
		IdleConnTimeout:       time.Minute,
		TLSHandshakeTimeout:   dialTimeout,
		ResponseHeaderTimeout: stallTimeout,
		ReadBufferSize:        64 << 10,
		DisableCompression:    true, // sizes and ranges are those of the file
	}
	return &Client{http: &http.Client{Transport: transport, CheckRedirect: checkRedirect}}
}

// Close ends the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// checkRedirect follows to other hosts too, where Go's client leaves the credentials behind, but never from https to http.
func checkRedirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return &failure{err: fmt.Errorf("more than %d redirects", maxRedirects), final: true}
	}
	if via[0].URL.Scheme == "https" && request.URL.Scheme != "https" {
		return &failure{err: errors.New("redirected from https to " + request.URL.Scheme), final: true}
	}
	return nil
}
