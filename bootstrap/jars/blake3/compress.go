package blake3

import "math/bits"

const (
	blockSize = 64
	chunkSize = 1024
)

// What a block is, in the last word that goes into the compression of it.
const (
	isFirst  = 1 << iota // of a chunk
	isLast               // of a chunk
	isParent             // of two values
	isRoot
)

// start is what compression begins with: section 2.2 of BLAKE3's paper.
func start() [8]uint32 {
	return [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}
}

// chunk returns the value of a chunk, the last block of which is besides what flags say.
func chunk(text []byte, counter uint64, flags uint32) value {
	state, kind := start(), uint32(isFirst)
	for len(text) > blockSize {
		compress(&state, (*[blockSize]byte)(text), counter, blockSize, kind)
		text, kind = text[blockSize:], 0
	}
	var block [blockSize]byte
	length := copy(block[:], text)
	compress(&state, &block, counter, length, kind|isLast|flags)
	return valueOf(&state)
}

// join returns the value of two others' parent.
func join(left, right *value, flags uint32) value {
	var block [blockSize]byte
	copy(block[copy(block[:], left[:]):], right[:])
	state := start()
	compress(&state, &block, 0, blockSize, isParent|flags)
	return valueOf(&state)
}

func valueOf(state *[8]uint32) (v value) {
	for i, word := range state {
		v[4*i], v[4*i+1], v[4*i+2], v[4*i+3] = byte(word), byte(word>>8), byte(word>>16), byte(word>>24)
	}
	return v
}

// compress adds a block to the state.
func compress(state *[8]uint32, block *[blockSize]byte, counter uint64, length int, flags uint32) {
	var m [16]uint32
	for i := range m {
		m[i] = uint32(block[4*i]) | uint32(block[4*i+1])<<8 | uint32(block[4*i+2])<<16 | uint32(block[4*i+3])<<24
	}
	begin := start()
	v0, v1, v2, v3, v4, v5, v6, v7 := state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]
	v8, v9, v10, v11 := begin[0], begin[1], begin[2], begin[3]
	v12, v13, v14, v15 := uint32(counter), uint32(counter>>32), uint32(length), flags
	for round := 0; ; round++ {
		v0, v4, v8, v12 = mix(v0, v4, v8, v12, m[0], m[1])
		v1, v5, v9, v13 = mix(v1, v5, v9, v13, m[2], m[3])
		v2, v6, v10, v14 = mix(v2, v6, v10, v14, m[4], m[5])
		v3, v7, v11, v15 = mix(v3, v7, v11, v15, m[6], m[7])
		v0, v5, v10, v15 = mix(v0, v5, v10, v15, m[8], m[9])
		v1, v6, v11, v12 = mix(v1, v6, v11, v12, m[10], m[11])
		v2, v7, v8, v13 = mix(v2, v7, v8, v13, m[12], m[13])
		v3, v4, v9, v14 = mix(v3, v4, v9, v14, m[14], m[15])
		if round == rounds-1 {
			break
		}
		m = [16]uint32{m[2], m[6], m[3], m[10], m[7], m[0], m[4], m[13], m[1], m[11], m[12], m[5], m[9], m[14], m[15], m[8]}
	}
	*state = [8]uint32{v0 ^ v8, v1 ^ v9, v2 ^ v10, v3 ^ v11, v4 ^ v12, v5 ^ v13, v6 ^ v14, v7 ^ v15}
}

const rounds = 7

// mix is the paper's G.
func mix(a, b, c, d, x, y uint32) (uint32, uint32, uint32, uint32) {
	a += b + x
	d = bits.RotateLeft32(d^a, -16)
	c += d
	b = bits.RotateLeft32(b^c, -12)
	a += b + y
	d = bits.RotateLeft32(d^a, -8)
	c += d
	b = bits.RotateLeft32(b^c, -7)
	return a, b, c, d
}
