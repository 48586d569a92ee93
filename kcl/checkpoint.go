package kcl

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"clickstream/kcl/multilang"
)

// Throttled checkpoints are tried again after 0.1 s, 0.2 s and so on up to 10 s, each wait shortened at random by up to a
// half so that the shards of a host do not come back together; after 12 attempts, a minute at most, the error is returned.
const (
	firstBackoff       = 100 * time.Millisecond
	longestBackoff     = 10 * time.Second
	checkpointAttempts = 12
)

// Checkpointer stores in the lease table how far the shard is done, so that nobody gets those records again. It asks the
// daemon and waits for the answer. It belongs to the call it came with: after that it answers ErrInvalidState.
//
// A refusal is a [*CheckpointError]. ThrottlingException is tried again, with growing pauses, before it is returned.
type Checkpointer struct {
	mu   sync.Mutex
	conn *connection // nil after the call has returned
	used bool        // a checkpoint was asked for
}

// EndCheckpointer is the [Checkpointer] of a shard that has ended: it only knows the one checkpoint that marks the shard
// as done. A checkpoint with a number would do that only if the number is the shard's last and not yet checkpointed.
type EndCheckpointer struct{ checkpointer Checkpointer }

// Checkpoint marks the shard as done; the daemon goes on with the shards that it was split or merged into.
func (c *EndCheckpointer) Checkpoint(ctx context.Context) error {
	return c.checkpointer.Checkpoint(ctx)
}

// Checkpoint stores that all records delivered up to now are done.
func (c *Checkpointer) Checkpoint(ctx context.Context) error {
	return c.checkpoint(ctx, &multilang.ChildMessage{Action: multilang.ActionCheckpoint})
}

// CheckpointRecord stores that all records up to and with r are done.
func (c *Checkpointer) CheckpointRecord(ctx context.Context, r Record) error {
	return c.CheckpointAt(ctx, r.SequenceNumber, r.SubSequenceNumber)
}

// CheckpointAt stores that all records up to and with this one are done. The position lies between the last checkpoint
// and the last record delivered, else the answer is ErrIllegalArgument.
func (c *Checkpointer) CheckpointAt(ctx context.Context, sequenceNumber string, subSequenceNumber int64) error {
	return c.checkpoint(ctx, &multilang.ChildMessage{
		Action:            multilang.ActionCheckpoint,
		SequenceNumber:    &sequenceNumber,
		SubSequenceNumber: &subSequenceNumber,
	})
}

func (c *Checkpointer) checkpoint(ctx context.Context, m *multilang.ChildMessage) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return fmt.Errorf("kcl: a checkpointer was used after its call had returned: %w", ErrInvalidState)
	}
	c.used = true
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		err := c.conn.checkpoint(ctx, m)
		if attempt == checkpointAttempts || !errors.Is(err, ErrThrottling) {
			return err
		}
		if stopped := c.conn.sleep(ctx, backoff/2+rand.N(backoff/2)); stopped != nil {
			return fmt.Errorf("%w (%w)", err, stopped)
		}
		backoff = min(2*backoff, longestBackoff)
	}
}

// expire ends the checkpointer's validity and tells whether it was used. It waits for a checkpoint that still runs.
func (c *Checkpointer) expire() (used bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = nil
	return c.used
}
