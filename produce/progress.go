package produce

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	linePeriod = 5 * time.Second        // between two plain lines
	livePeriod = 200 * time.Millisecond // between two changes of the line on a terminal
)

// progress shows what is being done until it is stopped: on a terminal as one line that changes, elsewhere as a line a period.
type progress struct {
	console *console
	ledger  *ledger
	records int64 // to be sent in all; 0 when that is not known
	live    bool

	shown counts // what the last line said
	bar   *progressbar.ProgressBar
	done  chan struct{}
	group sync.WaitGroup
}

// start begins to show.
func (p *progress) start() {
	if p.console.quiet {
		return
	}
	p.done = make(chan struct{})
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
		progressbar.OptionSetWriter(p.console.out), progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"),
		progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(most > 0), progressbar.OptionFullWidth(),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine draws on its own
	)
	p.console.erase = func() { _ = p.bar.Clear() }
}

// show prints what was done since the last time, if anything was.
func (p *progress) show() {
	now := p.ledger.read()
	sent, failures := now.attempts-p.shown.attempts, now.refusals-p.shown.refusals
	if p.bar != nil {
		p.console.mu.Lock()
		defer p.console.mu.Unlock()
		p.bar.Describe(fmt.Sprintf("Sent %d records with %d failures ..", now.attempts, now.refusals))
		_ = p.bar.Set64(now.stored)
		return
	}
	if sent == 0 && failures == 0 {
		return
	}
	p.shown = now
	p.console.say("Sent %d records with %d failures ..", sent, failures)
}
