package e2e

import (
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"clickstream/internal/delivery"
)

// Gate stands between processors and an endpoint's S3 and can be in the way of uploads of objects. Claims and everything else pass.
type Gate struct {
	// Environment sends the S3 requests of a process through the gate.
	Environment string

	mu      sync.Mutex
	state   gateState
	stopped int
}

type gateState int

const (
	open gateState = iota
	refusing
	losing
)

// NewGate makes an open gate. AWS itself takes no requests that were signed for another host: such tests are left out there.
func NewGate(tb testing.TB, at *Endpoint) *Gate {
	tb.Helper()
	if at.URL == "" {
		tb.Skip("requests to AWS are signed for its host name and cannot pass a proxy: this test needs an emulator")
	}
	target, err := url.Parse(at.URL)
	if err != nil {
		tb.Fatal(err)
	}
	listener := listen(tb)
	g := &Gate{Environment: "AWS_ENDPOINT_URL_S3=http://" + listener.Addr().String()}
	server := &http.Server{Handler: g.handler(target), ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	tb.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return g
}

// Open lets everything pass.
func (g *Gate) Open() { g.set(open) }

// Refuse answers uploads with 503 and stores nothing.
func (g *Gate) Refuse() { g.set(refusing) }

// Lose stores uploads, but never answers.
func (g *Gate) Lose() { g.set(losing) }

// Stopped is how many uploads were refused or lost since the gate's state was last changed.
func (g *Gate) Stopped() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stopped
}

func (g *Gate) set(state gateState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state, g.stopped = state, 0
}

// stop counts a request that has been stopped.
func (g *Gate) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped++
}

func (g *Gate) now() gateState {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state
}

func (g *Gate) handler(target *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state := g.now()
		if !isUpload(r) || state == open {
			proxy.ServeHTTP(w, r)
			return
		}
		if state == refusing {
			g.stop()
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		// A client that is killed now must not take its upload with it.
		proxy.ServeHTTP(discard{http.Header{}}, r.WithContext(context.WithoutCancel(r.Context())))
		g.stop()
		<-r.Context().Done()
	})
}

// isUpload reports whether a request stores an object with records: /bucket/key.
func isUpload(r *http.Request) bool {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return r.Method == http.MethodPut && key != "" && delivery.IsData(key)
}

// discard is where an answer goes that nobody gets.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (d discard) WriteHeader(int)             {}
