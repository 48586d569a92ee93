package daemon

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff waits longer each time: first, then twice as long, up to most, each less up to a third at random so that many shards do
// not come back at once.
type backoff struct {
	first, most time.Duration
	times       int
}

// next returns how long to wait now.
func (b *backoff) next() time.Duration {
	wait := b.most
	if b.times < 20 {
		wait = min(b.most, b.first<<b.times)
	}
	b.times++
	return wait - rand.N(wait/3+1)
}

// pause waits; it returns early, with an error, when ctx is done.
func (b *backoff) pause(ctx context.Context) error { return sleep(ctx, b.next()) }

// reset makes the next wait the first again.
func (b *backoff) reset() { b.times = 0 }

// sleep waits for d or until ctx is done, which is an error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
