package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"clickstream/internal/process"
	"clickstream/kcl/multilang"
)

const (
	// endPatience is how long a child may take to end after its standard input has ended. A child of KCL's may take for ever; this
	// one is killed, so that a lease is not held by a process that is not read any more.
	endPatience = 5 * time.Second
	// drainPatience is how long output may come after the child's death, from processes that it left behind.
	drainPatience = time.Second
	// maxAnswer is the longest line a child may write. Its messages have some 200 bytes.
	maxAnswer = 1 << 20
	// maxUnread is how many lines may wait for a child to read them.
	maxUnread = 8
)

// child is a running child process, seen by the messages it writes. One goroutine may use it.
type child struct {
	process  *process.Child
	log      *logrus.Entry
	stdin    *os.File
	stdout   *os.File
	stderr   *prefixWriter
	messages chan *multilang.ChildMessage // closed at the end of its output
	lines    chan []byte                  // to be written to it
	written  chan error                   // one for each line
	finished chan struct{}                // closed when the writer is gone
}

// errChildGone is the end of a child's output where an answer was due.
var errChildGone = errors.New("the record processor ended")

// startChild starts the command for a shard and the two goroutines that write to it and read from it; end waits for them.
func startChild(command, environment []string, stderr *prefixWriter, log *logrus.Entry) (*child, error) {
	childIn, stdin, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	stdout, childOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, childIn.Close(), stdin.Close())
	}
	// Not CommandContext: the child is to end by the end of its input, and the owner decides when patience is over.
	cmd := exec.Command(command[0], command[1:]...) //nolint:noctx // see above
	cmd.Stdin, cmd.Stdout, cmd.Stderr = childIn, childOut, stderr
	cmd.WaitDelay = drainPatience
	cmd.Env = append(os.Environ(), environment...)
	started, err := process.Start(cmd)
	// The child has its own copies of its ends.
	err = errors.Join(err, childIn.Close(), childOut.Close())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", strings.Join(command, " "), err), stdin.Close(), stdout.Close())
	}
	c := &child{
		process: started, log: log.WithField("pid", started.PID()), stdin: stdin, stdout: stdout, stderr: stderr,
		messages: make(chan *multilang.ChildMessage), lines: make(chan []byte, maxUnread), written: make(chan error, maxUnread+1),
		finished: make(chan struct{}),
	}
	go c.write()
	go c.read()
	return c, nil
}

// write sends lines until there are no more. A child that does not read blocks it, not the child's owner.
func (c *child) write() {
	defer close(c.finished)
	for line := range c.lines {
		_, err := c.stdin.Write(line)
		c.written <- err
	}
}

// read parses what the child says until its output ends. As the Java daemon does, it skips what it does not understand.
func (c *child) read() {
	defer close(c.messages)
	reader := multilang.NewLineReader(c.stdout, maxAnswer)
	for {
		line, err := reader.ReadLine()
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				c.log.WithError(err).Error("cannot read from the record processor")
			}
			return
		}
		if len(line) == 0 {
			continue
		}
		message, err := multilang.ParseChildMessage(line)
		if err != nil {
			c.log.WithError(err).Warn("skipping a line of the record processor's standard output that is no message")
			continue
		}
		c.messages <- message
	}
}

// call sends an action's line and waits until the child has read it and answered with its status. In between it gives the child's
// checkpoints to checkpoint and sends back the reply that it returns. quiet, when it is not 0, is how long the child may say nothing.
func (c *child) call(
	ctx context.Context, action string, line []byte, quiet time.Duration, checkpoint func(*multilang.ChildMessage) []byte,
) error {
	c.lines <- line
	messages, unread := c.messages, 1
	silence := newAlarm(quiet)
	defer silence.stop()
	for messages != nil || unread > 0 {
		select {
		case err := <-c.written:
			if unread--; err != nil {
				return fmt.Errorf("%w while it was given %s: %w", errChildGone, action, err)
			}
		case message, more := <-messages:
			if !more {
				return fmt.Errorf("%w while an answer to %s was due", errChildGone, action)
			}
			silence.restart()
			if message.Action == multilang.ActionStatus {
				if message.ResponseFor != action {
					return fmt.Errorf("the record processor answered %s with a status for %q", action, message.ResponseFor)
				}
				messages = nil
				continue
			}
			if unread++; unread > cap(c.lines) {
				return errors.New("the record processor checkpoints without reading the answers")
			}
			c.lines <- checkpoint(message)
			silence.restart()
		case <-silence.c:
			return fmt.Errorf("the record processor has said nothing for %s after %s", quiet, action)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// end closes the child's standard input, waits for its end, kills it when it takes longer than patience or ctx is done, and returns
// how it ended.
func (c *child) end(ctx context.Context, patience time.Duration) error {
	close(c.lines)
	closed, drained := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(closed)
		_ = c.stdin.Close() // wakes a write that is under way; on Windows it waits for it
	}()
	go func() {
		defer close(drained)
		for range c.messages {
			// What it says now is answered by nobody.
		}
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c.process.Done():
	case <-timer.C:
		c.log.Warnf("the record processor has not ended %s after its input; killing it", patience)
		c.process.Kill()
	case <-ctx.Done():
		c.process.Kill()
	}
	err := c.process.Wait()
	c.stderr.flush()
	late := time.AfterFunc(drainPatience, func() { _ = c.stdout.Close() })
	<-drained
	late.Stop()
	<-closed
	<-c.finished
	_ = c.stdout.Close()
	return err
}

// alarm rings when it was not restarted for a while; one of 0 never rings.
type alarm struct {
	after time.Duration
	timer *time.Timer
	c     <-chan time.Time
}

func newAlarm(after time.Duration) alarm {
	a := alarm{after: after}
	if after > 0 {
		a.timer = time.NewTimer(after)
		a.c = a.timer.C
	}
	return a
}

func (a *alarm) restart() {
	if a.timer != nil {
		a.timer.Reset(a.after)
	}
}

func (a *alarm) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}
