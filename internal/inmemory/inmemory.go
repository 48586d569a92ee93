// Package inmemory connects clients and servers within the process. Waiting on its connections is waiting on channels, which testing/synctest can
// see, unlike waiting on a socket.
package inmemory

import (
	"context"
	"net"
	"sync"
)

// Listener accepts what is dialled or given. Its methods may be called at the same time.
type Listener struct {
	connections chan net.Conn
	closed      chan struct{}
	closing     sync.Once
}

// Listen makes a Listener.
func Listen() *Listener {
	return &Listener{connections: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for a client's call. After Close it returns [net.ErrClosed].
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends all waiting. It never fails.
func (l *Listener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address that says no more than that there is none.
func (l *Listener) Addr() net.Addr { return Address{} }

// Dial connects a client as soon as it is accepted, whatever address it asks for. After Close it returns [net.ErrClosed].
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
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

// Give hands a connection to whoever accepts. After Close it is closed.
func (l *Listener) Give(connection net.Conn) {
	select {
	case l.connections <- connection:
	case <-l.closed:
		_ = connection.Close() // nobody will accept it
	}
}

// Address is that of a Listener.
type Address struct{}

// Network returns "memory".
func (Address) Network() string { return "memory" }

// String returns "memory".
func (Address) String() string { return "memory" }
