package bootstrap

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// What the daemon logs when it is asked to stop (MultiLangDaemon.setupShutdownHook and GracefulShutdownCoordinator of KCL 2.7.2 and 3.1.3).
// The lines stand on the console by the log configuration here, and by logback's own default.
const (
	shutdownBegins   = "Process terminated, will initiate shutdown"
	shutdownComplete = "Process shutdown is complete"
	shutdownLeftOver = "Shutdown completed, but shutdownCompleteLatch still had outstanding"

	// It says so each second after all record processors have answered shutdownRequested, until each has been told, too, that its lease is
	// gone. It waits for that no longer than failoverTimeMillis (Scheduler.shouldShutdown), but then all that they held is stored already.
	allAnswered = "record processors to complete final shutdown"

	// After 20 attempts the daemon gives up, with exit code 0.
	givesUp = "Unable to initialize after"
)

// longestLine bounds what is kept of a line to look at.
const longestLine = 4 << 10

// watcher looks at the lines that the daemon writes, on both of its outputs.
type watcher struct {
	mu                        sync.Mutex
	begun, complete, leftOver bool
	answered                  bool
	givenUp                   bool
	problem                   string // the last line that calls itself an error
}

// tee returns a writer that passes everything on to w and shows the lines to the watcher.
func (o *watcher) tee(w io.Writer) io.Writer { return &tee{watcher: o, to: w} }

func (o *watcher) line(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case strings.Contains(text, givesUp):
		o.givenUp = true
	case strings.Contains(text, shutdownBegins):
		o.begun = true
	case strings.Contains(text, shutdownComplete):
		o.complete = true
	case strings.Contains(text, shutdownLeftOver):
		o.leftOver = true
	case strings.Contains(text, allAnswered):
		o.answered = true
	case strings.Contains(text, "ERROR") || strings.HasPrefix(text, "Exception in ") || strings.HasPrefix(text, "Caused by: "):
		o.problem = text
	}
}

// sawStop says whether the daemon has told that it stops.
func (o *watcher) sawStop() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.begun
}

// inOrder says whether the record processors have all answered. A daemon that never began to stop was told so before it had any.
func (o *watcher) inOrder() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.begun || o.complete && (o.answered || !o.leftOver)
}

// gaveUp says whether the daemon ended because it could not begin.
func (o *watcher) gaveUp() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.givenUp
}

func (o *watcher) lastError() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.problem
}

type tee struct {
	watcher *watcher
	to      io.Writer
	partial []byte
}

// Write never fails: the daemon goes on also when nobody reads what it says.
func (t *tee) Write(p []byte) (int, error) {
	_, _ = t.to.Write(p)
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if room := longestLine - len(t.partial); room > 0 {
			t.partial = append(t.partial, line[:min(room, len(line))]...)
		}
		if ended {
			t.watcher.line(strings.TrimSpace(string(t.partial)))
			t.partial = t.partial[:0]
		}
		rest = after
	}
	return len(p), nil
}
