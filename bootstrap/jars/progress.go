package jars

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"clickstream/bootstrap/jars/fetch"
)

// How often progress is shown: a bar can move smoothly, a log should stay readable.
const (
	barPeriod  = 100 * time.Millisecond
	linePeriod = 2 * time.Second
)

// progress shows how far the fetching is: a bar on a terminal, lines elsewhere. Its methods may be called from several goroutines.
type progress struct {
	mu       sync.Mutex
	log      io.Writer
	terminal bool

	bar         *progressbar.ProgressBar
	start, next time.Time
	jars, all   int
	bytes, size int64
	told        map[string]bool // the sources that failed
}

func newProgress(log io.Writer, terminal bool) *progress {
	return &progress{log: log, terminal: terminal, told: make(map[string]bool)}
}

// line writes a line, in place of the bar.
func (p *progress) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.print(format, args...)
}

func (p *progress) print(format string, args ...any) {
	if p.bar != nil {
		_ = p.bar.Clear() // a bar that cannot be drawn is no reason to stop; the same below
	}
	_, _ = fmt.Fprintf(p.log, format+"\n", args...)
}

// begin tells what will come.
func (p *progress) begin(jars int, size int64, dir string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.print("fetching %d jars (%s) into %s", jars, megabytes(size), dir)
	p.start, p.all, p.size = time.Now(), jars, size
	p.next = p.start.Add(linePeriod)
	if p.terminal {
		p.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(p.log),
			progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(barPeriod),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine draws on, also behind the end
			progressbar.OptionFullWidth())
	}
}

// add counts bytes, or discounts those that came in vain.
func (p *progress) add(delta int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes += delta
	switch now := time.Now(); {
	case p.bar != nil:
		_ = p.bar.Set64(p.bytes)
	case p.size > 0 && !now.Before(p.next):
		p.next = now.Add(linePeriod)
		p.print("%4.0fs  %d of %d jars, %s of %s", now.Sub(p.start).Seconds(), p.jars, p.all, megabytes(p.bytes), megabytes(p.size))
	}
}

func (p *progress) jarDone() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jars++
}

// failed tells that a source did not help, once for each source. That a local repository lacks a jar is no news.
func (p *progress) failed(from source, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := from.String()
	if repository, ok := from.(*fetch.Repository); p.told[name] || ok && !repository.IsRemote() && errors.Is(err, fetch.ErrNotFound) {
		return
	}
	p.told[name] = true
	p.print("%v", err)
}

// end clears the bar and tells how it went, if anything was fetched.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
	if p.all > 0 && p.jars == p.all {
		p.print("fetched and verified %d jars (%s) in %.1f s", p.all, megabytes(p.size), time.Since(p.start).Seconds())
	}
}

func megabytes(size int64) string { return fmt.Sprintf("%.1f MB", float64(size)/1e6) }
