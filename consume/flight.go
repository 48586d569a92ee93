package consume

import (
	"context"
	"runtime/debug"

	"clickstream/internal/delivery"
	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// flight is a batch on its way into the store. While the daemon sends the next records, and waits for no answer to these, a goroutine
// claims and stores it. The daemon has had its answer to the batch's records by then, as it has for those of a batch that still grows: they
// are not checkpointed, and so delivered again if this process does not live to see them stored.
//
// One batch is in flight at most, so that no more than two are in memory, and nothing is claimed behind a batch that is not stored.
type flight struct {
	batch  batch
	cancel context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended; what follows is to be read only then

	claim  delivery.Claim
	stored bool // as this worker's own claim says; else claim is another worker's and nothing is stored
	err    error
}

// depart sends the batch on its way, or its beginning, if records that came back have made it too large. What is in flight ends with ctx,
// which is that of the whole run, or by abandon.
func (c *chain) depart(ctx context.Context) {
	limited, cancel := context.WithCancel(ctx)
	f := &flight{batch: c.batch, cancel: cancel, done: make(chan struct{})}
	c.batch, c.spare, c.flight = c.spare, batch{}, f
	n := f.batch.closing(c.limit())
	c.batch.join(&f.batch, n)
	f.batch.cut(n)
	c.gauge()
	c.launch(ctx, func() {
		defer close(f.done)
		defer cancel()
		if f.err = c.fly(limited, f); f.err != nil && limited.Err() == nil {
			c.log.Errorf("%v; this process ends at the daemon's next message", f.err)
		}
	})
}

// launch has the chain's own goroutine call f, which is called in any case. The goroutine ends with ctx; it is one for all flights, because
// its stack takes some growing.
func (c *chain) launch(ctx context.Context, f func()) {
	if c.launched == nil {
		launched := make(chan func())
		c.launched = launched
		c.pilot.Go(func() {
			for {
				select {
				case f := <-launched:
					f()
				case <-ctx.Done():
					return
				}
			}
		})
	}
	select {
	case c.launched <- f:
	case <-ctx.Done():
		f()
	}
}

// fly claims and stores a batch. It reads c, but changes only the encoder.
func (c *chain) fly(ctx context.Context, f *flight) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &kcl.PanicError{Action: multilang.ActionProcessRecords, Value: value, Stack: debug.Stack()}
		}
	}()
	if f.claim, f.stored, err = c.claim(ctx, &f.batch); err != nil || !f.stored {
		return err
	}
	err = c.save(ctx, &f.batch, f.claim, f.batch.len())
	f.stored = err == nil
	return err
}

// landed reports whether land would not have to wait.
func (f *flight) landed() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// land waits for what is in flight, and checkpoints it. Where another worker had claimed something else, the records come back into the
// batch.
func (c *chain) land(ctx context.Context, cp checkpointer) error {
	f := c.flight
	<-f.done
	c.flight = nil
	switch {
	case f.err != nil:
		return f.err
	case !f.stored:
		f.batch.join(&c.batch, 0)
		c.batch.reset()
		c.batch, c.spare = f.batch, c.batch
		c.agree(f.claim)
		return nil
	}
	if cp != nil {
		if err := c.checkpoint(ctx, cp, f.claim.End); err != nil || c.lost {
			return err
		}
	}
	f.batch.reset()
	c.spare = f.batch
	c.step(f.claim)
	c.gauge()
	return nil
}

// abandon ends what is in flight, and returns it, or nil if there was nothing. What has been sent may still be stored.
func (c *chain) abandon() *flight {
	f := c.flight
	if f == nil {
		return nil
	}
	f.cancel()
	<-f.done
	c.flight = nil
	return f
}
