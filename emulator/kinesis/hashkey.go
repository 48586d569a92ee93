package kinesis

import (
	"crypto/md5"
	"encoding/binary"
	"math/big"
	"math/bits"
)

// hashKey is a point of a stream's 128-bit hash key space.
type hashKey struct{ high, low uint64 }

// lastHashKey returns 2^128-1.
func lastHashKey() hashKey { return hashKey{^uint64(0), ^uint64(0)} }

// hashOf returns the place of a partition key: its MD5.
func hashOf(partitionKey string) hashKey {
	var space [256]byte // a key of up to 256 bytes costs no allocation
	sum := md5.Sum(append(space[:0], partitionKey...))
	return hashKey{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// parseHashKey reads a decimal number below 2^128 without leading zeros.
func parseHashKey(text string) (hashKey, bool) {
	var h hashKey
	if text == "" || len(text) > 39 || (text[0] == '0' && text != "0") {
		return h, false
	}
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 {
			return h, false
		}
		over, high := bits.Mul64(h.high, 10)
		carry, low := bits.Mul64(h.low, 10)
		low, add := bits.Add64(low, uint64(digit), 0)
		high, overflow := bits.Add64(high, carry, add)
		if over != 0 || overflow != 0 {
			return h, false
		}
		h = hashKey{high, low}
	}
	return h, true
}

// wellFormedHashKey says whether text has the form that the service's pattern asks for, whatever its size.
func wellFormedHashKey(text string) bool {
	if text == "0" {
		return true
	}
	if text == "" || len(text) > 39 || text[0] == '0' {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

func (h hashKey) less(other hashKey) bool {
	return h.high < other.high || (h.high == other.high && h.low < other.low)
}

// next returns the point after h, going round at the end.
func (h hashKey) next() hashKey {
	low, carry := bits.Add64(h.low, 1, 0)
	return hashKey{h.high + carry, low}
}

// previous returns the point before h, going round at the start.
func (h hashKey) previous() hashKey {
	low, borrow := bits.Sub64(h.low, 1, 0)
	return hashKey{h.high - borrow, low}
}

func (h hashKey) String() string {
	n := new(big.Int).SetUint64(h.high)
	return n.Or(n.Lsh(n, 64), new(big.Int).SetUint64(h.low)).String()
}

// evenStarts returns where the shards of an evenly cut stream begin: at multiples of 2^128/count, rounded down, as the
// service cuts it.
func evenStarts(count int) []hashKey {
	width := new(big.Int).Lsh(big.NewInt(1), 128)
	width.Quo(width, big.NewInt(int64(count)))
	starts := make([]hashKey, count)
	for i := range starts {
		var bytes [16]byte
		new(big.Int).Mul(width, big.NewInt(int64(i))).FillBytes(bytes[:])
		starts[i] = hashKey{binary.BigEndian.Uint64(bytes[:8]), binary.BigEndian.Uint64(bytes[8:])}
	}
	return starts
}
