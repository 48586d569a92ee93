package kinesis

import (
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

const digitPairs = "00010203040506070809" + "10111213141516171819" + "20212223242526272829" + "30313233343536373839" + "40414243444546474849" +
	"50515253545556575859" + "60616263646566676869" + "70717273747576777879" + "80818283848586878889" + "90919293949596979899"

// putDigits writes n right-aligned into b, which holds zeros.
func putDigits(b []byte, n uint64) {
	i := len(b)
	for ; i >= 2; i -= 2 {
		pair := n % 100 * 2
		n /= 100
		b[i-2], b[i-1] = digitPairs[pair], digitPairs[pair+1]
	}
	if i == 1 {
		b[0] = '0' + byte(n)
	}
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
