//go:build !windows

package filelock

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Hold has [Holder] name this process until it ends, or closes any descriptor of the file. Unlike the lock of Try, which child processes
// that are given the file keep, it is this process's alone. A file is for one of the two: network file systems make one kind of the other.
func Hold(file *os.File) error {
	if err := unix.FcntlFlock(file.Fd(), unix.F_SETLK, whole()); err != nil {
		return fmt.Errorf("hold %s: %w", file.Name(), err)
	}
	return nil
}

// Holder returns the id of the other process that holds the file, or ErrNoHolder. It is 0 for one that cannot be seen from here, as it
// is in another container.
func Holder(file *os.File) (pid int, err error) {
	lock := whole()
	switch err := unix.FcntlFlock(file.Fd(), unix.F_GETLK, lock); {
	case err != nil:
		return 0, fmt.Errorf("ask who holds %s: %w", file.Name(), err)
	case lock.Type == unix.F_UNLCK:
		return 0, ErrNoHolder
	}
	return max(int(lock.Pid), 0), nil
}

// whole is a lock of a whole file.
func whole() *unix.Flock_t { return &unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart} }

// Inherited says whether a child process that is given the file keeps the lock of Try for as long as it lives.
const Inherited = true
