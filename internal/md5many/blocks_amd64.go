package md5many

import "golang.org/x/sys/cpu"

// blocks16 adds n blocks, one at least, of each of 16 texts to their states.
//
//go:noescape
func blocks16(state *[4][most]uint32, texts *[most]*byte, n int)

// blocks8 does it for the first eight.
//
//go:noescape
func blocks8(state *[4][most]uint32, texts *[most]*byte, n int)

// lanes is how many texts are digested at a time: 16, 8, or 0 where it is not known how to do several.
var lanes = detect() //nolint:gochecknoglobals // what the processor knows; never changes

func detect() int {
	const eightTexts, sixteen = 8, 16
	switch {
	case cpu.X86.HasAVX512F:
		return sixteen
	case cpu.X86.HasAVX2:
		return eightTexts
	}
	return 0
}

func blocks(n int, state *[4][most]uint32, texts *[most]*byte, count int) {
	if n == most {
		blocks16(state, texts, count)
		return
	}
	blocks8(state, texts, count)
}
