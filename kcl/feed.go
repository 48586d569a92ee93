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

// lineFeed reads lines in a goroutine of its own, one line ahead and no more, so that the end of input is seen while the
// processor is busy. There is one line buffer: a line is valid until release, after which the next one is read.
type lineFeed struct {
	in     io.Reader
	ready  chan []byte
	free   chan struct{}
	stop   chan struct{}
	done   chan struct{} // closed when the goroutine has ended
	cancel context.CancelCauseFunc
	lines  int  // lines taken, for error messages
	cut    bool // the last line taken has no line end: it is the last of the input, and may be less than a message
}

// newLineFeed starts reading. When the input ends or fails, cancel is called with errEndOfInput or with the error.
func newLineFeed(in io.Reader, cancel context.CancelCauseFunc) *lineFeed {
	f := &lineFeed{
		in:     in,
		ready:  make(chan []byte),
		free:   make(chan struct{}),
		stop:   make(chan struct{}),
		done:   make(chan struct{}),
		cancel: cancel,
	}
	go f.read()
	return f
}

func (f *lineFeed) read() {
	defer close(f.done)
	reader := multilang.NewLineReader(f.in, 0)
	for {
		line, err := reader.ReadLine()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = errEndOfInput
			} else {
				err = fmt.Errorf("kcl: reading from the daemon: %w", err)
			}
			f.cancel(err)
			return
		}
		f.cut = reader.Cut() // nobody looks at it before ready says so
		select {
		case f.ready <- line:
		case <-f.stop:
			return
		}
		select {
		case <-f.free:
		case <-f.stop:
			return
		}
	}
}

// next waits for a line that is not empty. It returns false as soon as one of the channels is closed.
func (f *lineFeed) next(done, ended <-chan struct{}) ([]byte, bool) {
	for {
		select {
		case <-done:
			return nil, false
		case <-ended:
			return nil, false
		default:
		}
		select {
		case line := <-f.ready:
			f.lines++
			if len(line) > 0 {
				return line, true
			}
			f.release()
		case <-done:
		case <-ended:
		}
	}
}

// release gives the buffer of the last line back.
func (f *lineFeed) release() { f.free <- struct{}{} }

// joinTimeout bounds the wait for a Read that Close should have released and did not.
const joinTimeout = time.Second

// close ends the goroutine. A Read that waits for the daemon is interrupted by a deadline or by closing the input; where
// neither is possible (a blocking [os.Stdin]), it ends with the process or with the daemon's next byte, which is dropped.
func (f *lineFeed) close() {
	close(f.stop)
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
