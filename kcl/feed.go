package kcl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"clickstream/kcl/multilang"
)

// feed reads messages in a goroutine of its own, one message ahead and no more, so that the end of input is seen while the processor
// is busy.
type feed struct {
	in       io.Reader
	receiver *multilang.Receiver
	ready    chan received
	stop     chan struct{}
	done     chan struct{} // closed when the goroutine has ended
	cancel   context.CancelCauseFunc
}

// received is a message, or why a line is none.
type received struct {
	message *multilang.DaemonMessage
	err     error
}

// newFeed starts reading. When the input ends or fails, cancel is called with errEndOfInput or with the error. With reuse the records of
// a message are the processor's only until release.
func newFeed(in io.Reader, reuse bool, cancel context.CancelCauseFunc) *feed {
	f := &feed{
		in:       in,
		receiver: multilang.NewReceiver(in, 0, reuse),
		ready:    make(chan received),
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
		cancel:   cancel,
	}
	widen(in)
	go f.read()
	return f
}

func (f *feed) read() {
	defer close(f.done)
	for {
		m, err := f.receiver.Receive()
		if failure, ok := errors.AsType[*multilang.ReadError](err); ok {
			if errors.Is(err, io.EOF) {
				f.cancel(errEndOfInput)
			} else {
				f.cancel(fmt.Errorf("kcl: reading from the daemon: %w", failure.Err))
			}
			return
		}
		if err != nil && f.receiver.Cut() {
			f.cancel(errEndOfInput) // the daemon has died while it wrote this
			return
		}
		if err != nil {
			err = fmt.Errorf("kcl: the daemon's line %d is not a message: %w", f.receiver.Line(), err)
		}
		select {
		case f.ready <- received{m, err}:
		case <-f.stop:
			return
		}
	}
}

// next waits for a message. It returns false as soon as one of the channels is closed.
func (f *feed) next(done, ended <-chan struct{}) (received, bool) {
	select {
	case <-done:
		return received{}, false
	case <-ended:
		return received{}, false
	default:
	}
	select {
	case next := <-f.ready:
		return next, true
	case <-done:
	case <-ended:
	}
	return received{}, false
}

// release gives the memory of a message's records back.
func (f *feed) release(m *multilang.DaemonMessage) { f.receiver.Release(m) }

// joinTimeout bounds the wait for a Read that Close should have released and did not.
const joinTimeout = time.Second

// close ends the goroutine. A Read that waits for the daemon is interrupted by a deadline or by closing the input; where
// neither is possible (a blocking [os.Stdin]), it ends with the process or with the daemon's next byte, which is dropped.
func (f *feed) close() {
	close(f.stop)
	f.release(nil)
	select {
	case <-f.done:
		return
	default:
	}
	if !interrupt(f.in) {
		return
	}
	timer := time.NewTimer(joinTimeout)
	defer timer.Stop()
	select {
	case <-f.done:
	case <-timer.C:
	}
}

func interrupt(in io.Reader) bool {
	if d, ok := in.(interface{ SetReadDeadline(t time.Time) error }); ok && d.SetReadDeadline(time.Unix(1, 0)) == nil {
		return true
	}
	if _, isFile := in.(*os.File); isFile {
		return false // its Close would not release the Read
	}
	c, ok := in.(io.Closer)
	return ok && c.Close() == nil
}
