package daemon

import (
	"context"
	"errors"
	"time"

	"github.com/sirupsen/logrus"

	"clickstream/internal/leases"
	"clickstream/kcl/deaggregate"
)

// takeAll takes the leases that are free and returns them.
func (c *coordinator) takeAll(ctx context.Context, all []leases.Lease) ([]leases.Lease, error) {
	var taken []leases.Lease
	byKey := map[string]*leases.Lease{}
	for i := range all {
		byKey[all[i].Key] = &all[i]
	}
	for i := range all {
		lease := &all[i]
		if lease.Ended() || c.isRunning(lease.Key) || blocked(lease, byKey) || !c.free(lease) {
			continue
		}
		got, err := c.take(ctx, lease)
		if err != nil {
			return taken, err
		}
		if got != nil {
			taken = append(taken, *got)
		}
	}
	return taken, nil
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
	if !known {
		c.tell("%s: held by worker %s; taken over when that is silent for %s", lease.Key, lease.Holder(), c.settings.FailoverTime())
	}
	if !known || seen.counter != lease.Counter || seen.owner != lease.Owner {
		c.others[lease.Key] = observation{counter: lease.Counter, owner: lease.Owner, since: time.Now()}
		return false
	}
	return time.Since(seen.since) >= c.settings.FailoverTime()
}

// take takes a lease; it returns nil when somebody else was quicker.
func (c *coordinator) take(ctx context.Context, lease *leases.Lease) (*leases.Lease, error) {
	delete(c.others, lease.Key)
	taken, err := c.table.Take(ctx, *lease, c.worker)
	if lost, ok := errors.AsType[*leases.LostError](err); ok {
		c.log.WithField("shard", lease.Key).Infof("did not get the lease: %v", lost)
		return nil, nil //nolint:nilnil // said above
	}
	if err != nil {
		return nil, err
	}
	if from := lease.Holder(); from != "" && from != c.worker {
		c.tell("%s: taken over from worker %s, which has been silent for %s", lease.Key, from, c.settings.FailoverTime())
	}
	return &taken, nil
}

// hashKeys returns the range of hash keys of a lease's shard. Leases of KCL 1 do not say: their shards are given all aggregates whole.
func hashKeys(lease *leases.Lease, log *logrus.Entry) deaggregate.HashKeyRange {
	if lease.StartingHashKey == "" && lease.EndingHashKey == "" {
		return deaggregate.AllHashKeys()
	}
	keys, err := deaggregate.ParseHashKeyRange(lease.StartingHashKey, lease.EndingHashKey)
	if err != nil {
		log.WithError(err).Warn("the lease's range of hash keys cannot be read; taking all hash keys for the shard's")
		return deaggregate.AllHashKeys()
	}
	return keys
}
