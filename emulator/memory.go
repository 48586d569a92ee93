package emulator

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
)

// memoryListener hands over connections within the process. Waiting on it is waiting on channels, which testing/synctest
// can see, unlike waiting on a socket.
type memoryListener struct {
	connections chan net.Conn
	closed      chan struct{}
	closing     sync.Once
}

func newMemoryListener() *memoryListener {
	return &memoryListener{connections: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for a client's call.
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends all waiting.
func (l *memoryListener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address that says where the listener is.
func (l *memoryListener) Addr() net.Addr { return memoryAddress{} }

// dial connects a client, whatever address it asks for.
func (l *memoryListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.connections <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// memoryTransport is a client's way to a memoryListener.
type memoryTransport struct{ *http.Transport }

func newMemoryTransport(listener *memoryListener) memoryTransport {
	const idle = 64
	return memoryTransport{&http.Transport{DialContext: listener.dial, MaxIdleConnsPerHost: idle}}
}

// RoundTrip sends a request. In memory the answer can be there before the transport has looked for the end of the request's
// body, and the AWS SDK closes the body as soon as there is an answer. Its WriteTo then fails, for which the transport
// breaks the connection off in the middle of the answer, while its Read just says EOF. So WriteTo is hidden.
func (t memoryTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request = request.WithContext(request.Context()) // a copy
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return t.Transport.RoundTrip(request)
}

type memoryAddress struct{}

// Network returns "memory".
func (memoryAddress) Network() string { return "memory" }

// String returns "memory".
func (memoryAddress) String() string { return "memory" }
