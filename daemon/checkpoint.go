package daemon

import (
	"context"
	"errors"
	"fmt"

	"clickstream/internal/leases"
)

// The simple names of the exceptions that the Java daemon answers a checkpoint with; children tell them apart by these names.
const (
	illegalArgument = "IllegalArgumentException"            // not a position, or out of range
	invalidState    = "InvalidStateException"               // no checkpoint is possible during this action
	throttling      = "ThrottlingException"                 // DynamoDB is busy: try again
	shutdown        = "ShutdownException"                   // the lease is lost
	dependency      = "KinesisClientLibDependencyException" // DynamoDB failed otherwise
)

// checkpointer holds one child's checkpoints to KCL's rules (ShardRecordProcessorCheckpointer).
type checkpointer struct {
	lease *heldLease

	last    position // the last that was stored
	largest position // the greatest that the child may checkpoint: what it was given last

	// beforeEnd is the last position before the shard's end, set when the child is told of it. A checkpoint there ends the lease.
	beforeEnd *position
}

// checkpoint stores a position, the last delivered one for nil, and returns the exception's name, "" when it is stored. The error
// goes with it for the log.
func (c *checkpointer) checkpoint(ctx context.Context, sequence *string, sub *int64) (string, error) {
	at := c.largest
	if sequence != nil {
		at = position{sequence: *sequence}
		if sub != nil {
			at.sub = *sub
		}
		if err := c.permit(at); err != nil {
			return illegalArgument, err
		}
	}
	return c.store(ctx, at)
}

// permit returns why the child may not checkpoint at p.
func (c *checkpointer) permit(p position) error {
	switch {
	case p.check() != nil:
		return fmt.Errorf("%q is %w", p.sequence, errNotAPosition)
	case p.sub < 0:
		return fmt.Errorf("sub-sequence number %d is negative", p.sub)
	case p.compare(c.last) < 0:
		return fmt.Errorf("%s lies before the last checkpoint, %s", p, c.last)
	case p.compare(c.largest) > 0:
		return fmt.Errorf("%s lies after the last record delivered, %s", p, c.largest)
	}
	return nil
}

// store writes p unless it is stored already: then nothing is written, also where the shard's end would have been.
func (c *checkpointer) store(ctx context.Context, p position) (string, error) {
	if p == c.last {
		return "", nil
	}
	if c.beforeEnd != nil && p == *c.beforeEnd {
		p = position{sequence: leases.ShardEnd}
	}
	if err := c.lease.checkpoint(ctx, p); err != nil {
		return exception(err), err
	}
	c.last = p
	return "", nil
}

// endShard allows the checkpoint SHARD_END.
func (c *checkpointer) endShard() {
	before := c.largest
	c.beforeEnd, c.largest = &before, position{sequence: leases.ShardEnd}
}

// exception returns the name of the exception for an error of the lease table.
func exception(err error) string {
	_, lost := errors.AsType[*leases.LostError](err)
	switch {
	case lost:
		return shutdown
	case leases.Throttled(err):
		return throttling
	default:
		return dependency
	}
}
