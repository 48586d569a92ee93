package kcl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"clickstream/kcl/multilang"
)

// errEndOfInput is the cause of the context's end when the daemon has closed our input.
var errEndOfInput = errors.New("kcl: the daemon has closed standard input")

// connection is the conversation with the daemon. Only one goroutine at a time uses it: Run's own, or the one that holds
// the lock of the current call's Checkpointer.
type connection struct {
	ended  <-chan struct{} // closed with the input or with Run's context
	cause  func() error    // why ended was closed: errEndOfInput, an error of reading, or what the caller said; else nil
	reader *feed
	out    io.Writer
	buf    []byte
	owed   int   // replies to checkpoints that nobody waits for any more
	broken error // why the conversation cannot go on
}

// next returns the next message. When it stops waiting the error is [io.EOF] at the end of input, else the cause of the end
// of Run's context or of ctx.
func (c *connection) next(ctx context.Context) (*multilang.DaemonMessage, error) {
	for {
		next, ok := c.reader.next(ctx.Done(), c.ended)
		if !ok {
			return nil, c.whyEnded(ctx)
		}
		if m := next.message; next.err != nil || m.Action != multilang.ActionCheckpoint || c.owed == 0 {
			return m, next.err
		}
		c.owed--
	}
}

func (c *connection) whyEnded(ctx context.Context) error {
	switch cause := c.cause(); {
	case cause == nil:
		return context.Cause(ctx)
	case errors.Is(cause, errEndOfInput):
		return io.EOF
	default:
		return cause
	}
}

// send writes a message in one piece: a Write that is cut would be two lines to the daemon.
func (c *connection) send(m *multilang.ChildMessage) error {
	c.buf = m.AppendLine(c.buf[:0])
	if _, err := c.out.Write(c.buf); err != nil {
		return c.fail(fmt.Errorf("kcl: writing %s to the daemon: %w", m.Action, err))
	}
	return nil
}

func (c *connection) fail(err error) error {
	if c.broken == nil {
		c.broken = err
	}
	return err
}

// checkpoint asks once for a checkpoint and waits for the reply. When ctx ends first, the reply is skipped later.
func (c *connection) checkpoint(ctx context.Context, m *multilang.ChildMessage) error {
	if c.broken != nil {
		return c.broken
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("kcl: checkpoint not asked for: %w", context.Cause(ctx))
	}
	if err := c.send(m); err != nil {
		return err
	}
	reply, err := c.next(ctx)
	switch {
	case err == nil:
		return c.verdict(m, reply)
	case c.cause() == nil && ctx.Err() != nil:
		c.owed++
		return fmt.Errorf("kcl: no reply yet to the checkpoint, it may or may not be stored: %w", context.Cause(ctx))
	case errors.Is(err, io.EOF):
		return fmt.Errorf("kcl: no reply to the checkpoint, it may or may not be stored: %w", errEndOfInput)
	default:
		return c.fail(err)
	}
}

func (c *connection) verdict(asked *multilang.ChildMessage, reply *multilang.DaemonMessage) error {
	if reply.Action != multilang.ActionCheckpoint {
		return c.fail(fmt.Errorf("kcl: the daemon answered a checkpoint with %q", reply.Action))
	}
	if reply.Error == "" {
		return nil
	}
	position := "the last record delivered"
	if asked.SequenceNumber != nil {
		position = fmt.Sprintf("%s.%d", *asked.SequenceNumber, *asked.SubSequenceNumber)
	}
	return &CheckpointError{Class: reply.Error, Position: position}
}

func (c *connection) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.ended:
		return c.cause()
	}
}
