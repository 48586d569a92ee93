package consume

import (
	"context"
	"errors"
	"time"
)

// holdLimit is how long after its first record was delivered a batch may be claimed.
//
// Claims have a limited life: the stream's retention and reserveDays. A claim was made when its records were in the stream, so it is
// there for reserveDays at least after anybody has read the same records. A worker that claims later than that (it was stopped with its
// machine, or has waited for S3) might find the position free again, although another worker's objects follow it, and cut its batch
// otherwise. A day leaves room for what daemons have read ahead, a few deliveries each as old as this, and for clocks.
const holdLimit = 24 * time.Hour

// errHeldTooLong ends the process: the daemon starts another one at the checkpoint, which reads the records again.
var errHeldTooLong = errors.New("this batch was delivered so long ago that claims for the same records may have expired since: " +
	"it is dropped, and read again from the last checkpoint")

// whileFresh returns a context that ends when the batch is too old to be claimed.
func (c *chain) whileFresh(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.maxHold == 0 {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, c.batch.opened.Add(c.maxHold), errHeldTooLong)
}

// expired tells whether ctx has ended, also where its timer has not: timers stand still while a machine sleeps, the wall clock does not.
// A deadline on a context that patience is given is whileFresh's.
func expired(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Now().Round(0).After(deadline.Round(0)) {
		return errHeldTooLong
	}
	return nil
}
