package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"clickstream/internal/exit"
	"clickstream/internal/filelock"
	"clickstream/internal/pause"
	"clickstream/properties"
)

const (
	// stopMargin is what a daemon may take to end after shutdownGraceMillis: the Java daemon has 10 s, and 5 s for its output.
	stopMargin = 20 * time.Second
	// lookInterval is how often it is looked whether a daemon has ended.
	lookInterval = 50 * time.Millisecond
)

// errUnknown says that a worker id is held, but not by whom.
var errUnknown = errors.New("a daemon of this application runs here, but not which process it is: it may be a java whose clickstream was killed, " +
	"or in another container; stop it where it was started")

// running is a daemon that runs.
type running struct {
	holder string // its file
	pid    int
}

// Stop asks the daemons of the application that this user runs on this machine to end, Go's and Java's, and waits until they have, for
// shutdownGraceMillis and 20 s at most. Where the settings name a worker id, it is about the daemon of that id alone. That there is none
// is no error. Lines for people go to say.
//
// Which process it is the kernel tells, and only of one that lives: an id that was given anew is never taken for a daemon.
func Stop(ctx context.Context, settings *properties.Config, say func(format string, args ...any)) error {
	found, err := find(settings)
	if errors.Is(err, errors.ErrUnsupported) {
		return exit.With(exit.Usage, fmt.Errorf("this system has no signal that asks another process to end in order: %w", err))
	}
	if len(found) == 0 && err == nil {
		say("no daemon of application %s runs here", settings.ApplicationName)
	}
	for _, daemon := range found {
		process, missing := os.FindProcess(daemon.pid)
		if missing == nil {
			missing = process.Signal(syscall.SIGTERM)
		}
		if missing != nil && !errors.Is(missing, os.ErrProcessDone) {
			err = errors.Join(err, fmt.Errorf("stop process %d: %w", daemon.pid, missing))
			continue
		}
		say("process %d was told to stop: its record processors store what they hold", daemon.pid)
	}
	limit := settings.ShutdownGrace() + stopMargin
	late := fmt.Errorf("still there after %v, shutdownGraceMillis and %v", limit, stopMargin)
	waiting, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	for _, daemon := range found {
		err = errors.Join(err, daemon.wait(waiting))
	}
	return err
}

// find returns the daemons that run. With an error there may be more.
func find(settings *properties.Config) (found []running, problem error) {
	pattern := "*.lock"
	if id := settings.WorkerID; id != "" {
		pattern = named(id)
	}
	folder := folderOf(settings.ApplicationName)
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for daemons: %w", err)
	}
	for _, entry := range entries {
		if matches, _ := filepath.Match(pattern, entry.Name()); !matches {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		switch pid, err := holder(path + holderSuffix); {
		case err == nil && pid > 0:
			found = append(found, running{path + holderSuffix, pid})
		case err == nil || errors.Is(err, filelock.ErrNoHolder) && locked(path):
			problem = errors.Join(problem, errUnknown)
		case !errors.Is(err, filelock.ErrNoHolder):
			problem = errors.Join(problem, err)
		}
	}
	return found, problem
}

// holder returns the process that holds a file; [filelock.ErrNoHolder] when none does.
func holder(path string) (pid int, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, filelock.ErrNoHolder
	}
	if err != nil {
		return 0, fmt.Errorf("look for daemons: %w", err)
	}
	defer func() { _ = file.Close() }() // read only
	return filelock.Holder(file)
}

// locked says whether another process has the lock of a file.
func locked(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // which ends the lock
	return errors.Is(filelock.Try(file), filelock.ErrLocked)
}

// wait waits until the daemon has ended.
func (r running) wait(ctx context.Context) error {
	for {
		if pid, err := holder(r.holder); err != nil || pid != r.pid {
			return nil //nolint:nilerr // it no longer holds the file
		}
		if err := pause.For(ctx, lookInterval); err != nil {
			return fmt.Errorf("process %d was told to stop: %w", r.pid, context.Cause(ctx))
		}
	}
}
