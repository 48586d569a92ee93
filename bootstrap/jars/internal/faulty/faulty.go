// Package faulty is a Maven repository server for tests that fails as it is told.
package faulty

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"clickstream/internal/inmemory"
)

// Fault is what happens to one request. The zero value is none.
type Fault struct {
	Status      int           // answer this instead
	RetryAfter  string        // with this header
	Cut         int           // end the connection after so many bytes of the body
	Short       int           // send so many bytes and say that this is all
	Wrong       bool          // send other bytes of the same length
	Stall       bool          // send the first half and then nothing
	IgnoreRange bool          // send all, whatever part was asked for
	Changed     bool          // the file is another version: its validator differs
	Redirect    string        // send the client there
	Delay       time.Duration // before the answer
	PerKilobyte time.Duration // be slow
}

// Server holds files by their path, without slash in front.
type Server struct {
	files map[string][]byte
	fault func(request *http.Request, count int) Fault

	mu     sync.Mutex
	counts map[string]int // requests by path
}

// New returns a server of these files. The fault function, which may be nil, is asked for each request, with how often the path was asked for
// before; it is called by one goroutine at a time.
func New(files map[string][]byte, fault func(request *http.Request, count int) Fault) *Server {
	if fault == nil {
		fault = func(*http.Request, int) Fault { return Fault{} }
	}
	return &Server{files: files, fault: fault, counts: make(map[string]int)}
}

// Counts returns how often each path was asked for.
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// Requests returns how many requests there were.
func (s *Server) Requests() int {
	total := 0
	for _, count := range s.Counts() {
		total += count
	}
	return total
}

func (s *Server) next(request *http.Request, path string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := s.counts[path]
	s.counts[path]++
	return s.fault(request, count)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	fault := s.next(r, path)
	if fault.Delay > 0 && wait(r.Context(), fault.Delay) != nil {
		return
	}
	if fault.RetryAfter != "" {
		w.Header().Set("Retry-After", fault.RetryAfter)
	}
	content, found := s.files[path]
	switch {
	case fault.Redirect != "":
		http.Redirect(w, r, fault.Redirect, http.StatusFound)
		return
	case fault.Status != 0:
		http.Error(w, http.StatusText(fault.Status), fault.Status)
		return
	case !found:
		http.NotFound(w, r)
		return
	}
	tag := fmt.Sprintf(`"%.8x"`, sha256.Sum256(content))
	if fault.Changed {
		tag = `"other"`
	}
	if fault.Wrong {
		content = bytes.Repeat([]byte{'#'}, len(content))
	}
	if fault.Short > 0 {
		content = content[:min(fault.Short, len(content))]
	}
	if fault.IgnoreRange {
		r.Header.Del("Range")
	}
	w.Header().Set("ETag", tag)
	http.ServeContent(&writer{ResponseWriter: w, fault: fault, ctx: r.Context(), half: len(content) / 2}, r, "", time.Time{}, bytes.NewReader(content))
}

// writer fails while a body is written.
type writer struct {
	http.ResponseWriter
	fault Fault
	ctx   context.Context
	half  int
	sent  int
}

// Write writes in pieces, so that a client sees bytes before the fault.
func (w *writer) Write(b []byte) (int, error) {
	for written := 0; written < len(b); {
		end := min(written+1024, len(b))
		if w.fault.Cut > 0 {
			end = min(end, written+w.fault.Cut-w.sent)
		}
		n, err := w.ResponseWriter.Write(b[written:end])
		written += n
		w.sent += n
		if err != nil {
			return written, err
		}
		if err := w.fail(); err != nil {
			return written, err
		}
	}
	return len(b), nil
}

func (w *writer) fail() error {
	if w.fault.Cut > 0 && w.sent >= w.fault.Cut {
		w.flush()
		panic(http.ErrAbortHandler) // ends the connection without a word
	}
	if w.fault.Stall && w.sent >= w.half {
		w.flush()
		<-w.ctx.Done()
		return w.ctx.Err()
	}
	if w.fault.PerKilobyte == 0 {
		return nil
	}
	w.flush()
	return wait(w.ctx, w.fault.PerKilobyte)
}

func wait(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

func (w *writer) flush() {
	if flusher, ok := w.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
}

// Memory is a network in memory: it works inside a bubble of testing/synctest. A host that nobody serves refuses connections.
type Memory struct {
	hosts map[string]*inmemory.Listener
}

// Serve serves each host (as example.test:80) by its handler until the test ends or stop is called.
func Serve(hosts map[string]http.Handler) (network *Memory, stop func()) {
	network = &Memory{hosts: make(map[string]*inmemory.Listener)}
	var servers []*http.Server
	var done sync.WaitGroup
	for host, handler := range hosts {
		l := inmemory.Listen()
		network.hosts[host] = l
		server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
		servers = append(servers, server)
		done.Go(func() { _ = server.Serve(l) })
	}
	return network, func() {
		for _, server := range servers {
			_ = server.Close()
		}
		done.Wait()
	}
}

var errRefused = errors.New("connection refused")

// Dial connects to a host.
func (m *Memory) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	l := m.hosts[address]
	if l == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errRefused}
	}
	conn, err := l.Dial(ctx, "", "")
	if errors.Is(err, net.ErrClosed) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errRefused}
	}
	return conn, err
}
