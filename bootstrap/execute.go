package bootstrap

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/filelock"
	"clickstream/internal/process"
	"clickstream/internal/settings"
)

// What java may take to end after the children have had their shutdownGraceMillis, and its output after that.
const (
	stopMargin  = 10 * time.Second
	outputLimit = 5 * time.Second
)

// terminated is java's exit code after SIGTERM, in order or not.
const terminated = 143

// execute runs the daemon until it ends or ctx is done.
func (l *launch) execute(ctx context.Context) error {
	words, err := l.command(l.Settings.ApplicationName + "\n" + l.worker.ID)
	if err != nil {
		return err
	}
	if l.TakeLeases {
		if err := l.takeLeases(ctx); err != nil {
			l.say("the leases were not made beforehand, so the daemon makes them itself, which takes some two minutes: %v", awsclient.Explain(err, "make the leases"))
		}
	}
	watch := &watcher{}
	child, err := l.start(words, l.environment(ctx), watch)
	if err != nil {
		return err
	}
	l.say("MultiLangDaemon %s on Java %s (process %d), worker %s: stream %s, lease table %s; log in %s",
		l.jars.Lock.KCL, l.java.version.Text, child.PID(), l.worker.ID, l.Settings.StreamName, l.Settings.TableName, l.logName())
	var beside sync.WaitGroup
	beside.Go(func() { l.besideStart(ctx) })
	defer beside.Wait()
	select {
	case <-child.Done():
		return l.ended(child.ExitCode(), watch)
	case <-ctx.Done():
		return l.stopped(ctx, child, watch)
	}
}

func (l *launch) logName() string {
	if l.LogConfiguration != "" {
		return "the files that " + l.LogConfiguration + " names"
	}
	return l.logFile()
}

// environment is the daemon's and its children's.
func (l *launch) environment(ctx context.Context) []string {
	environment := append(os.Environ(), l.clients.MadeUp(ctx)...)
	if l.Settings.Path != "" {
		environment = append(environment, settings.FileEnvironment+"="+l.Settings.Path) // for children that are told no file
	}
	return environment
}

// start starts java in a process group of its own: Ctrl-C reaches this process alone, which stops the daemon in order. On Linux it does not
// outlive this process.
func (l *launch) start(words, environment []string, watch *watcher) (*process.Child, error) {
	// The context is watched by execute: the daemon is asked to end before it is killed.
	cmd := exec.Command(words[0], words[1:]...) //nolint:noctx // see above
	cmd.Stdout, cmd.Stderr = watch.tee(l.Out), watch.tee(l.Err)
	cmd.WaitDelay = outputLimit
	cmd.Env = environment
	if filelock.Inherited {
		// Where java outlives this process, the worker id stays its own. Java hands no descriptors on to its own children.
		cmd.ExtraFiles = []*os.File{l.worker.Lock()}
	}
	child, err := process.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("start java: %w", err)
	}
	return child, nil
}

// ended judges a daemon that nobody asked to stop. Its exit code is passed on, but for the 0 of one that has given up.
func (l *launch) ended(code int, watch *watcher) error {
	how := fmt.Sprintf("ended with exit code %d", code)
	switch {
	case code < 0:
		how, code = "was killed", exit.Failed
	case code == exit.Done && watch.gaveUp():
		how, code = "gave up", exit.Failed
	case code == exit.Done:
		return nil
	}
	cause := ""
	if line := watch.lastError(); line != "" {
		cause = ": " + line
	}
	return exit.With(code, fmt.Errorf("the daemon %s%s; see %s", how, cause, l.logName()))
}

// stopped lets the children store what they hold. The daemon gives them shutdownGraceMillis, and ends itself a little later.
func (l *launch) stopped(ctx context.Context, child *process.Child, watch *watcher) error {
	l.say("stopping; the record processors store what they hold (again to stop at once)")
	limit := l.Settings.ShutdownGrace() + stopMargin
	if !child.Stop(context.WithoutCancel(ctx), limit) {
		l.say("the daemon did not end within %v and was killed: what its record processors held is read again at the next start", limit)
		return context.Cause(ctx)
	}
	// In its first moments java has no handler for the signal yet.
	if code := child.ExitCode(); code != terminated && code != exit.Done && !child.Terminated() {
		return l.ended(code, watch)
	}
	if l.LogConfiguration != "" && !watch.sawStop() {
		l.say("%s shows no lines of MultiLangDaemon on the console, so it is not known whether all record processors stored what they held", l.LogConfiguration)
		return context.Cause(ctx)
	}
	if !watch.inOrder() {
		l.say("not all record processors stopped within shutdownGraceMillis (%d): what they held is read again at the next start", l.Settings.ShutdownGraceMillis)
		return context.Cause(ctx)
	}
	return nil
}
