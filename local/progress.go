package local

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// How often progress is shown: a bar can move smoothly, a log should stay readable.
const (
	barPeriod  = 200 * time.Millisecond
	linePeriod = time.Second
)

// aggregateUnit is counted while a run with aggregates is on its way.
const aggregateUnit = " Kinesis records"

// progress shows how far a run is: a bar on a terminal, plain lines elsewhere.
type progress struct {
	out   io.Writer
	unit  string // what is counted, where it is not clicks
	bar   *progressbar.ProgressBar
	start time.Time
	next  time.Time
}

// newProgress shows on out. total is the number of clicks that will be sent, 0 when nobody knows. aggregated says that the counts to be
// shown are of Kinesis records that hold many clicks each: what is in them nobody knows before they are taken apart at the end.
func newProgress(out io.Writer, total int64, aggregated bool) *progress {
	now := time.Now()
	p := &progress{out: out, start: now, next: now.Add(linePeriod)}
	if aggregated {
		p.unit, total = aggregateUnit, 0
	}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = newBar(out, total)
	}
	return p
}

func newBar(out io.Writer, total int64) *progressbar.ProgressBar {
	if total == 0 {
		total = -1
	}
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(out),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("records"),
		progressbar.OptionThrottle(barPeriod),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine draws on, also behind the end
		progressbar.OptionFullWidth())
}

// show tells where the run is, at most once a period.
func (p *progress) show(now time.Time, sent, stored int64) {
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("stored (%s%s sent)", grouped(sent), p.unit))
		_ = p.bar.Set64(stored) // a bar that cannot be drawn is no reason to stop
		return
	}
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(linePeriod)
	elapsed := now.Sub(p.start)
	_, _ = fmt.Fprintf(p.out, "%4.0fs  sent %s%s  stored %s  behind %s  stored/s %s\n",
		elapsed.Seconds(), grouped(sent), p.unit, grouped(stored), grouped(sent-stored), rate(stored, elapsed))
}

// end clears the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
