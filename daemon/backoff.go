package daemon

import (
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

// pause waits, and reports whether it came to the end; it stops waiting when done is closed.
func (b *backoff) pause(done <-chan struct{}) bool { return sleep(done, b.next()) }

// reset makes the next wait the first again.
func (b *backoff) reset() { b.times = 0 }

// sleep waits for d, and reports whether it came to the end; it stops waiting when done is closed.
func sleep(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return false
	case <-timer.C:
		return true
	}
}
