package produce

import (
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	warnEvery  = 10 * time.Second // the least time between two warnings of one kind
	namedLines = 10               // how many bad lines are named one by one
)

// console prints for a person. Any number of goroutines may use it.
type console struct {
	out, err io.Writer
	quiet    bool   // nothing on out
	input    string // what the lines are of
	noun     string // what is refused: a line, or a click

	mu     sync.Mutex
	warned map[string]time.Time
	closed bool
	bad    int64
	erase  func() // takes a live line away before something is printed
}

// say prints a line on the output.
func (c *console) say(format string, args ...any) {
	if c.quiet {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.print(c.out, format, args...)
}

// warn prints an error on the error output, unless one of the same key has been printed a short while ago.
func (c *console) warn(key string, text error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last, ok := c.warned[key]; ok && time.Since(last) < warnEvery || c.closed {
		return
	}
	if c.warned == nil {
		c.warned = make(map[string]time.Time)
	}
	c.warned[key] = time.Now()
	c.print(c.err, "%v", text)
}

// refuse counts a bad line, or a click by HTTP that the stream does not take, and names the first few.
func (c *console) refuse(line error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.bad++
	switch {
	case c.bad <= namedLines:
		c.print(c.err, "%s: %v; refused", c.input, line)
	case c.bad == namedLines+1:
		c.print(c.err, "%s: more %ss are refused, only their number follows at the end", c.input, c.noun)
	}
}

// refused returns how many lines were refused.
func (c *console) refused() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bad
}

// close makes goroutines that are left behind silent.
func (c *console) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
}

// print prints a line. A terminal or a pipe that is gone is no reason to stop sending.
func (c *console) print(to io.Writer, format string, args ...any) {
	if c.erase != nil {
		c.erase()
	}
	_, _ = fmt.Fprintf(to, format+"\n", args...)
}
