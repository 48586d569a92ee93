package producer

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// pacer spreads calls evenly over time. A caller that comes late by less than one interval makes up for it, so that the rate
// holds in spite of timers that fire late; there are no bursts beyond that.
type pacer struct {
	interval time.Duration // between two calls; 0 is unpaced

	mu   sync.Mutex
	next time.Time
}

// newPacer returns a pacer of so many calls per second, of any number for 0.
func newPacer(perSecond float64) *pacer {
	if perSecond <= 0 {
		return &pacer{}
	}
	return &pacer{interval: time.Duration(float64(time.Second) / perSecond)}
}

// wait returns when the caller's turn has come, or with the context's error.
func (p *pacer) wait(ctx context.Context) error {
	if p.interval == 0 {
		return ctx.Err()
	}
	return sleep(ctx, time.Until(p.turn()))
}

func (p *pacer) turn() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); p.next.Before(now.Add(-p.interval)) {
		p.next = now
	}
	turn := p.next
	p.next = turn.Add(p.interval)
	return turn
}

// Pauses before something is sent again: they double from the first to the last and are drawn between half of that and all of it.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
)

// pause returns how long to wait before an attempt after so many in a row that achieved nothing.
func pause(failures int, random *rand.Rand) time.Duration {
	longest := lastPause
	if failures < 10 {
		longest = min(firstPause<<failures, lastPause)
	}
	return longest/2 + time.Duration(random.Int64N(int64(longest/2)+1))
}

// sleep waits for d, or less when the context ends, whose error it then returns.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
