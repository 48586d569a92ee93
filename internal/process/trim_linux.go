package process

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strconv"
	"syscall"
)

// Trim gives back what of the program's own file lies in memory and was needed by the start alone: more than half of an idle process.
// The system takes a page from its cache again when it is needed. Only mappings that are as in the file are touched.
func Trim() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer func() { _ = smaps.Close() }()
	for _, m := range unchanged(smaps, program) {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.start, m.end-m.start, syscall.MADV_DONTNEED)
	}
}

// mapping is a part of the address space.
type mapping struct{ start, end uintptr }

// unchanged returns the mappings of the program's file that cannot be written and have no page of their own. Not to be writable is not
// enough: a position-independent program is written by the loader, which protects it then, and so would be lost what it has put there.
func unchanged(smaps io.Reader, program string) (all []mapping) {
	var candidate, anonymous bool
	var m mapping
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		fields := bytes.Fields(lines.Bytes())
		switch {
		case len(fields) < 2:
		case !bytes.HasSuffix(fields[0], []byte(":")):
			m, candidate = programMapping(fields, program)
			anonymous = true // unless the system says otherwise
		case string(fields[0]) == "Anonymous:":
			anonymous = string(fields[1]) != "0"
		case string(fields[0]) == "Swap:" && candidate && !anonymous && string(fields[1]) == "0":
			all = append(all, m)
		}
	}
	return all
}

// programMapping reads the first line of a mapping: address range, permissions, offset, device, inode, path.
func programMapping(fields [][]byte, program string) (m mapping, ok bool) {
	if len(fields) != 6 || string(fields[5]) != program || fields[1][1] != '-' {
		return m, false
	}
	from, to, _ := bytes.Cut(fields[0], []byte{'-'})
	start, err1 := strconv.ParseUint(string(from), 16, strconv.IntSize)
	end, err2 := strconv.ParseUint(string(to), 16, strconv.IntSize)
	return mapping{uintptr(start), uintptr(end)}, err1 == nil && err2 == nil
}
