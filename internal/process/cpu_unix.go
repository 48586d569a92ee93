//go:build unix

package process

import (
	"syscall"
	"time"
)

// CPU returns the CPU time of this process so far, without its children; false where the system does not tell.
func CPU() (time.Duration, bool) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}
