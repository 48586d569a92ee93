package daemon

import (
	"bytes"
	"io"
	"sync"
)

// lineWriter writes whole lines to a writer that several goroutines share. What the writer says is ignored: there is nobody to tell.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lineWriter) line(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.w, text+"\n")
}

// maxLine is where a line without end is broken.
const maxLine = 64 << 10

// prefixWriter puts a prefix before each line. The last line need not have an end.
type prefixWriter struct {
	to     *lineWriter
	prefix string
	held   []byte // a line that has no end yet
}

// Write never fails: a child must not be stopped by what becomes of its messages.
func (p *prefixWriter) Write(b []byte) (int, error) {
	n := len(b)
	for {
		line, rest, found := bytes.Cut(b, []byte{'\n'})
		p.held = append(p.held, line...)
		if !found && len(p.held) < maxLine {
			return n, nil
		}
		p.flush()
		if !found {
			return n, nil
		}
		b = rest
	}
}

// flush writes what is held.
func (p *prefixWriter) flush() {
	if line := bytes.TrimSuffix(p.held, []byte{'\r'}); len(line) > 0 {
		p.to.line(p.prefix + string(line))
	}
	p.held = p.held[:0]
}
