package kinesis

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"clickstream/emulator/internal/wire"
)

// SequenceNumber is a record's number in the form that the service mints today: 188 bits, 56 decimal digits. From the top:
//
//	4 bits   2
//	36 bits  second in which the shard was made
//	4 bits   the shard's number, its low four bits
//	64 bits  index of the record in the shard, at most 2^63-1
//	8 bits   0; 1 in a number between two records, see afterwards
//	36 bits  second in which the record arrived
//	32 bits  the shard's number
//	4 bits   2, the version of this layout
//
// So numbers of one shard grow with the index, and those of a child shard, made in a later second, lie above its parents'.
// The service does not document this; the layout was worked out in public by the project kinesalite (db/index.js).
type SequenceNumber struct{ high, middle, low uint64 }

const (
	sequenceVersion = 2
	sequenceLead    = 2
	sequenceDigits  = 56
	lastIndex       = math.MaxInt64 // of a closed shard's ending number
)

// newSequence makes a number; second counts from 1970.
func newSequence(shard uint32, shardSecond int64, index uint64, second int64) SequenceNumber {
	return SequenceNumber{
		high:   sequenceLead<<56 | uint64(shardSecond)<<20 | uint64(shard&15)<<16 | index>>48,
		middle: index<<16 | uint64(second)>>28&0xff,
		low:    uint64(second)<<36 | uint64(shard)<<4 | sequenceVersion,
	}
}

func (n SequenceNumber) shard() uint32      { return uint32(n.low >> 4) }
func (n SequenceNumber) shardSecond() int64 { return int64(n.high >> 20 & (1<<36 - 1)) }
func (n SequenceNumber) index() uint64      { return n.high<<48 | n.middle>>16 }

const afterwardsBit = 1 << 8 // of middle

// afterwards returns a number that lies above that of a record and below that of the next. By it readers go on both at and after it.
func (n SequenceNumber) afterwards() SequenceNumber {
	n.middle |= afterwardsBit
	return n
}

func (n SequenceNumber) isAfterwards() bool { return n.middle&afterwardsBit != 0 }

// wellFormed says whether the service could have minted the number.
func (n SequenceNumber) wellFormed() bool {
	return n.high>>56 == sequenceLead && n.low&15 == sequenceVersion && n.high>>16&15 == n.low>>4&15 && n.index() <= lastIndex
}

// parseSequence reads a decimal number and says whether the service could have minted it.
func parseSequence(text string) (SequenceNumber, bool) {
	var n SequenceNumber
	if len(text) != sequenceDigits {
		return n, false
	}
	for _, digit := range []byte(text) {
		if digit < '0' || digit > '9' {
			return n, false
		}
		carry, low := bits.Mul64(n.low, 10)
		low, add := bits.Add64(low, uint64(digit-'0'), 0)
		carry, n.low = carry+add, low
		next, middle := bits.Mul64(n.middle, 10)
		middle, add = bits.Add64(middle, carry, 0)
		n.middle = middle
		n.high = n.high*10 + next + add // 56 digits are below 2^187: no overflow
	}
	return n, n.wellFormed()
}

// Append appends the 56 digits.
func (n SequenceNumber) Append(b []byte) []byte {
	const limb = 1e19 // the largest power of ten in 64 bits
	// The number in base 1e19: 18, 19 and 19 digits. high is below limb, so no division overflows.
	upper, rest := bits.Div64(n.high, n.middle, limb)
	lower, last := bits.Div64(rest, n.low, limb)
	first, second := bits.Div64(upper, lower, limb)
	at := len(b)
	b = append(b, "00000000000000000000000000000000000000000000000000000000"...)
	putDigits(b[at:at+18], first)
	putDigits(b[at+18:at+37], second)
	putDigits(b[at+37:at+56], last)
	return b
}

// putDigits writes n right-aligned into b, which holds zeros and has room for it.
func putDigits(b []byte, n uint64) {
	const many = 1e8
	for ; len(b) >= 8; b = b[:len(b)-8] {
		binary.LittleEndian.PutUint64(b[len(b)-8:], eightDigits(n%many))
		n /= many
	}
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
}

// eightDigits returns the characters of a number of up to eight digits, the first in the lowest byte. It halves numbers within one word: into
// two of four digits, four of two, eight of one.
func eightDigits(n uint64) uint64 {
	n = n/10000 | n%10000<<32
	upper := n * 10486 >> 20 & 0x7f_0000_007f // each divided by 100
	n = upper | (n-100*upper)<<16
	upper = n * 103 >> 10 & 0x000f_000f_000f_000f // each divided by 10
	n = upper | (n-10*upper)<<8
	return n | 0x3030_3030_3030_3030
}

// String returns the 56 digits.
func (n SequenceNumber) String() string { return string(n.Append(make([]byte, 0, sequenceDigits))) }

// MarshalText returns the 56 digits, as JSON's string holds them.
func (n SequenceNumber) MarshalText() ([]byte, error) { return n.Append(nil), nil }

// MarshalCBOR returns the 56 digits as a text string.
func (n SequenceNumber) MarshalCBOR() ([]byte, error) { return n.appendCBOR(nil), nil }

func (n SequenceNumber) appendCBOR(b []byte) []byte {
	return n.Append(wire.AppendCBORHead(b, wire.CBORText, sequenceDigits))
}

// shardID returns the name of a stream's shard by its number.
func shardID(number uint32) string { return fmt.Sprintf("shardId-%012d", number) }

// parseShardID reads a shard's name; the service takes it without its prefix and leading zeros too.
func parseShardID(text string) (uint32, bool) {
	const prefix = "shardId-"
	if len(text) > len(prefix) && text[:len(prefix)] == prefix {
		text = text[len(prefix):]
	}
	number, err := strconv.ParseUint(text, 10, 31)
	return uint32(number), err == nil
}
