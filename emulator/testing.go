package emulator

import "net"

// Tester is what RunT and ServeT need of a [testing.T].
type Tester interface {
	Helper()
	Cleanup(f func())
	Fatalf(format string, args ...any)
}

// RunT makes an emulator that lives as long as a test, reached in memory by its Client. It works within testing/synctest.
func RunT(t Tester) *Emulator {
	t.Helper()
	return run(t, Options{})
}

// ServeT is RunT with a real port of the loopback interface, for clients in other processes; its URL says which.
func ServeT(t Tester) *Emulator {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a local listener does not wait
	if err != nil {
		t.Fatalf("cannot listen on the loopback interface: %v", err)
	}
	return run(t, Options{Listener: listener})
}

func run(t Tester, options Options) *Emulator {
	t.Helper()
	e, err := New(options)
	if err != nil {
		t.Fatalf("cannot start the emulator: %v", err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Fatalf("cannot close the emulator: %v", err)
		}
	})
	return e
}
