package consume

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"clickstream/internal/delivery"
	"clickstream/kcl"
)

// rules is how a worker cuts batches and names objects, as long as no other worker's claim says otherwise.
type rules struct {
	application, stream string
	template            *delivery.Template
	format, compression string
	maxSize             int64         // bytes of data that close a batch
	maxAge              time.Duration // since a batch's first record came in
	maxHold, maxSilence time.Duration // see holdLimit and silenceLimit; 0 is for ever
}

// checkpointer is what the chain needs of a kcl.Checkpointer.
type checkpointer interface {
	CheckpointAt(ctx context.Context, sequenceNumber string, subSequenceNumber int64) error
}

// chain delivers one shard: batch behind batch, each claimed, then stored, then checkpointed.
//
// What makes two workers of the same shard, one of them perhaps long without its lease, write the same objects: what follows a position
// is said once, by a claim that is filed under that position, and nobody stores anything else behind it. So all walk one chain of
// batches, from one checkpoint to the next, and two objects are one and the same or have no record in common. And no position is
// checkpointed before every object up to it is stored: nothing is left out.
type chain struct {
	rules
	shardID string
	store   Store
	wait    *patience
	log     *logrus.Entry

	after   delivery.Position // where the next claim is filed: the end of the last batch that is stored, or start
	heard   time.Time         // when the daemon's last message was answered
	seen    delivery.Position // the newest record that was taken in; what is delivered again is not newer
	flight  *flight           // the batch behind after while it is stored, nil if none is
	batch   batch             // what was taken in and is not on its way, all behind after, and behind what is in flight
	spare   batch             // the memory of the next batch
	agreed  *delivery.Claim   // what another worker says to follow after, until that is stored; nothing is in flight then
	skipped int               // records that lie before an agreed beginning
	metrics *metrics          // nil where nobody asked

	launched chan func()    // what the goroutine of flights is to do; nil before the first
	pilot    sync.WaitGroup // that goroutine

	lost    bool // another worker has the shard: nothing more is written
	encoder encoder
}

// take adds records to the batch and delivers what is due. All sub-records of an aggregate come in one call, so its end is always a
// place to cut. If more records are about to come, it does not wait for the last batch that is due.
func (c *chain) take(ctx context.Context, records []kcl.Record, cp checkpointer, more bool) error {
	if c.lost {
		return nil
	}
	c.batch.begin(c.format)
	limit := c.limit()
	last := c.seen // of the records; cloned at the end, or it would keep the whole delivery's memory
	for i := range records {
		r := &records[i]
		boundary, again := compare(last, r)
		if again {
			continue
		}
		if boundary && c.batch.size() >= limit && c.batch.len() > 0 {
			if err := c.advance(ctx, cp, whenDue, onItsWay); err != nil || c.lost {
				return err
			}
			limit = c.limit()
		}
		last = delivery.Position{Sequence: r.SequenceNumber, Sub: r.SubSequenceNumber}
		if c.agreed != nil && last.Compare(c.agreed.First) < 0 {
			c.skipped++
			continue
		}
		c.batch.add(r, limit)
	}
	c.seen = later(c.seen, delivery.Position{Sequence: strings.Clone(last.Sequence), Sub: last.Sub})
	c.gauge()
	if more {
		return c.advance(ctx, cp, whenDue, onItsWay)
	}
	return c.advance(ctx, cp, whenDue, stored)
}

// limit is the size from which on a place to cut is looked at: the closing rules are off while an agreed end is being read to, which
// may be at any record.
func (c *chain) limit() int {
	if c.agreed != nil {
		return 0
	}
	return int(min(c.maxSize, math.MaxInt))
}

// compare tells whether r begins a new sequence number behind last, and whether r is not behind last at all.
func compare(last delivery.Position, r *kcl.Record) (boundary, again bool) {
	if len(r.SequenceNumber) == len(last.Sequence) {
		order := strings.Compare(r.SequenceNumber, last.Sequence)
		if order == 0 {
			return false, r.SubSequenceNumber <= last.Sub
		}
		return true, order < 0
	}
	return true, len(r.SequenceNumber) < len(last.Sequence)
}

func later(p, q delivery.Position) delivery.Position {
	if p.Compare(q) > 0 {
		return p
	}
	return q
}

// closing says when a batch is closed.
type closing int

const (
	whenDue closing = iota // by size or age
	now                    // whatever there is; what another worker has agreed to go on behind it stays open
	forEver                // whatever there is: the shard has no more
)

// until says what is waited for.
type until int

const (
	onItsWay until = iota // what is due is being stored
	stored                // what is due is stored and checkpointed
)

// advance closes batches and delivers them, until what is left must wait for records or time. It checkpoints what it finds stored.
func (c *chain) advance(ctx context.Context, cp checkpointer, when closing, wait until) error {
	for !c.lost {
		if err := c.close(ctx, cp, when); err != nil || c.flight == nil || c.lost {
			return err
		}
		if wait == onItsWay && !c.flight.landed() {
			return nil
		}
		if err := c.land(ctx, cp); err != nil {
			return err
		}
	}
	return nil
}

// close sends batches on their way that are to be closed.
func (c *chain) close(ctx context.Context, cp checkpointer, when closing) error {
	for c.batch.len() > 0 && !c.lost {
		var err error
		switch {
		case c.agreed != nil && when != forEver && c.batch.last().Compare(c.agreed.End) < 0:
			return nil
		case c.agreed != nil:
			err = c.finish(ctx, cp)
		case when == whenDue && !c.due():
			return nil
		case c.flight != nil:
			err = c.land(ctx, cp)
		default:
			c.depart(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *chain) due() bool {
	return int64(c.batch.size()) >= c.maxSize || time.Since(c.batch.opened) >= c.maxAge
}

// finish stores the part of the batch up to the agreed end and checkpoints there. The rest is the next batch.
func (c *chain) finish(ctx context.Context, cp checkpointer) error {
	claim := *c.agreed
	n := c.batch.through(claim.End)
	var err error
	if n == 0 {
		err = c.reportMissing(ctx, claim)
	} else {
		err = c.save(ctx, &c.batch, claim, n)
	}
	if err != nil {
		return err
	}
	if c.skipped > 0 {
		c.log.Warnf("%d records before %s were not stored: this application's chain of objects begins later", c.skipped, claim.First)
	}
	if cp != nil {
		if err := c.checkpoint(ctx, cp, claim.End); err != nil || c.lost {
			return err
		}
	}
	c.batch.drop(n)
	c.step(claim)
	c.gauge()
	return nil
}

// step goes on behind a claim's batch.
func (c *chain) step(claim delivery.Claim) {
	c.after, c.seen = claim.End, later(c.seen, claim.End)
	c.agreed, c.skipped = nil, 0
}

// checkpoint moves the shard's checkpoint to p. When another worker has the lease, it sets lost: all that was stored is what that
// worker stores too.
func (c *chain) checkpoint(ctx context.Context, cp checkpointer, p delivery.Position) error {
	return c.checkpointed(ctx, "checkpoint at "+p.String(), func() error { return cp.CheckpointAt(ctx, p.Sequence, p.Sub) })
}

func (c *chain) checkpointed(ctx context.Context, doing string, f func() error) error {
	refused := func(err error) bool { return !errors.Is(err, kcl.ErrThrottling) && !errors.Is(err, kcl.ErrDependency) }
	err := c.wait.until(ctx, doing, refused, f)
	if errors.Is(err, kcl.ErrShutdown) {
		c.log.Warn("another worker has taken this shard over; nothing more is written here")
		c.lose()
		return nil
	}
	if err == nil {
		c.metrics.checkpointed()
	}
	return err
}

// lose forgets what is not stored: the shard's next worker reads it again. It returns how many records that were.
func (c *chain) lose() (dropped int) {
	dropped = c.batch.len()
	if f := c.abandon(); f != nil && !f.stored {
		dropped += f.batch.len()
	}
	c.lost = true
	c.batch, c.spare, c.agreed = batch{}, batch{}, nil
	c.gauge()
	return dropped
}

// gauge notes what is not stored and checkpointed.
func (c *chain) gauge() {
	if c.flight == nil {
		c.metrics.holds(&c.batch)
	} else {
		c.metrics.holds(&c.flight.batch, &c.batch)
	}
}

// end delivers all that is left of a shard that has ended and marks it as done. Numbers are not checkpointed on the way: one that
// equals the last checkpoint would be skipped and never become the shard's end.
func (c *chain) end(ctx context.Context, checkpoint func(context.Context) error) error {
	if c.lost {
		return fmt.Errorf("shard %s has ended, but another worker had taken it over", c.shardID)
	}
	if err := c.advance(ctx, nil, forEver, stored); err != nil {
		return err
	}
	if err := c.walkRemains(ctx); err != nil {
		return err
	}
	return c.checkpointed(ctx, "checkpoint at the shard's end", func() error { return checkpoint(ctx) })
}

// walkRemains looks whether batches were agreed on of which nothing was delivered before the shard ended, and reports them.
func (c *chain) walkRemains(ctx context.Context) error {
	for {
		claim, _, err := c.readClaim(ctx)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.reportMissing(ctx, claim); err != nil {
			return err
		}
		c.step(claim)
	}
}
