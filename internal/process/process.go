// Package process starts child processes that take signals of their own and do not outlive their parent.
//
// A child runs in its own process group, so that Ctrl-C on the terminal reaches the parent alone, which then stops its children in
// the right order. On Linux the kernel kills the child when its parent dies, however it dies; elsewhere a child has to notice the end
// of its standard input.
package process

import (
	"context"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Child is a started process. Its methods may be called from several goroutines.
type Child struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start starts cmd and waits for it in a goroutine that ends with the process.
//
// The parent-death signal of Linux belongs to the thread that forked, not to the process: that goroutine keeps its thread until the
// child is gone.
func Start(cmd *exec.Cmd) (*Child, error) {
	detach(cmd)
	child := &Child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		child.err = cmd.Wait()
		close(child.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return child, nil
}

// PID returns the process id.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Done is closed when the process has ended and its output is drained.
func (c *Child) Done() <-chan struct{} { return c.done }

// Wait waits for the end of the process and returns what [exec.Cmd.Wait] returned.
func (c *Child) Wait() error {
	<-c.done
	return c.err
}

// ExitCode waits for the end of the process and returns its exit code; -1 means ended by a signal. That its output could not be read to the end,
// as when a child of its own keeps it open, changes nothing.
func (c *Child) ExitCode() int {
	<-c.done
	if c.cmd.ProcessState == nil { // the system has lost it
		return -1
	}
	return c.cmd.ProcessState.ExitCode()
}

// Terminated waits for the end of the process and says whether SIGTERM ended it: it has no handler for it, or none yet. Never so on Windows.
func (c *Child) Terminated() bool {
	<-c.done
	if c.cmd.ProcessState == nil {
		return false
	}
	status, known := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return known && status.Signaled() && status.Signal() == syscall.SIGTERM
}

// CPU waits for the end of the process and returns the CPU time that it took, with that of its own children that it waited for.
func (c *Child) CPU() time.Duration {
	<-c.done
	if c.cmd.ProcessState == nil {
		return 0
	}
	return c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
}

// Kill ends the process at once.
func (c *Child) Kill() {
	// The only error is that the process has ended already.
	_ = c.cmd.Process.Kill()
}

// Stop asks the process to end (SIGTERM, or Ctrl-Break on Windows) and waits for it. When ctx is done or limit has passed it is
// killed. It reports whether the process ended by itself.
func (c *Child) Stop(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := terminate(c.cmd.Process); err != nil {
		c.Kill()
	}
	select {
	case <-c.done:
		return true
	case <-ctx.Done():
		c.Kill()
		<-c.done
		return false
	}
}
