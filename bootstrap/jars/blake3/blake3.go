// Package blake3 makes digests by BLAKE3, a cryptographic hash as SHA-256 is, in a form that a processor can do several parts of at once:
// https://github.com/BLAKE3-team/BLAKE3-specs/blob/master/blake3.pdf. With AVX-512 it takes half the time of SHA-256 by its own instructions, on
// two files at a time (package sum); docs/bench.md has what Go's libraries for it take.
//
// It is among the first packages that are initialised, for the sake of package ahead: it imports little.
package blake3

import (
	"encoding/hex"
	"errors"
	"io"
	"slices"
)

const (
	// lanes is how many messages are compressed at a time.
	lanes = 16
	// pieceSize is how much is digested at a time: 64 chunks, a power of two, so that a whole piece is a subtree of its own. It stays in a core's
	// own cache.
	pieceSize = 64 * chunkSize
)

// Size is the length of a digest in bytes.
const Size = 32

// Digest makes the digest of what it is given. It is for one goroutine.
//
// A message is cut into chunks of 1 KiB; the values of these are the leaves of a binary tree, whose root is the digest. So all chunks are
// alike work, which AVX-512 does for 16 of them at a time.
type Digest struct {
	piece  [pieceSize]byte
	filled int     // of piece, in bytes
	values []value // of whole pieces before it, two of each: had one a value of its own, it could not be the tree's root
	size   int64
	plain  bool // do without AVX-512

	leaves [pieceSize / chunkSize]value
	pairs  [2 * lanes]value
	made   [lanes]value
}

// value is what a chunk becomes, or two other values: 8 words, the low byte of each first.
type value [Size]byte

// New returns the digest of nothing so far.
func New() *Digest { return &Digest{plain: !Fast()} }

// Reset begins anew.
func (d *Digest) Reset() { d.filled, d.size, d.values = 0, 0, d.values[:0] }

// Write adds to what is digested. It never fails.
func (d *Digest) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := copy(d.piece[d.filled:], rest)
		rest = rest[n:]
		d.add(n)
	}
	return len(p), nil
}

// ReadFrom adds all that r holds. It implements [io.ReaderFrom].
func (d *Digest) ReadFrom(r io.Reader) (int64, error) {
	before := d.size
	for {
		n, err := r.Read(d.piece[d.filled:])
		d.add(n)
		if errors.Is(err, io.EOF) {
			return d.size - before, nil
		}
		if err != nil {
			return d.size - before, err
		}
	}
}

// File returns the size of a file and its digest in lower-case hexadecimal digits. What was added before is forgotten.
func (d *Digest) File(path string) (size int64, digest string, err error) {
	file, err := open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = file.Close() }() // read only
	d.Reset()
	if size, err = d.ReadFrom(file); err != nil {
		return size, "", err
	}
	return size, d.Hex(), nil
}

// add counts bytes that were put behind those in the piece.
func (d *Digest) add(n int) {
	d.filled += n
	d.size += int64(n)
	if d.filled < pieceSize {
		return
	}
	values := d.chunks()
	for len(values) > 2 {
		values = d.merge(values)
	}
	d.values = append(d.values, values...)
	d.filled = 0
}

// Sum returns the digest of what was added so far.
func (d *Digest) Sum() [Size]byte {
	if d.size <= chunkSize {
		return chunk(d.piece[:d.filled], 0, isRoot)
	}
	values := d.chunks()
	if len(d.values) > 0 {
		for chunks := pieceSize / chunkSize; chunks > 2; chunks /= 2 {
			values = d.merge(values)
		}
		values = append(slices.Clip(d.values), values...)
	}
	for len(values) > 2 {
		values = d.merge(values)
	}
	return join(&values[0], &values[1], isRoot)
}

// Hex returns Sum in lower-case hexadecimal digits.
func (d *Digest) Hex() string {
	digest := d.Sum()
	return hex.EncodeToString(digest[:])
}

// chunks returns the values of the chunks in the piece, the last of which may be short. They are overwritten by the next call.
func (d *Digest) chunks() []value {
	counter := uint64(d.size-int64(d.filled)) / chunkSize
	whole := d.filled / chunkSize
	for i := 0; i < whole && !d.plain; i += lanes {
		var counters [2][lanes]uint32
		for lane := range lanes {
			number := counter + uint64(i+lane)
			counters[0][lane], counters[1][lane] = uint32(number), uint32(number>>32)
		}
		wide((*[lanes]value)(d.leaves[i:]), &d.piece[i*chunkSize], chunkSize, chunkSize/blockSize, &counters, isFirst, isLast)
	}
	for i := 0; i < whole && d.plain; i++ {
		d.leaves[i] = chunk(d.piece[i*chunkSize:(i+1)*chunkSize], counter+uint64(i), 0)
	}
	if whole*chunkSize == d.filled {
		return d.leaves[:whole]
	}
	d.leaves[whole] = chunk(d.piece[whole*chunkSize:d.filled], counter+uint64(whole), 0)
	return d.leaves[:whole+1]
}

// merge puts in place of each two values that of their parent, one level up. An odd one comes up as it is.
func (d *Digest) merge(values []value) []value {
	var none [2][lanes]uint32
	pairs := len(values) / 2
	for i := 0; i < pairs; i += lanes {
		n := copy(d.pairs[:], values[2*i:2*pairs]) / 2
		if d.plain {
			for k := range n {
				d.made[k] = join(&d.pairs[2*k], &d.pairs[2*k+1], 0)
			}
		} else {
			wide(&d.made, &d.pairs[0][0], blockSize, 1, &none, isParent, 0)
		}
		copy(values[i:], d.made[:n])
	}
	if len(values)%2 == 1 {
		values[pairs] = values[2*pairs]
		pairs++
	}
	return values[:pairs]
}
