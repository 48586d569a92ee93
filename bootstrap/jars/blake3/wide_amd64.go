package blake3

import "golang.org/x/sys/cpu"

// wide compresses 16 messages of so many blocks each, which begin stride bytes apart at in, and writes their values to out. counters are the
// low and the high halves of their counters, first and last the flags of their first and last block.
//
//go:noescape
func wide(out *[lanes]value, in *byte, stride, blocks int, counters *[2][lanes]uint32, first, last uint32)

// Fast reports whether a digest is faster than one by SHA-256 here: the processor has the instructions of wide (AVX-512F), and the system keeps
// their registers.
func Fast() bool { return cpu.X86.HasAVX512F }
