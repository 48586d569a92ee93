package daemon

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
)

// coordinator decides which leases to work on.
type coordinator struct {
	*daemon
	tableReady bool
	nextSync   time.Time
	others     map[string]observation // leases of other workers
	waiting    bool                   // the stream is not there yet, and that was said
	reached    bool                   // somebody answers at the endpoints
	started    time.Time
}

// startPatience is how long the endpoints may be away when the daemon starts. Later on they may be away for as long as they like.
const startPatience = 10 * time.Second

// observation is the last change of a lease that somebody else holds.
type observation struct {
	counter int64
	owner   string
	since   time.Time
}

// coordinate looks at stream and leases, again and again, until ctx is done or an error cannot pass. start begins to work on a lease
// that was taken, which goes on after ctx is done.
func (d *daemon) coordinate(ctx context.Context, start func(leases.Lease)) error {
	c := &coordinator{daemon: d, others: map[string]observation{}, started: time.Now()}
	wait := backoff{first: 200 * time.Millisecond, most: 10 * time.Second}
	interval := min(d.settings.FailoverTime()/3, d.settings.ParentShardPollInterval())
	for {
		pause := interval
		taken, err := c.round(ctx)
		for _, lease := range taken {
			start(lease)
		}
		if failure := d.failure(); failure != nil || ctx.Err() != nil {
			return failure
		}
		if awsclient.Permanent(err) {
			return exit.With(exit.Usage, awsclient.Explain(err, lookAround))
		}
		if !c.answered(err) && time.Since(c.started) >= startPatience {
			return awsclient.Explain(err, lookAround)
		}
		if err != nil {
			c.say(err)
			pause = wait.next()
		} else {
			wait.reset()
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-d.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// say logs an error that may pass. That the stream is not there yet is no error: produce creates it.
func (c *coordinator) say(err error) {
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		if !c.waiting {
			c.tell("waiting for stream %s to be created", c.stream.label())
		}
		c.waiting = true
		return
	}
	c.log.WithError(awsclient.Explain(err, lookAround)).Warn("trying again")
}

// lookAround names what a round does, for error messages.
const lookAround = "look at stream and leases"

// answered reports whether the endpoints have ever answered, be it by an error.
func (c *coordinator) answered(err error) bool {
	_, answer := errors.AsType[smithy.APIError](err)
	c.reached = c.reached || err == nil || answer
	return c.reached
}

// round is one look at everything. It returns the leases that it took, also when it failed later on.
func (c *coordinator) round(ctx context.Context) ([]leases.Lease, error) {
	if !c.tableReady {
		if err := c.table.Ensure(ctx); err != nil {
			return nil, err
		}
		c.tableReady = true
	}
	all, err := c.table.List(ctx)
	if err != nil {
		return nil, err
	}
	if now := time.Now(); len(all) == 0 || !now.Before(c.nextSync) {
		if all, err = c.sync(ctx, all); err != nil {
			return nil, err
		}
		c.nextSync = now.Add(c.settings.ShardSyncInterval())
	}
	return c.takeAll(ctx, all)
}

// sync creates the leases that the stream's shards lack, deletes those that have served, and returns all leases.
func (c *coordinator) sync(ctx context.Context, all []leases.Lease) ([]leases.Lease, error) {
	if len(all) == 0 {
		return c.syncNew(ctx)
	}
	shards, err := c.stream.list(ctx, nil)
	if err != nil {
		return nil, err
	}
	held := map[string]bool{}
	for i := range all {
		held[all[i].Key] = true
	}
	for _, lease := range newShardTree(shards).missing(held, c.stream.initial) {
		if err := c.create(ctx, lease); err != nil {
			return nil, err
		}
		all = append(all, lease)
	}
	if c.settings.CleanupLeasesUponShardCompletion {
		return c.cleanUp(ctx, all, shards)
	}
	return all, nil
}

// syncNew fills an empty table.
func (c *coordinator) syncNew(ctx context.Context) ([]leases.Lease, error) {
	shards, err := c.stream.first(ctx)
	if err != nil {
		return nil, err
	}
	for i := range shards {
		if err := c.create(ctx, newLease(&shards[i], c.stream.initial)); err != nil {
			return nil, err
		}
	}
	return c.table.List(ctx)
}

func (c *coordinator) create(ctx context.Context, lease leases.Lease) error {
	created, err := c.table.Create(ctx, lease)
	if created {
		c.log.WithField("shard", lease.Key).Infof("created a lease at %s", lease.Checkpoint)
	}
	return err
}

// cleanUp deletes finished leases (see finished) and returns the others.
func (c *coordinator) cleanUp(ctx context.Context, all []leases.Lease, shards []types.Shard) ([]leases.Lease, error) {
	done := finished(all, shards)
	for key := range done {
		if err := c.table.Delete(ctx, key); err != nil {
			return nil, err
		}
		c.log.WithField("shard", key).Info("deleted the lease: the shard is processed, and those that follow it have begun")
	}
	kept := make([]leases.Lease, 0, len(all))
	for i := range all {
		if !done[all[i].Key] {
			kept = append(kept, all[i])
		}
	}
	return kept, nil
}

// finished returns the leases that may go, as in KCL (LeaseCleanupManager): the shard is processed to its end, its parents' leases are
// gone, and each shard that follows it has a lease with a checkpoint of its own. Also one that ended because the stream no longer keeps
// the shard, when nothing follows it.
func finished(all []leases.Lease, shards []types.Shard) map[string]bool {
	byKey, listed := map[string]*leases.Lease{}, map[string]bool{}
	for i := range all {
		byKey[all[i].Key] = &all[i]
	}
	for i := range shards {
		listed[aws.ToString(shards[i].ShardId)] = true
	}
	done := map[string]bool{}
	for i := range all {
		lease := &all[i]
		if !lease.Ended() || anyIn(lease.Parents, byKey) {
			continue
		}
		if allProgressed(lease.Children, byKey) || len(lease.Children) == 0 && !listed[lease.Key] {
			done[lease.Key] = true
		}
	}
	return done
}

func anyIn(keys []string, byKey map[string]*leases.Lease) bool {
	for _, key := range keys {
		if byKey[key] != nil {
			return true
		}
	}
	return false
}

func allProgressed(children []string, byKey map[string]*leases.Lease) bool {
	for _, key := range children {
		child := byKey[key]
		if child == nil || (position{sequence: child.Checkpoint}).initial() {
			return false
		}
	}
	return len(children) > 0
}
