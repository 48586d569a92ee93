package emulator

import (
	"context"
	"net"
	"net/http"
	"sync"

	"clickstream/internal/wholebody"
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

// give hands a connection to whoever accepts.
func (l *memoryListener) give(connection net.Conn) {
	select {
	case l.connections <- connection:
	case <-l.closed:
		_ = connection.Close() // nobody will
	}
}

// newMemoryTransport is a client's way to a memoryListener. In memory an answer can well be there before the end of the request's body is looked for.
func newMemoryTransport(listener *memoryListener) wholebody.Transport {
	const idle = 64
	return wholebody.Transport{Transport: &http.Transport{DialContext: listener.dial, MaxIdleConnsPerHost: idle}}
}

type memoryAddress struct{}

// Network returns "memory".
func (memoryAddress) Network() string { return "memory" }

// String returns "memory".
func (memoryAddress) String() string { return "memory" }
