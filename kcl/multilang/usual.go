package multilang

import (
	"bytes"
	"encoding/binary"
	"time"

	"clickstream/kcl/multilang/base64"
)

// usualRecord decodes a record that looks exactly as Jackson writes it, with strings that need no decoding. When it
// answers false the record is to be read again by anyRecord.
//
// This is where a child spends its time. Names are compared in pieces of at most 16 bytes, for which the compiler calls nobody, and
// numbers are guessed to be as long as those of the record before.
func (p *daemonParser) usualRecord(r *Record) bool {
	return p.usualData(r) && p.usualKey(r) && p.usualNumber(r) && p.usualArrival(r) && p.usualEnd(r)
}

// usualData reads the beginning, and base64 up to the next quote. What base64.Decode refuses is left to the thorough reader.
func (p *daemonParser) usualData(r *Record) bool {
	b := p.b[p.i:]
	if len(b) < 9 || string(b[:9]) != `{"data":"` {
		return false
	}
	n := bytes.IndexByte(b[9:], '"')
	if n < 0 || n%4 != 0 {
		return false
	}
	taken := p.data.take(n/4*3, len(b)/4*3)
	size, ok := base64.Decode(taken, b[9:9+n])
	if !ok {
		return false
	}
	r.Data = p.data.keep(taken, size)
	p.i += n + 10
	return true
}

func (p *daemonParser) usualKey(r *Record) bool {
	b := p.b[p.i:]
	if len(b) < 17 || string(b[:16]) != `,"partitionKey":` || b[16] != '"' {
		return false
	}
	p.i += 17
	key, ok := p.usualString()
	if ok {
		r.PartitionKey = p.keys.intern(key, &p.strings, len(b))
	}
	return ok
}

func (p *daemonParser) usualNumber(r *Record) bool {
	b := p.b[p.i:]
	if len(b) < 19 || string(b[:16]) != `,"sequenceNumber` || string(b[16:19]) != `":"` {
		return false
	}
	p.i += 19
	number := b[19:]
	if n := p.numberLength; 0 < n && n < len(number) && number[n] == '"' && digits(number[:n]) {
		p.i += n + 1
		number = number[:n]
	} else {
		var ok bool
		if number, ok = p.usualString(); !ok {
			return false
		}
	}
	p.numberLength = len(number)
	r.SequenceNumber = p.strings.text(number, len(b))
	return true
}

func (p *daemonParser) usualArrival(r *Record) bool {
	b := p.b[p.i:]
	if len(b) < 32 || string(b[:16]) != `,"approximateArr` || string(b[16:31]) != `ivalTimestamp":` {
		return false
	}
	p.i += 31
	millis, ok := p.usualMillis()
	r.ApproximateArrivalTimestamp = time.UnixMilli(millis)
	return ok
}

// usualEnd reads the sub-sequence number and what follows it.
func (p *daemonParser) usualEnd(r *Record) (ok bool) {
	b := p.b[p.i:]
	if len(b) < 22 || string(b[:16]) != `,"subSequenceNum` || string(b[16:21]) != `ber":` {
		return false
	}
	if b[21] == '0' {
		p.i += 22
		r.SubSequenceNumber = 0
	} else {
		p.i += 21
		if r.SubSequenceNumber, ok = p.usualInteger(); !ok {
			return false
		}
	}
	b = p.b[p.i:]
	if len(b) < 19 || string(b[:16]) != `,"action":"recor` || string(b[16:19]) != `d"}` {
		return false
	}
	p.i += 19
	return true
}

func (p *daemonParser) usualString() ([]byte, bool) {
	rest := p.b[p.i:]
	n := plainLength(rest)
	if n == len(rest) || rest[n] != '"' {
		return nil, false
	}
	p.i += n + 1
	return rest[:n], true
}

// usualInteger reads up to 18 digits; what stands behind them is checked by the caller.
func (p *daemonParser) usualInteger() (n int64, ok bool) {
	b := p.b[p.i:]
	i := 0
	for i < len(b) && i < 19 && '0' <= b[i] && b[i] <= '9' {
		n = n*10 + int64(b[i]-'0')
		i++
	}
	p.i += i
	return n, i == 1 || 1 < i && i < 19 && b[0] != '0'
}

// usualMillis reads milliseconds since 1970, which will have 13 digits for some centuries.
func (p *daemonParser) usualMillis() (n int64, ok bool) {
	const size = 13
	b := p.b[p.i:]
	if len(b) <= size || b[0] == '0' || !digits(b[:8]) || !digits(b[size-8:size]) || '0' <= b[size] && b[size] <= '9' {
		return p.usualInteger()
	}
	p.i += size
	return eightDigits(b)*100_000 + eightDigits(b[size-8:])%100_000, true
}

const (
	ones  = 0x0101010101010101
	tops  = 0x8080808080808080
	zeros = '0' * ones
)

// digits reports that s is nothing but digits.
func digits(s []byte) bool {
	i, all := 0, uint64(0)
	for ; i+8 <= len(s); i += 8 {
		v := binary.LittleEndian.Uint64(s[i:]) ^ zeros // digits become 0 to 9
		all |= v | (v + (0x80-10)*ones)
	}
	for _, c := range s[i:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return all&tops == 0
}

// eightDigits is the number that the first eight bytes of s, all digits, are: neighbours are joined to numbers of two digits, of four, of
// eight.
func eightDigits(s []byte) int64 {
	v := binary.LittleEndian.Uint64(s) - zeros
	v = (v*10 + v>>8) & 0x00ff00ff00ff00ff
	v = (v*100 + v>>16) & 0x0000ffff0000ffff
	return int64((v*10_000 + v>>32) & 0xffffffff)
}
