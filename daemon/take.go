package daemon

import (
	"context"
	"errors"
	"time"

	"clickstream/internal/leases"
)

// takeAll takes the leases that are free and starts to work on them.
func (c *coordinator) takeAll(ctx context.Context, all []leases.Lease) error {
	byKey := map[string]*leases.Lease{}
	for i := range all {
		byKey[all[i].Key] = &all[i]
	}
	for i := range all {
		lease := &all[i]
		if lease.Ended() || c.isRunning(lease.Key) || blocked(lease, byKey) || !c.free(lease) {
			continue
		}
		if err := c.take(ctx, lease); err != nil {
			return err
		}
	}
	return nil
}

// blocked reports whether a parent of the shard is not processed to its end yet. A parent without a lease does not block: it was
// processed, or nobody is to process it.
func blocked(lease *leases.Lease, byKey map[string]*leases.Lease) bool {
	for _, key := range lease.Parents {
		if parent := byKey[key]; parent != nil && !parent.Ended() {
			return true
		}
	}
	return false
}

// free reports whether a lease may be taken: nobody holds it, or it was this worker's before the daemon was started again, or its
// holder has not written it for failoverTimeMillis, as far as this daemon has watched.
func (c *coordinator) free(lease *leases.Lease) bool {
	if lease.Owner == "" || lease.Owner == c.worker && lease.Holder() == c.worker {
		return true
	}
	seen, known := c.others[lease.Key]
	if !known || seen.counter != lease.Counter || seen.owner != lease.Owner {
		c.others[lease.Key] = observation{counter: lease.Counter, owner: lease.Owner, since: time.Now()}
		return false
	}
	return time.Since(seen.since) >= c.settings.FailoverTime()
}

// take takes a lease, unless somebody else is quicker.
func (c *coordinator) take(ctx context.Context, lease *leases.Lease) error {
	delete(c.others, lease.Key)
	taken, err := c.table.Take(ctx, *lease, c.worker)
	if lost, ok := errors.AsType[*leases.LostError](err); ok {
		c.log.WithField("shard", lease.Key).Infof("did not get the lease: %v", lost)
		return nil
	}
	if err != nil {
		return err
	}
	if from := lease.Holder(); from != "" && from != c.worker {
		c.tell("%s: taken over from worker %s, which has been silent for %s", lease.Key, from, c.settings.FailoverTime())
	}
	c.start(ctx, taken)
	return nil
}
