package consume

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sirupsen/logrus"

	"clickstream/internal/exit"
	"clickstream/internal/pause"
)

// Waits between attempts grow from the first to the longest and are shortened at random by up to a half, so that the shards of a host do
// not come back together. An attempt gets a minute, and another second for each MiB of body, before it counts as failed.
const (
	firstWait       = 100 * time.Millisecond
	longestWait     = 20 * time.Second
	attemptTime     = time.Minute
	attemptByteRate = 1 << 20
)

// patience waits out faults in place: the daemon sees silence, not death. It ends only with the context.
type patience struct {
	log       *logrus.Entry
	permanent func(error) bool // faults that cannot pass
	random    *rand.Rand
	metrics   *metrics // nil where nobody asked
}

// until calls f until it succeeds or fails for good, as settled says. doing names the work for the log.
func (p *patience) until(ctx context.Context, doing string, settled func(error) bool, f func() error) error {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		if err := expired(ctx); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		err := f()
		switch {
		case err == nil || settled(err):
			if attempt > 1 {
				p.log.Infof("%s: done, after %d failed attempts", doing, attempt-1)
			}
			return err
		case ctx.Err() != nil:
			return fmt.Errorf("%s: %w", doing, context.Cause(ctx))
		case p.permanent(err):
			return exit.With(exit.Usage, fmt.Errorf("%s: %w", doing, err))
		}
		delay := wait/2 + time.Duration(p.random.Int64N(int64(wait/2)))
		p.metrics.retry()
		p.log.Warnf("%s: %v; attempt %d comes in %s", doing, err, attempt+1, delay.Round(time.Millisecond))
		if err := pause.For(ctx, delay); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		wait = min(2*wait, longestWait)
	}
}

// patientStore is a Store whose faults are waited out.
type patientStore struct {
	store Store
	*patience
}

// answered tells the answers of a store from its faults.
func answered(err error) bool {
	return errors.Is(err, ErrExists) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrTooLarge)
}

// Create implements Store. After a lost reply it may say ErrExists of what it has itself stored.
func (s *patientStore) Create(ctx context.Context, o StoredObject) error {
	limit := attemptTime + time.Duration(len(o.Body)/attemptByteRate)*time.Second
	return s.until(ctx, "storing "+o.Key, answered, func() error {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return s.store.Create(ctx, o)
	})
}

// Renew implements Store.
func (s *patientStore) Renew(ctx context.Context, o StoredObject) error {
	return s.until(ctx, "renewing "+o.Key, answered, func() error {
		ctx, cancel := context.WithTimeout(ctx, attemptTime)
		defer cancel()
		return s.store.Renew(ctx, o)
	})
}

// Get implements Store.
func (s *patientStore) Get(ctx context.Context, key string) (StoredObject, error) {
	return s.read(ctx, key, s.store.Get)
}

// Head implements Store.
func (s *patientStore) Head(ctx context.Context, key string) (StoredObject, error) {
	return s.read(ctx, key, s.store.Head)
}

func (s *patientStore) read(ctx context.Context, key string, read func(context.Context, string) (StoredObject, error)) (StoredObject, error) {
	var o StoredObject
	err := s.until(ctx, "reading "+key, answered, func() error {
		ctx, cancel := context.WithTimeout(ctx, attemptTime)
		defer cancel()
		var err error
		o, err = read(ctx, key)
		return err
	})
	return o, err
}
