package kcltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// Start takes the lease and runs p with [kcl.Run] in a goroutine, until Close. The conversation begins with Initialize.
func (s *Shard) Start(ctx context.Context, p kcl.Processor) *Worker {
	c := startChild(ctx, p)
	return s.worker(c.in, c.out, c.wait)
}

// StartProcess takes the lease and starts a program as the child, until Close. Where cmd has no Stderr it is dropped.
func (s *Shard) StartProcess(cmd *exec.Cmd) (*Worker, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("kcltest: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("kcltest: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("kcltest: starting the child: %w", err)
	}
	return s.worker(in, out, cmd.Wait), nil
}

// Run is a child's whole life in one call: everything that the lease has not checkpointed is delivered in lists of up to
// 10,000 records; then the daemon stops in good order, or, if the shard is to end, sends shardEnded.
func (s *Shard) Run(ctx context.Context, p kcl.Processor, shardEnds bool) error {
	w := s.Start(ctx, p)
	err := w.Initialize()
	if err == nil {
		err = w.DeliverAll(0)
	}
	switch {
	case err != nil:
	case shardEnds:
		err = w.EndShard()
	default:
		if err = w.RequestShutdown(); err == nil {
			err = w.LoseLease()
		}
	}
	if childErr := w.Close(); childErr != nil {
		return childErr
	}
	return err
}

func (s *Shard) worker(in io.WriteCloser, out io.Reader, wait func() error) *Worker {
	w := &Worker{shard: s, in: in, out: out, lines: multilang.NewLineReader(out, 0), wait: wait}
	s.owner = w
	return w
}

// child is a processor at the other end of two pipes.
type child struct {
	in   *io.PipeWriter
	out  *io.PipeReader
	done chan struct{}
	err  error
}

var errChildEnded = errors.New("the child has ended")

func startChild(ctx context.Context, p kcl.Processor) *child {
	inReader, in := io.Pipe()
	out, outWriter := io.Pipe()
	c := &child{in: in, out: out, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		defer func() {
			_ = inReader.CloseWithError(errChildEnded)
			_ = outWriter.Close()
		}()
		c.err = kcl.Run(ctx, inReader, outWriter, p)
	}()
	return c
}

func (c *child) wait() error {
	<-c.done
	return c.err
}
