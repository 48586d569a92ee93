package sum

import "sync"

// blocks adds n blocks, one at least, of p to the state a, and as many of q to b.
//
//go:noescape
func blocks(a, b *[8]uint32, p, q *byte, n int)

func leaf7() (ebx uint32)

// shaExtensions is the bit of leaf 7 that says that the processor has them. One that does has all that blocks uses besides.
const shaExtensions = 1 << 29

//nolint:gochecknoglobals // made once
var paired = sync.OnceValue(func() bool { return leaf7()&shaExtensions != 0 })
