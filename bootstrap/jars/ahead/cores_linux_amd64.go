package ahead

import (
	"math/bits"
	"syscall"
	"unsafe"
)

const (
	getcpu     = 309 // a system call that package syscall does not name
	getSeccomp = 21  // of prctl
)

// coreSet has a bit for each core.
type coreSet [16]uint64

// thisCore returns the core that the caller is on.
func thisCore() int {
	var core uint32
	if _, _, failure := syscall.RawSyscall(getcpu, uintptr(unsafe.Pointer(&core)), 0, 0); failure != 0 {
		return anyCore
	}
	return int(core)
}

// allowedCores returns the cores that this process may use; none where they cannot be told.
func allowedCores() []int {
	set, length := allowed()
	var all []int
	for i, word := range set[:length/8] {
		for ; word != 0; word &= word - 1 {
			all = append(all, 64*i+bits.TrailingZeros64(word))
		}
	}
	return all
}

// allowed returns the cores that this thread may use, and how many bytes of the set the system knows: 0 where it has more cores.
func allowed() (set coreSet, length uintptr) {
	length, _, failure := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(set), uintptr(unsafe.Pointer(&set)))
	if failure != 0 {
		return set, 0
	}
	return set, length
}

func (s *coreSet) allow() {
	_, _, _ = syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(*s), uintptr(unsafe.Pointer(s))) // or it stays where it is
}

// moveTo moves this thread to a core. It may be moved away again: where others are at work on that core too, that is as well. Where system calls
// are filtered it stays where it is: such a filter may end who asks for a core, as systemd's ~@resources does.
func moveTo(core int) {
	filter, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, getSeccomp, 0, 0)
	before, length := allowed()
	if filter != 0 || length == 0 {
		return
	}
	var set coreSet
	set[core/64] = 1 << (core % 64)
	set.allow()
	before.allow()
}
