package deaggregate

import "encoding/binary"

// Wire types of the protocol buffers encoding.
const (
	wireVarint     = 0
	wire64Bits     = 1
	wireBytes      = 2
	wireStartGroup = 3
	wireEndGroup   = 4
	wire32Bits     = 5
)

// maxGroups is how deep groups may nest, as in the Java decoder.
const maxGroups = 100

// field is one field as it stands in a message.
type field struct {
	number uint32
	wire   uint32
	varint uint64 // for wireVarint
	bytes  []byte // for wireBytes; shares memory with the message
}

// eachField calls take with the fields of a message, groups and fixed numbers without their content. It stops and returns
// false as soon as take does, or when b is not a message.
func eachField(b []byte, take func(field) bool) bool {
	r := reader{b: b}
	for len(r.b) > 0 {
		f, ok := r.field(0)
		if !ok || f.wire == wireEndGroup || !take(f) {
			return false
		}
	}
	return true
}

type reader struct{ b []byte }

func (r *reader) field(groups int) (f field, ok bool) {
	tag, ok := r.varint()
	f.number, f.wire = uint32(tag)>>3, uint32(tag)&7
	if !ok || f.number == 0 {
		return f, false
	}
	switch f.wire {
	case wireVarint:
		f.varint, ok = r.varint()
	case wire64Bits:
		_, ok = r.take(8)
	case wire32Bits:
		_, ok = r.take(4)
	case wireBytes:
		var size uint64
		if size, ok = r.varint(); ok {
			f.bytes, ok = r.take(size & (1<<32 - 1))
		}
	case wireStartGroup:
		ok = groups < maxGroups && r.group(f.number, groups+1)
	case wireEndGroup:
	default:
		ok = false
	}
	return f, ok
}

// group skips to the end of the group of that number.
func (r *reader) group(number uint32, groups int) bool {
	for {
		f, ok := r.field(groups)
		if !ok {
			return false
		}
		if f.wire == wireEndGroup {
			return f.number == number
		}
	}
}

func (r *reader) take(n uint64) ([]byte, bool) {
	if n > uint64(len(r.b)) {
		return nil, false
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken, true
}

// varint reads up to ten bytes; what they hold above 64 bits is dropped.
func (r *reader) varint() (n uint64, ok bool) {
	for i := 0; i < binary.MaxVarintLen64 && i < len(r.b); i++ {
		n |= uint64(r.b[i]&0x7f) << (7 * i)
		if r.b[i] < 0x80 {
			r.b = r.b[i+1:]
			return n, true
		}
	}
	return 0, false
}
