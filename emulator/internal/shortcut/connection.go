package shortcut

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
)

// connection is one client's.
type connection struct {
	net.Conn
	server   *Server
	cancel   context.CancelFunc // of all requests
	template *http.Request      // what all have in common
	state    atomic.Int32
	ahead    []byte // was read and not used yet
	space    []byte // that ahead lies in
	answered bool   // whether the connection has had an answer
	clock    date
}

// The states of a connection.
const (
	idle   = int32(iota) // no byte of a request is there
	active               // a request is under way
	ended                // it is closed
)

const (
	firstSpace = 4 << 10
	maxHead    = 32 << 10 // a longer one is left to net/http
	// mostLineEnds is how many bytes of empty lines may follow a request's body, which some clients send: as many as net/http passes over.
	mostLineEnds = 4
)

// serve answers one request after the other.
func (c *connection) serve() {
	given := false
	defer func() {
		if !given {
			_ = c.Close() // the client is gone, or it is to be
		}
	}()
	for {
		head, err := c.head()
		if err != nil {
			return
		}
		request := c.parse(head)
		if request == nil || !c.server.Takes(request) {
			given = true
			c.server.Rest(&resumed{Conn: c.Conn, ahead: c.ahead})
			return
		}
		c.ahead = c.ahead[len(head):]
		if !c.answer(request) || c.server.isClosed() {
			return
		}
	}
}

// endWhenIdle closes the connection if no request is under way.
func (c *connection) endWhenIdle() {
	if c.state.CompareAndSwap(idle, ended) {
		_ = c.Close() // what reads from it ends
	}
}

var errEnded = errors.New("the server is shut down")

// head returns the head of the next request, empty line and all; or nil where what is there is not the beginning of one that is taken.
func (c *connection) head() ([]byte, error) {
	if err := c.begin(); err != nil {
		return nil, err
	}
	lineEnds := mostLineEnds
	if !c.answered {
		lineEnds = 0
	}
	for searched := 0; ; {
		first := c.ahead[:min(lineEnds, len(c.ahead))]
		passed := len(first) - len(bytes.TrimLeft(first, "\r\n"))
		c.ahead, lineEnds = c.ahead[passed:], lineEnds-passed
		if !bytes.HasPrefix(c.ahead, requestLine[:min(len(c.ahead), len(requestLine))]) {
			return nil, nil
		}
		end, plain := headEnd(c.ahead, searched)
		if end > 0 {
			return c.ahead[:end], nil
		}
		if searched = len(c.ahead); !plain || searched >= maxHead {
			return nil, nil
		}
		if err := c.readAhead(); err != nil {
			return nil, err
		}
	}
}

// begin is between two requests.
func (c *connection) begin() error {
	if len(c.ahead) > 0 {
		return nil
	}
	if len(c.space) > firstSpace {
		c.ahead, c.space = nil, nil // a connection may be idle for long
	}
	c.state.Store(idle)
	if c.server.isClosed() {
		return errEnded
	}
	return nil
}

// readAhead reads more.
func (c *connection) readAhead() error {
	if len(c.ahead) == 0 {
		c.ahead = c.space[:0]
	}
	if len(c.ahead) == cap(c.ahead) {
		if 2*len(c.ahead) >= len(c.space) {
			c.space = make([]byte, max(firstSpace, 2*len(c.space)))
		}
		c.ahead = c.space[:copy(c.space, c.ahead)]
	}
	n, err := c.Read(c.ahead[len(c.ahead):cap(c.ahead)])
	c.ahead = c.ahead[:len(c.ahead)+n]
	if n > 0 {
		if !c.state.CompareAndSwap(idle, active) && c.state.Load() == ended {
			return errEnded
		}
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// answer has a request answered and says whether the connection goes on.
func (c *connection) answer(request *http.Request) (goesOn bool) {
	defer func() {
		if problem := recover(); problem != nil {
			goesOn = false
			if problem != http.ErrAbortHandler { //nolint:errorlint,err113 // as net/http's server compares
				c.server.logf("emulator: panic serving %v: %v\n%s", c.template.RemoteAddr, problem, debug.Stack())
			}
		}
	}()
	body := &body{connection: c, left: request.ContentLength}
	request.Body = body
	response := &response{connection: c, body: body, header: make(http.Header, 4)}
	c.server.Handler.ServeHTTP(response, request)
	c.answered = true
	return response.finish() == nil
}

// body is that of a request.
type body struct {
	connection *connection
	left       int64
}

// Read reads on, and answers [io.EOF] with the last bytes.
func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), b.left)]
	var n int
	var err error
	if c := b.connection; len(c.ahead) > 0 {
		n = copy(p, c.ahead)
		c.ahead = c.ahead[n:]
	} else {
		n, err = c.Read(p)
	}
	b.left -= int64(n)
	switch {
	case b.left == 0:
		return n, io.EOF
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Close does nothing: what is left is passed over after the answer.
func (b *body) Close() error { return nil }

// resumed is a connection of which something was read.
type resumed struct {
	net.Conn
	ahead []byte
}

// Read returns first what was read before.
func (r *resumed) Read(p []byte) (int, error) {
	if len(r.ahead) > 0 {
		n := copy(p, r.ahead)
		if r.ahead = r.ahead[n:]; len(r.ahead) == 0 {
			r.ahead = nil // which need not stay as long as the connection
		}
		return n, nil
	}
	return r.Conn.Read(p)
}

// CloseWrite ends what is sent, where the connection can.
func (r *resumed) CloseWrite() error {
	if half, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return r.Close()
}
