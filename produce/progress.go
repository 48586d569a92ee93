package produce

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"clickstream/producer"
)

const (
	linePeriod = 5 * time.Second        // between two plain lines
	livePeriod = 200 * time.Millisecond // between two changes of the line on a terminal
	ratePeriod = time.Second            // over which the rates on a terminal are taken
)

// progress shows what is being done until it is stopped: on a terminal as one line that changes, elsewhere as a line a period.
type progress struct {
	console *console
	stats   func() producer.Stats
	records int64 // to be sent in all; 0 when that is not known
	live    bool

	shown   producer.Stats // at the time of the last line, or of the last rates
	shownAt time.Time
	rates   string
	bar     *progressbar.ProgressBar
	done    chan struct{}
	group   sync.WaitGroup
}

// start begins to show.
func (p *progress) start() {
	if p.console.quiet {
		return
	}
	p.done = make(chan struct{})
	p.shownAt = time.Now()
	period := linePeriod
	if p.live {
		period = livePeriod
		p.startBar()
	}
	p.group.Go(func() {
		ticker := time.NewTicker(period)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				p.show()
			case <-p.done:
				return
			}
		}
	})
}

// stop shows the end and returns when nothing more will be shown.
func (p *progress) stop() {
	if p.done == nil {
		return
	}
	close(p.done)
	p.group.Wait()
	p.show()
	if p.bar != nil {
		p.console.mu.Lock()
		defer p.console.mu.Unlock()
		_ = p.bar.Clear()
		p.console.erase = nil
	}
}

// startBar makes the live line. It is cleared before anything else is printed and comes back with the next change.
func (p *progress) startBar() {
	most := p.records
	if most <= 0 {
		most = -1
	}
	p.bar = progressbar.NewOptions64(most,
		progressbar.OptionSetWriter(p.console.out), progressbar.OptionShowCount(),
		progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(most > 0), progressbar.OptionFullWidth(),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine draws on its own
	)
	p.console.erase = func() { _ = p.bar.Clear() }
}

// show prints what was done since the last time, if anything was.
func (p *progress) show() {
	now := p.stats()
	if p.bar != nil {
		p.console.mu.Lock()
		defer p.console.mu.Unlock()
		if time.Since(p.shownAt) >= ratePeriod {
			p.rates = ", " + p.rate(now)
		}
		p.bar.Describe(fmt.Sprintf("Sent %d records with %d failures .. %d sent again%s", now.Attempts, failures(now), now.Retried, p.rates))
		_ = p.bar.Set64(now.Delivered)
		return
	}
	sent, failed, again := now.Attempts-p.shown.Attempts, failures(now)-failures(p.shown), now.Retried-p.shown.Retried
	if sent == 0 && failed == 0 {
		return
	}
	p.console.say("Sent %d records with %d failures .. %d sent again, %s", sent, failed, again, p.rate(now))
}

// rate says how much was stored since the last time.
func (p *progress) rate(now producer.Stats) string {
	seconds := max(time.Since(p.shownAt), time.Millisecond).Seconds()
	records, bytes := now.Delivered-p.shown.Delivered, now.DeliveredBytes-p.shown.DeliveredBytes
	p.shown, p.shownAt = now, time.Now()
	return fmt.Sprintf("%.0f records/s, %.2f MiB/s", float64(records)/seconds, float64(bytes)/(1<<20)/seconds)
}

// failures counts attempts of records that came to nothing.
func failures(s producer.Stats) int64 { return s.Throttled + s.Refused + s.Lost }
