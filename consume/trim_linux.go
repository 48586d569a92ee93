package consume

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// trim gives back what of the program's own file lies in memory and was needed by the start alone: more than half of an idle process.
// The system takes a page from its cache again when it is needed. Only mappings that cannot have been written are touched.
func trim() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer func() { _ = maps.Close() }()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		// address range, permissions, offset, device, inode, path
		fields := bytes.Fields(lines.Bytes())
		if len(fields) != 6 || string(fields[5]) != program || fields[1][1] != '-' {
			continue
		}
		from, to, _ := bytes.Cut(fields[0], []byte{'-'})
		start, err1 := strconv.ParseUint(string(from), 16, 64)
		end, err2 := strconv.ParseUint(string(to), 16, 64)
		if err1 == nil && err2 == nil {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, uintptr(start), uintptr(end-start), syscall.MADV_DONTNEED)
		}
	}
}
