package emulator

import (
	"sync"

	"clickstream/emulator/internal/wire"
)

// Fail makes the next n calls of an operation, such as "Kinesis.PutRecords", answer err instead of doing anything. An
// *Error is answered as it is, any other as the service's own failure, status 500. Calls for one operation add up. Operations of S3
// are named likewise, "S3.PutObject". Inject has more ways to fail.
func (e *Emulator) Fail(operation string, n int, err error) {
	e.failures.mu.Lock()
	defer e.failures.mu.Unlock()
	if e.failures.next == nil {
		e.failures.next = map[string][]error{}
	}
	for range n {
		e.failures.next[operation] = append(e.failures.next[operation], err)
	}
}

// failures are the errors that wait to be answered, by operation.
type failures struct {
	mu   sync.Mutex
	next map[string][]error
}

func (f *failures) intercept(service string) func(wire.Scope, string) error {
	return func(_ wire.Scope, operation string) error { return f.take(service + "." + operation) }
}

// take returns the error that a call is to be answered with, nil when there is none.
func (f *failures) take(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	waiting := f.next[name]
	if len(waiting) == 0 {
		return nil
	}
	f.next[name] = waiting[1:]
	return waiting[0]
}

// any says, at less cost than finding out an operation of S3, whether there ever was anything to be answered.
func (f *failures) any() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.next) > 0
}
