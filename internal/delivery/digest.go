package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
)

// Digest sums up the records of one object, in order, as two SHA-256 sums, written in hexadecimal with a dot between them:
//
//   - of their positions, each written as Position.String does and ended by a newline;
//   - of their data as the format frames it, which is the object's body before compression.
//
// So the second half can be had from the object alone (jsonl: zcat object | sha256sum), and the whole from the stream's records. Records
// that the format cannot hold (Storable) are not in it.
type Digest struct {
	format    string
	positions hash.Hash
	content   hash.Hash
	scratch   []byte
}

// NewDigest begins the digest of an object of the given format.
func NewDigest(format string) *Digest {
	return &Digest{format: format, positions: sha256.New(), content: sha256.New()}
}

// Add takes in the next record. The caller leaves out what is not Storable.
func (d *Digest) Add(p Position, data []byte) {
	d.scratch = append(append(d.scratch[:0], p.String()...), '\n')
	d.positions.Write(d.scratch)
	d.scratch = AppendRecord(d.scratch[:0], d.format, data)
	d.content.Write(d.scratch)
}

// Sum returns the digest of the records added so far.
func (d *Digest) Sum() string {
	return hex.EncodeToString(d.positions.Sum(nil)) + "." + hex.EncodeToString(d.content.Sum(nil))
}

// DigestOf is the digest of records whose positions, each with its newline, and whose framed data lie in two buffers.
func DigestOf(positions, body []byte) string {
	first := sha256.Sum256(positions)
	return hex.EncodeToString(first[:]) + "." + ContentSum(body)
}

// ContentSum is the sum of an object's body before compression, the second half of its digest.
func ContentSum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// ContentOf returns the second half of a digest, to be compared with ContentSum, or "" if digest is not one.
func ContentOf(digest string) string {
	_, content, _ := strings.Cut(digest, ".")
	return content
}
