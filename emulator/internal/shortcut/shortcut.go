// Package shortcut answers the requests that SDKs send all the time, the POSTs of AWS's JSON and CBOR protocols over plain HTTP/1.1, without
// net/http's server, which for each of them starts a goroutine that waits for the client to leave, and stops it again. That and its wake-ups
// are most of what a small request takes.
//
// A request that is in any way unusual goes to net/http with its connection, for good: another method or path, HTTP/1.0 or 2, a body of
// unknown length, an Expect or Connection header, a head that is long or that HTTP forbids. So all errors of HTTP are net/http's own.
package shortcut

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server answers connections. Its fields must not be changed once it serves.
type Server struct {
	Handler http.Handler // answers requests; it must not return before it is done with them, and gets no writer that can flush or be hijacked
	// Takes says whether a request, of which no body is there yet, is for Handler.
	Takes func(*http.Request) bool
	// Rest takes a connection over that has something else to say. What was read of it comes first.
	Rest     func(net.Conn)
	MaxBody  int64       // of a request that is taken, in bytes
	ErrorLog *log.Logger // where panics and connections that cannot be accepted are told; the standard logger when nil

	mu          sync.Mutex
	closed      bool
	listeners   map[net.Listener]struct{}
	connections map[*connection]struct{}
	serving     sync.WaitGroup
}

// Serve answers the connections that come in by a listener, and closes it in the end. It returns nil after Shutdown, else the listener's error, and
// then connections that are there go on.
func (s *Server) Serve(listener net.Listener) error {
	defer func() { _ = listener.Close() }() // mostly it is the second time
	if !s.add(listener) {
		return nil
	}
	defer s.remove(listener)
	const shortest, longest = 5 * time.Millisecond, 160 * time.Millisecond
	for pause := shortest; ; {
		conn, err := listener.Accept()
		switch {
		case err == nil:
			s.begin(conn)
			pause = shortest
		case s.isClosed():
			return nil
		case isTemporary(err):
			s.logf("emulator: accept a connection, again in %v: %v", pause, err)
			time.Sleep(pause) // until some connections are closed, say
			pause = min(2*pause, longest)
		default:
			return err
		}
	}
}

// isTemporary says whether Accept may go well later, as when there are too many open files.
func isTemporary(err error) bool {
	temporary, ok := errors.AsType[net.Error](err)
	return ok && temporary.Temporary() //nolint:staticcheck // net/http's server goes by that too
}

func (s *Server) logf(format string, args ...any) {
	logf := log.Printf
	if s.ErrorLog != nil {
		logf = s.ErrorLog.Printf
	}
	logf(format, args...)
}

// begin answers a connection's requests.
func (s *Server) begin(conn net.Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	c := &connection{server: s, Conn: conn, cancel: cancel}
	template := &http.Request{
		Method: http.MethodPost, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RequestURI: "/", RemoteAddr: conn.RemoteAddr().String(),
	}
	c.template = template.WithContext(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = conn.Close() // nobody is answered any more
		return
	}
	if s.connections == nil {
		s.connections = map[*connection]struct{}{}
	}
	s.connections[c] = struct{}{}
	s.serving.Go(func() {
		defer cancel()
		c.serve()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.connections, c)
	})
}

// Shutdown ends all listeners, and each connection when its request is answered. When the context ends before, the rest are broken off. It
// returns when nothing is served any more. Connections that were given to Rest are not among them.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	for listener := range s.listeners {
		_ = listener.Close() // its Serve ends
	}
	for c := range s.connections {
		c.endWhenIdle()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serving.Wait()
	}()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	s.mu.Lock()
	for c := range s.connections {
		_ = c.Close() // what waits on it ends, and nothing is answered any more
		c.cancel()
	}
	s.mu.Unlock()
	<-done
}

func (s *Server) add(listener net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.listeners == nil {
		s.listeners = map[net.Listener]struct{}{}
	}
	s.listeners[listener] = struct{}{}
	return true
}

func (s *Server) remove(listener net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, listener)
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}
