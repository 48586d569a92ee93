package daemon

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"clickstream/internal/leases"
)

// leaseCallTimeout bounds one call to the lease table, so that a silent endpoint is noticed.
const leaseCallTimeout = 10 * time.Second

// checkpointPatience is how long a checkpoint is tried while DynamoDB does not answer, before the child is told.
const checkpointPatience = 30 * time.Second

// heldLease is a lease that this worker holds. Renewals and checkpoints both move its counter, so they go one after the other.
//
// There is no expiry by the clock as in KCL: each write carries the condition that nobody else wrote in between, so a lease that
// nobody took while DynamoDB was away is simply renewed when it is back.
type heldLease struct {
	table *leases.Table
	log   *logrus.Entry

	mu    sync.Mutex
	lease leases.Lease
	loss  *leases.LostError // how the lease was lost

	lost     chan struct{} // closed when somebody else has the lease
	handOver chan struct{} // closed when this worker was told to give it up
}

func holdLease(table *leases.Table, lease leases.Lease, log *logrus.Entry) *heldLease {
	return &heldLease{table: table, lease: lease, log: log, lost: make(chan struct{}), handOver: make(chan struct{})}
}

// position returns the checkpoint.
func (h *heldLease) position() position {
	h.mu.Lock()
	defer h.mu.Unlock()
	return position{h.lease.Checkpoint, h.lease.CheckpointSub}
}

// reason returns how the lease was lost, nil while it is held.
func (h *heldLease) reason() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.loss == nil {
		return nil
	}
	return h.loss
}

// renew renews the lease each interval until ctx is done or the lease is lost.
func (h *heldLease) renew(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.lost:
			return
		case <-ticker.C:
		}
		err := h.write(ctx, func(ctx context.Context, l leases.Lease) (leases.Lease, error) { return h.table.Renew(ctx, l) })
		if _, lost := errors.AsType[*leases.LostError](err); err != nil && !lost && ctx.Err() == nil {
			h.log.WithError(err).Warn("cannot renew the lease; trying again")
		}
	}
}

// checkpoint stores p. While DynamoDB fails it tries again, up to checkpointPatience; being throttled is left to the child.
func (h *heldLease) checkpoint(ctx context.Context, p position) error {
	patience, cancel := context.WithTimeout(ctx, checkpointPatience)
	defer cancel()
	wait := backoff{first: 200 * time.Millisecond, most: 5 * time.Second}
	for {
		err := h.write(patience, func(ctx context.Context, l leases.Lease) (leases.Lease, error) {
			return h.table.Checkpoint(ctx, l, p.sequence, p.sub)
		})
		if _, lost := errors.AsType[*leases.LostError](err); err == nil || lost || leases.Throttled(err) {
			return err
		}
		h.log.WithError(err).Warn("cannot store the checkpoint; trying again")
		if !wait.pause(patience.Done()) {
			return err
		}
	}
}

// write does one write under the lock and takes note of a loss or a handover.
func (h *heldLease) write(ctx context.Context, do func(context.Context, leases.Lease) (leases.Lease, error)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.loss != nil {
		return h.loss
	}
	ctx, cancel := context.WithTimeout(ctx, leaseCallTimeout)
	defer cancel()
	written, err := do(ctx, h.lease)
	if loss, lost := errors.AsType[*leases.LostError](err); lost {
		h.lose(loss)
	}
	if err != nil {
		return err
	}
	if written.HandOverFrom != "" && h.lease.HandOverFrom == "" {
		close(h.handOver)
	}
	h.lease = written
	return nil
}

// giveUp hands the lease to the worker that waits for it. Afterwards this worker has lost it, whatever the answer was.
func (h *heldLease) giveUp(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.loss != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, leaseCallTimeout)
	defer cancel()
	if err := h.table.HandOver(ctx, h.lease); err != nil {
		h.log.WithError(err).Warn("cannot hand the lease over; the other worker will take it when it is no longer renewed")
	}
	h.lose(&leases.LostError{Key: h.lease.Key, Now: &leases.Lease{Owner: h.lease.Owner}})
}

func (h *heldLease) lose(err *leases.LostError) {
	h.loss = err
	close(h.lost)
}
