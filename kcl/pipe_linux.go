package kcl

import (
	"io"
	"os"
	"syscall"
)

// pipeSize is how much of what the daemon writes may wait to be read: as much as an ordinary user may ask for. A line of records has
// up to some megabytes, and the system's 64 KiB would wake daemon and child many times for each.
const pipeSize = 1 << 20

// widen makes room in a pipe. Where that is refused, or in is none, nothing changes.
func widen(in io.Reader) {
	file, ok := in.(*os.File)
	if !ok {
		return
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { // not by Fd, which may make reads uninterruptible
		const setPipeSize = 1031 // F_SETPIPE_SZ
		_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, pipeSize)
	})
}
