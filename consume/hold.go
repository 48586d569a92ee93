package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clickstream/internal/delivery"
)

// Claims have a limited life: the stream's retention and reserveDays (7) more. These rules see to it that no claim is missed by a worker
// that would have had to follow it.
//
//   - A batch is claimed within holdLimit of its delivery. Whoever has claimed the same records has done so since they came into the
//     stream, which still had them at the delivery.
//   - A claim that is older than holdLimit is renewed by who follows it, before anything is claimed behind it: a claim must not go
//     before those that can only be reached by it.
//   - A worker that has heard nothing of its daemon for silenceLimit ends. It may have been stopped with its machine while others went
//     on, and would take an old position for the place where the records go on. A daemon that runs says that a lease is lost much
//     sooner.
//
// Together they, and what daemons have read ahead, stay below the reserve. The model test shows doubles where one of the first two rules
// is left out; the third is against what is too rare for it.
const (
	holdLimit    = 24 * time.Hour
	silenceLimit = 5 * 24 * time.Hour
)

// Both end the process: the daemon starts another one at the checkpoint, which reads the records again.
var (
	errHeldTooLong = errors.New("this batch was delivered so long ago that claims for the same records may have expired since: " +
		"it is dropped, and read again from the last checkpoint")
	errSilence = errors.New("the daemon was silent for so long that the shard's next claims may have expired since: " +
		"what follows is read again from the last checkpoint")
)

// whileFresh returns a context that ends when the batch b is too old to be claimed.
func (c *chain) whileFresh(ctx context.Context, b *batch) (context.Context, context.CancelFunc) {
	if c.maxHold == 0 {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, b.opened.Add(c.maxHold), errHeldTooLong)
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

// listen is called when the daemon says something; done when it has its answer.
func (c *chain) listen() (done func(), err error) {
	if c.maxSilence > 0 && !c.heard.IsZero() && time.Now().Round(0).Sub(c.heard.Round(0)) > c.maxSilence {
		return func() {}, errSilence
	}
	return func() { c.heard = time.Now() }, nil
}

// follow returns the claim that is filed under c.after, renewed if it is old, or ErrNotFound.
func (c *chain) follow(ctx context.Context) (delivery.Claim, error) {
	claim, o, err := c.readClaim(ctx)
	if err != nil || c.maxHold == 0 || o.Stored.IsZero() || time.Since(o.Stored) < c.maxHold {
		return claim, err
	}
	switch err := c.store.Renew(ctx, o); {
	case errors.Is(err, ErrNotFound):
		return delivery.Claim{}, err
	case err != nil:
		return delivery.Claim{}, fmt.Errorf("renewing the old claim %s: %w", o.Key, err)
	}
	return claim, nil
}
