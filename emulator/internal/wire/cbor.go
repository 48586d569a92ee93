package wire

import (
	"math"
	"unicode/utf8"
)

// The major types of CBOR data items (RFC 8949 section 3.1).
const (
	CBORUint  byte = 0
	CBORBytes byte = 2
	CBORText  byte = 3
	CBORArray byte = 4
	CBORMap   byte = 5
	cborTag   byte = 6

	cborNegative byte = 1
	cborBreak    byte = 0xff
	indefinite   byte = 31 // additional information of an item that ends by a break
)

// AppendCBORHead appends the head of a CBOR data item: its major type and its length or value (RFC 8949 section 3).
func AppendCBORHead(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return append(b, major|25, byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return append(b, major|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	default:
		return append(b, major|27, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
}

// AppendCBORText appends a text string.
func AppendCBORText(b []byte, text string) []byte {
	return append(AppendCBORHead(b, CBORText, uint64(len(text))), text...)
}

// AppendCBORBytes appends a byte string.
func AppendCBORBytes(b, data []byte) []byte {
	return append(AppendCBORHead(b, CBORBytes, uint64(len(data))), data...)
}

// AppendCBORInt appends an integer.
func AppendCBORInt(b []byte, n int64) []byte {
	if n < 0 {
		return AppendCBORHead(b, cborNegative, uint64(-(n + 1)))
	}
	return AppendCBORHead(b, CBORUint, uint64(n))
}

// AppendCBORMillis appends a time as the AWS SDK for Java has it: tag 1 with milliseconds since 1970.
func AppendCBORMillis(b []byte, millis int64) []byte {
	return AppendCBORInt(AppendCBORHead(b, cborTag, epochTag), millis)
}

// CBORReader reads CBOR piece by piece for hand-written ParseCBOR methods. Anything but the plain forms makes it Fail, for the
// general decoder to judge.
type CBORReader struct {
	data   []byte
	at     int
	failed bool
}

// NewCBORReader starts at the beginning of a document.
func NewCBORReader(data []byte) *CBORReader { return &CBORReader{data: data} }

// Err returns ErrUnusual once anything was not as expected, or when the document goes on.
func (r *CBORReader) Err() error {
	if r.failed || r.at != len(r.data) {
		return ErrUnusual
	}
	return nil
}

// Fail makes Err answer ErrUnusual and ends all loops.
func (r *CBORReader) Fail() { r.failed = true }

// Items is an array or map that is being read.
type Items struct {
	left int  // items still to come, when the count was given
	open bool // ends by a break
}

// Begin takes the head of an array or map.
func (r *CBORReader) Begin(major byte) Items {
	if !r.failed && r.at < len(r.data) && r.data[r.at] == major<<5|indefinite {
		r.at++
		return Items{open: true}
	}
	return Items{left: r.head(major)}
}

// Left returns how many items are still to come, 0 where the head did not say.
func (i *Items) Left() int { return i.left }

// More says whether another item (in a map: a pair of them) follows.
func (r *CBORReader) More(items *Items) bool {
	if r.failed {
		return false
	}
	if items.open {
		if r.at < len(r.data) && r.data[r.at] == cborBreak {
			r.at++
			return false
		}
		return true
	}
	items.left--
	return items.left >= 0
}

// head takes the head of an item of a known major type and returns its count, which is never larger than the document.
func (r *CBORReader) head(major byte) int {
	if r.failed || r.at >= len(r.data) || r.data[r.at]>>5 != major {
		r.failed = true
		return 0
	}
	info := r.data[r.at] & 31
	r.at++
	n := int(info)
	if info >= 24 {
		width := 1 << (info - 24)
		if info > 26 || len(r.data)-r.at < width {
			r.failed = true
			return 0
		}
		n = 0
		for _, b := range r.data[r.at : r.at+width] {
			n = n<<8 | int(b)
		}
		r.at += width
	}
	if n < 0 || n > len(r.data)-r.at {
		r.failed = true
		return 0
	}
	return n
}

// Uint takes a whole number without a sign, of up to two bytes.
func (r *CBORReader) Uint() int64 {
	const oneByte, twoBytes = 24, 25
	rest := r.data[min(r.at, len(r.data)):]
	if r.failed || len(rest) == 0 || rest[0]>>5 != CBORUint {
		r.failed = true
		return 0
	}
	switch info := rest[0] & 31; {
	case info < oneByte:
		r.at++
		return int64(info)
	case info == oneByte && len(rest) > 1:
		r.at += 2
		return int64(rest[1])
	case info == twoBytes && len(rest) > 2:
		r.at += 3
		return int64(rest[1])<<8 | int64(rest[2])
	}
	r.failed = true
	return 0
}

// Bytes takes a byte string and returns its content, a piece of the document.
func (r *CBORReader) Bytes() []byte { return r.content(CBORBytes) }

// Text takes a text string and returns its content, a piece of the document.
func (r *CBORReader) Text() []byte {
	text := r.content(CBORText)
	if !utf8.Valid(text) {
		r.failed = true
	}
	return text
}

// Span takes a text string and returns where in the document its content lies.
func (r *CBORReader) Span() (start, end int) {
	text := r.Text()
	return r.at - len(text), r.at
}

func (r *CBORReader) content(major byte) []byte {
	n := r.head(major)
	if r.failed {
		return nil
	}
	r.at += n
	return r.data[r.at-n : r.at : r.at]
}
