package kcl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"clickstream/kcl/multilang"
)

// Run serves the daemon at the other end of in and out with p until in ends, and returns nil then. It returns an error,
// without having answered the daemon's last message, when p returns one or panics ([*PanicError]), when the daemon sends
// something that is not of the protocol, when out cannot be written, or, its cause, when ctx is cancelled.
//
// The context that p gets ends with ctx and with the end of in, at once and also while p is busy: nothing that p does
// then can be acknowledged any more. An error of p's that comes of that is not one of Run's.
//
// The calls of p's methods are made by Run's own goroutine, one after the other. A second goroutine reads in, one line
// ahead. Run waits for it before it returns; where the end came from elsewhere and the goroutine still waits for input,
// Run sets in's read deadline or else closes it, as far as in has such a method. A blocking [*os.File], which [os.Stdin] mostly
// is, cannot be interrupted: its reader stays until the daemon closes it or the program ends.
//
// Memory: the records of one call; those of earlier calls are garbage, unless p is a [Borrower]. Records are decoded while their line
// comes in. A line that is not as the daemons write it is held whole (at most 256 MiB, see [multilang.DefaultMaxLine]), two and a half
// times while the buffer grows.
func Run(ctx context.Context, in io.Reader, out io.Writer, p Processor) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	b, ok := p.(Borrower)
	feed := newFeed(in, ok && b.BorrowsRecords(), cancel)
	defer feed.close()
	r := &runner{conn: &connection{
		ended:  ctx.Done(),
		cause:  func() error { return context.Cause(ctx) },
		reader: feed,
		out:    out,
	}, processor: p}
	for {
		m, err := r.conn.next(ctx)
		if err == nil {
			err = r.answer(ctx, m)
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) && m == nil, endedByDaemon(ctx, err):
			return nil
		default:
			return err
		}
	}
}

// endedByDaemon tells whether err only says that the input had ended while the processor was at work.
func endedByDaemon(ctx context.Context, err error) bool {
	return errors.Is(context.Cause(ctx), errEndOfInput) &&
		(errors.Is(err, context.Canceled) || errors.Is(err, errEndOfInput))
}

type runner struct {
	conn        *connection
	processor   Processor
	initialized bool
}

// answer does what the message asks for and sends the status.
func (r *runner) answer(ctx context.Context, m *multilang.DaemonMessage) error {
	err := r.call(ctx, m)
	r.conn.reader.release(m)
	if err != nil {
		return err
	}
	if r.conn.broken != nil {
		return r.conn.broken
	}
	err = r.conn.send(&multilang.ChildMessage{Action: multilang.ActionStatus, ResponseFor: m.Action})
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx) // the daemon is gone, and with it the reader of our output
	}
	return err
}

// call turns a panic of the processor into an error.
func (r *runner) call(ctx context.Context, m *multilang.DaemonMessage) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{Action: m.Action, Value: value, Stack: debug.Stack()}
		}
	}()
	if err := r.dispatch(ctx, m); err != nil {
		return fmt.Errorf("kcl: %s: %w", m.Action, err)
	}
	return nil
}

func (r *runner) dispatch(ctx context.Context, m *multilang.DaemonMessage) error {
	if m.Action == multilang.ActionInitialize {
		r.initialized = true
		return r.processor.Initialize(ctx, initializeInput(m))
	}
	if !r.initialized {
		return errors.New("the daemon sent this before " + multilang.ActionInitialize)
	}
	switch m.Action {
	case multilang.ActionProcessRecords:
		return r.processRecords(ctx, m)
	case multilang.ActionLeaseLost:
		return r.processor.LeaseLost(ctx, &LeaseLostInput{})
	case multilang.ActionShardEnded:
		return r.shardEnded(ctx)
	case multilang.ActionShutdownRequested:
		return r.shutdownRequested(ctx)
	case multilang.ActionShutdown:
		return r.shutdown(ctx, m.Reason)
	}
	return errors.New("the daemon asks for an action that this version does not know")
}

func initializeInput(m *multilang.DaemonMessage) *InitializeInput {
	in := &InitializeInput{ShardID: m.ShardID}
	if m.SequenceNumber != nil {
		in.SequenceNumber = *m.SequenceNumber
	}
	if m.SubSequenceNumber != nil {
		in.SubSequenceNumber = *m.SubSequenceNumber
	}
	return in
}

func (r *runner) processRecords(ctx context.Context, m *multilang.DaemonMessage) error {
	in := &ProcessRecordsInput{
		Records:            m.Records,
		MillisBehindLatest: m.MillisBehindLatest,
		Checkpointer:       &Checkpointer{conn: r.conn},
	}
	defer in.Checkpointer.expire()
	return r.processor.ProcessRecords(ctx, in)
}

func (r *runner) shutdownRequested(ctx context.Context) error {
	p, ok := r.processor.(ShutdownRequester)
	if !ok {
		return nil
	}
	in := &ShutdownRequestedInput{Checkpointer: &Checkpointer{conn: r.conn}}
	defer in.Checkpointer.expire()
	return p.ShutdownRequested(ctx, in)
}

// shardEnded insists on an attempt at the checkpoint. Without one the Java daemon fails its shutdown task every second
// for ever, with nothing but a log line, and the shards that follow never start.
func (r *runner) shardEnded(ctx context.Context) error {
	in := &ShardEndedInput{Checkpointer: &EndCheckpointer{Checkpointer{conn: r.conn}}}
	checkpointer := &in.Checkpointer.checkpointer
	defer checkpointer.expire()
	if err := r.processor.ShardEnded(ctx, in); err != nil {
		return err
	}
	if !checkpointer.expire() {
		return errors.New("ShardEnded returned without a checkpoint: the shards that follow would never start")
	}
	return nil
}

// shutdown is how KCL 1.x says that a shard has ended or that the lease is lost.
func (r *runner) shutdown(ctx context.Context, reason string) error {
	switch reason {
	case multilang.ReasonTerminate:
		return r.shardEnded(ctx)
	case multilang.ReasonZombie:
		return r.processor.LeaseLost(ctx, &LeaseLostInput{})
	}
	return fmt.Errorf("unknown reason %q", reason)
}
