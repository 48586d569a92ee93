package produce

import (
	"context"
	"errors"
	"fmt"

	"clickstream/producer"
)

// outlet is the sources' way to the producer. It keeps what is not delivered, as far as there is somebody to take it.
type outlet struct {
	producer *producer.Producer
	drained  context.Context //nolint:containedctx // ends when records that were taken are given up
	fail     func(error)     // told of the first error that cannot pass
	spill    *spill
	after    func() // called when the producer is closed; nil when there is nothing to do
	done     func(producer.Result)

	turn   chan struct{} // held by put, which may wait for long, and by close
	closed bool
	unsent int64 // records that a source gave and the producer did not take in time
	line   int64 // the last one of the input that was taken, given up or refused
	whole  bool  // the input has no more
}

// errStopped ends a source when nothing more is taken.
var errStopped = errors.New("stopped")

// put takes a record from a source, waiting while the buffer is full. What was read when a signal comes is still taken. Line is where the
// record stands in the input, 0 when it does not come from lines.
func (o *outlet) put(r producer.Record, line int64) error {
	done := o.done
	if line != 0 {
		done = func(result producer.Result) { o.settled(result, line) }
	}
	return o.putWith(r, line, done)
}

func (o *outlet) putWith(r producer.Record, line int64, done func(producer.Result)) error {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	if o.closed {
		return errStopped
	}
	o.line = max(o.line, line)
	err := o.producer.Put(o.drained, r, done)
	if _, bad := errors.AsType[*producer.RecordError](err); err == nil || bad {
		return err
	}
	o.unsent++
	o.spill.add(r, line, true)
	return errStopped
}

// pass notes that a line of the input gives no record.
func (o *outlet) pass(line int64) {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	if !o.closed {
		o.line = line
	}
}

// finish notes that the input gives nothing more.
func (o *outlet) finish() {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	o.whole = o.whole || !o.closed
}

// rest says from where on the input was not taken; "" when all of it was.
func (o *outlet) rest(input string) string {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	if o.whole {
		return ""
	}
	return fmt.Sprintf("%s was read up to line %d; the lines from line %d on are not sent", input, o.line, o.line+1)
}

// close takes nothing more. A record that is being put is taken first, or given up.
func (o *outlet) close() {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	o.closed = true
}

// settled is told what became of a record.
func (o *outlet) settled(r producer.Result, line int64) {
	if r.Err == nil {
		return
	}
	o.spill.add(r.Record, line, o.drained.Err() != nil)
	if !errors.Is(r.Err, producer.ErrUndelivered) && !errors.Is(r.Err, producer.ErrExpired) {
		o.fail(r.Err)
	}
}
