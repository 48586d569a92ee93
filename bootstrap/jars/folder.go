package jars

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"clickstream/internal/filelock"
)

// lockName is the file whose lock says that a process is at work in a folder. It stays there: the kernel lets go of the lock when the process
// ends, however it ends.
const lockName = ".clickstream.lock"

// lockPeriod is how often a process that waits looks whether it may go on.
const lockPeriod = 50 * time.Millisecond

// lockFolder waits until no other process is at work in the folder, and keeps others out until unlock is called.
func lockFolder(ctx context.Context, dir string, progress *progress) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("the folder for the daemon's jars: %w", err)
	}
	ticker := time.NewTicker(lockPeriod)
	defer ticker.Stop()
	for waited := false; ; waited = true {
		err := filelock.Try(file)
		if err == nil {
			return func() { _ = file.Close() }, nil // the lock goes with the file
		}
		if !errors.Is(err, filelock.ErrLocked) {
			return nil, errors.Join(fmt.Errorf("%w: give the jars a folder whose file system has locks by --jar-path", err), file.Close())
		}
		if !waited {
			progress.line("waiting for another process that fetches into %s", dir)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), file.Close())
		case <-ticker.C:
		}
	}
}

// syncFolder brings the names of new files to the disk. Windows has no such call, and needs none.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
