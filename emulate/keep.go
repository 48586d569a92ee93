package emulate

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"clickstream/emulator"
)

// Keep says what is kept, and how much is held.
type Keep struct {
	Dir       string // folder to keep everything in; "" is memory only
	Sync      bool   // whether changes survive a failure of the power too
	Repair    bool   // whether what is damaged in Dir is left out
	CompactAt string // size of changes after which there is a snapshot; "" is the emulator's own choice
	MaxMemory string // most that is held; "" is no limit
}

// leastMemory is what a bound has to leave room for.
const leastMemory = 1 << 20

// into sets the emulator's options.
func (k *Keep) into(options *emulator.Options) error {
	if k.Dir == "" && (k.Sync || k.Repair || k.CompactAt != "") {
		return errors.New("--data-dir-sync, --data-dir-repair and --data-dir-compact-at need a folder by --data-dir")
	}
	if info, err := os.Stat(k.Dir); err == nil && !info.IsDir() {
		return fmt.Errorf("--data-dir %s is a file, not a folder", k.Dir)
	}
	options.DataDir, options.DataSync, options.DataRepair = k.Dir, k.Sync, k.Repair
	var err error
	if k.CompactAt != "" {
		if options.CompactAt, err = parseSize(k.CompactAt); err != nil {
			return fmt.Errorf("--data-dir-compact-at %w", err)
		}
	}
	if k.MaxMemory != "" {
		if options.MaxMemory, err = parseSize(k.MaxMemory); err != nil {
			return fmt.Errorf("--max-memory %w", err)
		}
		if options.MaxMemory < leastMemory {
			return fmt.Errorf("--max-memory %q is less than 1MiB: not even one record might find room", k.MaxMemory)
		}
	}
	return nil
}

// parseSize reads a number of bytes such as 1048576, 64MiB or 2GiB.
func parseSize(text string) (int64, error) {
	digits, shift := text, 0
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if rest, ok := strings.CutSuffix(text, unit); ok {
			digits, shift = rest, 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64>>shift {
		return 0, fmt.Errorf("%q is no size such as 1048576, 64MiB or 2GiB", text)
	}
	return n << shift, nil
}

// limitMemory lets the garbage collector work harder rather than have the process take much more than what the emulator may hold: a
// quarter of that, and 128 MiB for requests and the program itself. It returns what undoes that.
func limitMemory(held int64) (undo func()) {
	const part, rest = 4, 128 << 20
	if held == 0 || held > math.MaxInt64-held/part-rest {
		return func() {}
	}
	before := debug.SetMemoryLimit(held + held/part + rest)
	return func() { debug.SetMemoryLimit(before) }
}
