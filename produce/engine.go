package produce

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"
)

// source gives the records to be sent.
type source interface {
	// fill adds records to an empty batch: as many as fit, or fewer when no more come for the moment. It returns io.EOF when there
	// will be no more, possibly with the last ones in the batch. When the context ends it returns soon; records in the batch count.
	fill(ctx context.Context, b *batch) error
}

// drainLimit is how long, after a signal, the engine goes on with the records it already has.
const drainLimit = 5 * time.Second

// engine sends the records of a source.
type engine struct {
	api      API
	target   target
	inFlight int // requests at once
	limit    int // records in a request
	seed     uint64
	pace     *pacer
	counts   *ledger
	shards   *shardMap                    // told where records went; nil when nobody wants to know
	warn     func(key string, text error) // says something to a person, not too often for one key
}

// run sends everything the source gives and returns nil, or why not all of it was stored: the source's error after which there was
// nothing more to send, or the error of a request that cannot pass. When ctx ends it takes no more from the source, gives what it
// has drainLimit to be stored, and returns nil; the counts say what was not delivered.
func (e *engine) run(ctx context.Context, from source) error {
	drained, stop := outlive(ctx, drainLimit)
	defer stop()
	group, sending := errgroup.WithContext(drained)
	filling, stopFilling := context.WithCancel(ctx)
	defer stopFilling()
	defer context.AfterFunc(sending, stopFilling)()

	full := make(chan *batch)
	empty := make(chan *batch, e.inFlight+2) // one with each sender, one being filled, one waiting
	for range cap(empty) {
		empty <- newBatch(e.limit)
	}
	var sourceErr error
	group.Go(func() error {
		defer close(full)
		sourceErr = e.fill(filling, sending, from, empty, full)
		return nil
	})
	for i := range e.inFlight {
		s := &sender{engine: e, random: rand.New(rand.NewPCG(e.seed, uint64(i)))}
		group.Go(func() error {
			for b := range full {
				if err := s.deliver(sending, b); err != nil {
					return err
				}
				b.reset()
				empty <- b
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return sourceErr
}

// fill hands batch after batch of the source to the senders.
func (e *engine) fill(filling, sending context.Context, from source, empty, full chan *batch) error {
	for filling.Err() == nil {
		var b *batch
		select {
		case b = <-empty:
		case <-filling.Done():
			return nil
		}
		err := from.fill(filling, b)
		if n := int64(len(b.records)); n > 0 {
			e.counts.update(func(c *counts) { c.sent += n })
			select {
			case full <- b:
			case <-sending.Done():
				e.counts.update(func(c *counts) { c.undelivered += n })
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && filling.Err() == nil {
			return err
		}
	}
	return nil
}

// outlive returns a context that ends so long after ctx has, or when it is stopped.
func outlive(ctx context.Context, limit time.Duration) (context.Context, func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	remove := context.AfterFunc(ctx, func() {
		_ = sleep(longer, limit) // ends early when the engine is done
		cancel()
	})
	return longer, func() {
		remove()
		cancel()
	}
}
