//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package kcl

import (
	"os"
	"syscall"
)

func moveStdout() (wire *os.File, undo func(), err error) {
	// Between Dup and CloseOnExec no process may be started: the lock is what os/exec holds meanwhile.
	syscall.ForkLock.RLock()
	fd, err := syscall.Dup(syscall.Stdout)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	if err := dup2(syscall.Stderr, syscall.Stdout); err != nil {
		_ = syscall.Close(fd)
		return nil, nil, err
	}
	wire = os.NewFile(uintptr(fd), "daemon")
	return wire, func() { _ = dup2(fd, syscall.Stdout) }, nil
}
