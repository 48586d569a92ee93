package cleanup

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// How often progress is shown: a bar can move smoothly, a log should stay readable. What takes no longer is not shown.
const (
	barPeriod  = 200 * time.Millisecond
	linePeriod = 5 * time.Second
)

// progress shows how many objects something was done to: a bar on a terminal, plain lines elsewhere. It may be used by several goroutines.
type progress struct {
	out   io.Writer
	done  string // "deleted"
	total int64  // 0: nobody knows

	mutex sync.Mutex
	count int64
	bar   *progressbar.ProgressBar
	next  time.Time
}

func (c *cleaner) progress(done string, total int64) *progress {
	p := &progress{out: c.Out, done: done, total: total, next: time.Now().Add(linePeriod)}
	if c.Live {
		size := total
		if size == 0 {
			size = -1
		}
		p.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(c.Out),
			progressbar.OptionSetDescription(done),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("objects"),
			progressbar.OptionThrottle(barPeriod),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine draws on, also behind the end
			progressbar.OptionFullWidth())
	}
	return p
}

// add counts n objects more.
func (p *progress) add(n int64) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.count += n
	if p.bar != nil {
		_ = p.bar.Add64(n) // a bar that cannot be drawn is no reason to stop
		return
	}
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(linePeriod)
	if p.total > 0 {
		_, _ = fmt.Fprintf(p.out, "%s %d of %d objects\n", p.done, p.count, p.total)
		return
	}
	_, _ = fmt.Fprintf(p.out, "%s %d objects\n", p.done, p.count)
}

// end clears the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
