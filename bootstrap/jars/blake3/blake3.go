// Package blake3 makes digests by BLAKE3, a cryptographic hash as SHA-256 is, in a form that a processor can do several parts of at once:
// https://github.com/BLAKE3-team/BLAKE3-specs/blob/master/blake3.pdf. With AVX-512 it takes half the time of SHA-256 by its own instructions, on
// two files at a time (package sum); docs/bench.md has what Go's libraries for it take.
//
// For the sake of package ahead it imports nothing that package os does not.
package blake3

import (
	"errors"
	"io"
)

const (
	// lanes is how many messages are compressed at a time.
	lanes = 16
	// pieceChunks is how many chunks are read and digested at a time, a multiple of lanes. They stay in a core's own cache.
	pieceChunks = 64
	// treeChunks is how many chunks' values are kept before they are merged, a power of two: the more there are, the fewer lanes do nothing.
	treeChunks = 16 * pieceChunks

	pieceSize = pieceChunks * chunkSize
)

// errNoFile is of a folder, a pipe or the like.
var errNoFile = errors.New("it is no regular file")

// Size is the length of a digest in bytes.
const Size = 32

// Digest makes the digest of what it is given. It is for one goroutine.
//
// A message is cut into chunks of 1 KiB; the values of these are the leaves of a binary tree, whose root is the digest. So all chunks are
// alike work, which AVX-512 does for 16 of them at a time.
type Digest struct {
	piece  [pieceSize]byte
	filled int // of piece, in bytes
	leaves [treeChunks]value
	count  int     // of leaves
	trees  []value // of whole subtrees before the leaves, two of each: had one a value of its own, it could not be the tree's root
	size   int64
	plain  bool // do without AVX-512

	merged [treeChunks / 2]value
}

// value is what a chunk becomes, or two other values: 8 words, the low byte of each first.
type value [Size]byte

// New returns the digest of nothing so far.
func New() *Digest { return &Digest{plain: !Fast()} }

// Reset begins anew.
func (d *Digest) Reset() { d.filled, d.count, d.trees, d.size = 0, 0, d.trees[:0], 0 }

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

// File returns how many bytes were read from a file and their digest in lower-case hexadecimal digits. What was added before is forgotten.
func (d *Digest) File(file *File) (size int64, digest string, err error) {
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
	d.count += d.chunks()
	d.filled = 0
	if d.count == treeChunks {
		values := d.merge(d.merged[:0], d.leaves[:])
		for len(values) > 2 {
			values = d.merge(values, values)
		}
		d.trees = append(d.trees, values...)
		d.count = 0
	}
}

// Sum returns the digest of what was added so far.
func (d *Digest) Sum() [Size]byte {
	if d.size <= chunkSize {
		return chunk(d.piece[:d.filled], 0, isRoot)
	}
	values := d.leaves[:d.count+d.chunks()]
	if len(values) > 2 || len(d.trees) > 0 {
		values = d.merge(d.merged[:0], values)
	}
	if len(d.trees) > 0 { // as many levels up as those are
		for chunks := treeChunks / 2; chunks > 2; chunks /= 2 {
			values = d.merge(values, values)
		}
		all := make([]value, 0, len(d.trees)+len(values)+2*lanes)
		values = append(append(all, d.trees...), values...)
	}
	for len(values) > 2 {
		values = d.merge(values, values)
	}
	return join(&values[0], &values[1], isRoot)
}

const digits = "0123456789abcdef"

// Hex returns Sum in lower-case hexadecimal digits.
func (d *Digest) Hex() string {
	var text [2 * Size]byte // package encoding/hex is initialised late, as it imports fmt
	for i, b := range d.Sum() {
		text[2*i], text[2*i+1] = digits[b>>4], digits[b&15]
	}
	return string(text[:])
}

// chunks puts the values of the chunks in the piece, the last of which may be short, behind the leaves, and returns how many they are.
func (d *Digest) chunks() int {
	counter := uint64(d.size-int64(d.filled)) / chunkSize
	leaves := d.leaves[d.count:]
	whole := d.filled / chunkSize
	for i := 0; i < whole && !d.plain; i += lanes {
		var counters [2][lanes]uint32
		for lane := range lanes {
			number := counter + uint64(i+lane)
			counters[0][lane], counters[1][lane] = uint32(number), uint32(number>>32)
		}
		wide((*[lanes]value)(leaves[i:]), &d.piece[i*chunkSize], chunkSize, chunkSize/blockSize, &counters, isFirst, isLast)
	}
	for i := 0; i < whole && d.plain; i++ {
		leaves[i] = chunk(d.piece[i*chunkSize:(i+1)*chunkSize], counter+uint64(i), 0)
	}
	if whole*chunkSize == d.filled {
		return whole
	}
	leaves[whole] = chunk(d.piece[whole*chunkSize:d.filled], counter+uint64(whole), 0)
	return whole + 1
}

// merge returns the values of the parents of each two values. An odd one comes up as it is. They are put at the begin of to, which may be the
// begin of values. The arrays of both have a length that is a multiple of what is read and written at a time.
func (d *Digest) merge(to, values []value) []value {
	var (
		none  [2][lanes]uint32
		pairs = len(values) / 2
		odd   = values[2*pairs:]
	)
	if len(odd) > 0 {
		odd = []value{odd[0]} // which may be overwritten
	}
	to, values = to[:cap(to)], values[:cap(values)]
	for i := 0; i < pairs && d.plain; i++ {
		to[i] = join(&values[2*i], &values[2*i+1], 0)
	}
	for i := 0; i < pairs && !d.plain; i += lanes {
		both := (*[2 * lanes]value)(values[2*i:])
		wide((*[lanes]value)(to[i:]), &both[0][0], blockSize, 1, &none, isParent, 0)
	}
	return append(to[:pairs], odd...)
}
