package md5many

// blocks16 adds n blocks, one at least, of each of 16 texts to their states.
//
//go:noescape
func blocks16(state *[4][most]uint32, texts *[most]*byte, n int)

// blocks8 does it for the first eight.
//
//go:noescape
func blocks8(state *[4][most]uint32, texts *[most]*byte, n int)

// leaf7 returns what the processor says it knows, and which registers the system keeps.
func leaf7() (ebx, xcr0 uint32)

// lanes is how many texts are digested at a time: 16, 8, or 0 where it is not known how to do several.
var lanes = detect() //nolint:gochecknoglobals // what the processor knows; never changes

func detect() int {
	const (
		avx2, avx512f       = 1 << 5, 1 << 16
		keptYMM, keptZMM    = 0x06, 0xe6
		eightTexts, sixteen = 8, 16
	)
	ebx, kept := leaf7()
	switch {
	case ebx&avx512f != 0 && kept&keptZMM == keptZMM:
		return sixteen
	case ebx&avx2 != 0 && kept&keptYMM == keptYMM:
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
