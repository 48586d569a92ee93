package kcl

import (
	"runtime"

	"clickstream/kcl/multilang"
)

// longLine is the length from which on it pays to collect garbage before a line is decoded.
const longLine = 8 << 20

// parse is multilang.ParseDaemonMessage. Long lines are few and large: their batches, and the buffers that were too small for them, would
// come to several times the longest line before the collector starts of itself.
func parse(line []byte) (*multilang.DaemonMessage, error) {
	if len(line) > longLine {
		runtime.GC()
	}
	return multilang.ParseDaemonMessage(line)
}
