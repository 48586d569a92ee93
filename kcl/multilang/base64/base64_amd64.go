package base64

// hasAVX2 says that processor and operating system know the instructions of decodeAVX2 and encodeAVX2.
var hasAVX2 = detectAVX2() //nolint:gochecknoglobals // what the processor knows; never changes

// detectAVX2 asks the processor.
func detectAVX2() bool

// decodeAVX2 decodes blocks of 32 characters into 24 bytes each until one holds something else than the alphabet's characters, and returns
// how many characters it has decoded.
//
//go:noescape
func decodeAVX2(data, text *byte, blocks int) int

// decodeBlocks decodes the beginning of text, as far as it goes, and returns how many characters that were: a multiple of four. The rest,
// with all that is wrong or unusual, is left to others. At best that is the last four characters.
func decodeBlocks(data, text []byte) int {
	const block, room = 32, 24
	usual := len(text) - 4 // there is padding behind, perhaps
	if !hasAVX2 || usual < block || len(data) < usual/4*3 {
		return 0
	}
	done := decodeAVX2(&data[0], &text[0], usual/block)
	if last := usual - block; done > last && done < usual && decodeAVX2(&data[last/4*3], &text[last], 1) == block { // some of it again
		return usual
	}
	return done
}

// encodeAVX2 encodes blocks of 24 bytes into 32 characters each. It reads four bytes beyond the last block.
//
//go:noescape
func encodeAVX2(text, data *byte, blocks int)

// encodeBlocks encodes the beginning of data, as far as it goes, and returns how many bytes that were: a multiple of 24.
func encodeBlocks(text, data []byte) int {
	const block, beyond = 24, 4
	if !hasAVX2 || len(data) < block+beyond {
		return 0
	}
	blocks := (len(data) - beyond) / block
	_ = text[blocks*32-1]
	encodeAVX2(&text[0], &data[0], blocks)
	return blocks * block
}
