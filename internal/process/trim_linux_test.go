package process

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTrimLeavesWhatTheLoaderWrote: giving that back would crash the process.
func TestTrimLeavesWhatTheLoaderWrote(t *testing.T) {
	t.Parallel()
	const smaps = `00001000-00002000 r-xp 00000000 fe:00 1    /bin/program
Size:                  4 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
00002000-00003000 r--p 00001000 fe:00 1    /bin/program
Anonymous:             4 kB
Swap:                  0 kB
00003000-00004000 r--p 00002000 fe:00 1    /bin/program
Anonymous:             0 kB
Swap:                  4 kB
00004000-00005000 rw-p 00003000 fe:00 1    /bin/program
Anonymous:             0 kB
Swap:                  0 kB
00005000-00006000 r--p 00000000 fe:00 2    /lib/other
Anonymous:             0 kB
Swap:                  0 kB
00006000-00007000 r--p 00004000 fe:00 1    /bin/program
Swap:                  0 kB
00007000-00009000 r--p 00005000 fe:00 1    /bin/program
Anonymous:             0 kB
Swap:                  0 kB
ffff0000-ffff1000 r-xp 00000000 00:00 0    [vsyscall]
`
	got := unchanged(strings.NewReader(smaps), "/bin/program")
	if diff := cmp.Diff([]mapping{{0x1000, 0x2000}, {0x7000, 0x9000}}, got, cmp.AllowUnexported(mapping{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
