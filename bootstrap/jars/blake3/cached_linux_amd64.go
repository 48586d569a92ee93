package blake3

import (
	"syscall"
	"unsafe"
)

const (
	preadv2 = 327 // package syscall does not name it
	// noWait has a read end where it would have to wait, such as for a disk.
	noWait = 0x8
	// atPosition has preadv2 read on, as read does.
	atPosition = ^uintptr(0)
)

// readCached reads on from a file as far as the system has it in memory; where it has not, or does not know this way to ask, that is an error.
// Go's scheduler is not told of the call, as it does not last: usual ones, which may, let other threads come in between, which takes up to a
// millisecond of a start.
func readCached(descriptor int, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	vector := syscall.Iovec{Base: &p[0], Len: uint64(len(p))}
	n, _, failure := syscall.RawSyscall6(preadv2, uintptr(descriptor), uintptr(unsafe.Pointer(&vector)), 1, atPosition, 0, noWait)
	if failure != 0 {
		return 0, failure
	}
	return int(n), nil
}
