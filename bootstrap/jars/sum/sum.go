// Package sum makes SHA-256 digests of two files at a time. A core that has instructions for SHA-256 needs the same time for two as for one: it
// spends half of it on waiting. All of the daemon's jars are read before each launch, where that is half of the time.
package sum

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
	"io"
)

// bufferSize is what a file is read by: it stays in a core's own cache.
const bufferSize = 64 << 10

// Pair makes digests of two readers at a time. It is for one goroutine.
type Pair struct{ buffers [2][bufferSize]byte }

// Sums returns the SHA-256 of what two readers hold, and how much that is.
func (p *Pair) Sums(readers [2]io.Reader) (sums [2][sha256.Size]byte, sizes [2]int64, errs [2]error) {
	digests := [2]hash.Hash{sha256.New(), sha256.New()}
	for errs[0] == nil && errs[1] == nil {
		var filled [2]int
		for i, r := range readers {
			filled[i], errs[i] = io.ReadFull(r, p.buffers[i][:])
			sizes[i] += int64(filled[i])
		}
		write(digests, [2][]byte{p.buffers[0][:filled[0]], p.buffers[1][:filled[1]]})
	}
	for i, r := range readers {
		for errs[i] == nil {
			var n int
			n, errs[i] = io.ReadFull(r, p.buffers[i][:])
			sizes[i] += int64(n)
			_, _ = digests[i].Write(p.buffers[i][:n]) // never fails
		}
		if errs[i] == io.EOF || errs[i] == io.ErrUnexpectedEOF { //nolint:errorlint // what ReadFull itself says
			errs[i] = nil
		}
		digests[i].Sum(sums[i][:0])
	}
	return sums, sizes, errs
}

// write adds a text to each of two digests.
func write(digests [2]hash.Hash, texts [2][]byte) {
	if n := min(len(texts[0]), len(texts[1])) / sha256.BlockSize; n > 0 && paired() {
		var states [2]state
		if states[0].take(digests[0]) && states[1].take(digests[1]) {
			blocks(&states[0].words, &states[1].words, &texts[0][0], &texts[1][0], n)
			for i := range digests {
				states[i].length += uint64(n) * sha256.BlockSize
				if states[i].give(digests[i]) {
					texts[i] = texts[i][n*sha256.BlockSize:]
				}
			}
		}
	}
	for i := range digests {
		_, _ = digests[i].Write(texts[i]) // never fails
	}
}

// state is a digest between two blocks.
type state struct {
	words  [8]uint32
	length uint64 // of the text so far
}

// The form in which [sha256.New]'s digests are marshaled. Another one is not understood, and nothing is done by pairs.
const (
	magic   = "sha\x03"
	lengths = len(magic) + 32 + sha256.BlockSize
	size    = lengths + 8
)

// take reads the state of a digest. It returns false where it is within a block, or has another form.
func (s *state) take(digest hash.Hash) bool {
	marshaler, ok := digest.(encoding.BinaryAppender)
	if !ok {
		return false
	}
	text, err := marshaler.AppendBinary(make([]byte, 0, size))
	if err != nil || len(text) != size || string(text[:len(magic)]) != magic {
		return false
	}
	for i := range s.words {
		s.words[i] = binary.BigEndian.Uint32(text[len(magic)+4*i:])
	}
	s.length = binary.BigEndian.Uint64(text[lengths:])
	return s.length%sha256.BlockSize == 0
}

// give has a digest go on from the state.
func (s *state) give(digest hash.Hash) bool {
	unmarshaler, ok := digest.(encoding.BinaryUnmarshaler)
	if !ok {
		return false
	}
	text := append(make([]byte, 0, size), magic...)
	for _, word := range s.words {
		text = binary.BigEndian.AppendUint32(text, word)
	}
	text = append(text, make([]byte, sha256.BlockSize)...)
	return unmarshaler.UnmarshalBinary(binary.BigEndian.AppendUint64(text, s.length)) == nil
}
