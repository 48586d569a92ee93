package blake3

import "sync"

// wide compresses 16 messages of so many blocks each, which begin stride bytes apart at in, and writes their values to out. counters are the
// low and the high halves of their counters, first and last the flags of their first and last block.
//
//go:noescape
func wide(out *[lanes]value, in *byte, stride, blocks int, counters *[2][lanes]uint32, first, last uint32)

// avx512 reports whether the processor has the instructions of wide (AVX-512F), and the system keeps their registers. Package
// golang.org/x/sys/cpu knows it too, but is initialised so late that package ahead would begin 0.7 ms later.
func avx512() bool

// Fast reports whether a digest is faster than one by SHA-256 here.
func Fast() bool { return fast() }

var fast = sync.OnceValue(avx512) //nolint:gochecknoglobals // made once
