package attribute

import (
	"encoding/binary"
	"errors"
)

// The binary form is what the emulator's data directory holds: kinds as numbers, lengths before contents, names in no order. Unlike
// the JSON form it knows no limits: what updates made of values can be deeper than what a request may bring.

// AppendBinary appends the item's binary form.
func (it Item) AppendBinary(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(it)))
	for name, value := range it {
		b = appendText(b, name)
		b = value.appendBinary(b)
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func (v Value) appendBinary(b []byte) []byte {
	b = append(b, byte(v.kind))
	switch v.kind {
	case String, Number, Binary:
		return appendText(b, v.text)
	case Bool:
		if v.flag {
			return append(b, 1)
		}
		return append(b, 0)
	case List, StringSet, NumberSet, BinarySet:
		b = binary.AppendUvarint(b, uint64(len(v.Elements())))
		for _, element := range v.Elements() {
			b = element.appendBinary(b)
		}
		return b
	case Map:
		return v.Fields().AppendBinary(b)
	default:
		return b
	}
}

// ErrBinary is the answer to bytes that are no binary form.
var ErrBinary = errors.New("the bytes are no item")

// ReadBinary reads an item from its binary form and returns what follows it.
func ReadBinary(b []byte) (Item, []byte, error) {
	r := &binaryReader{b: b}
	item := r.item(0)
	if r.failed {
		return nil, nil, ErrBinary
	}
	return item, r.b, nil
}

// deepest bounds the recursion; an item of 400 KiB cannot nest as far.
const deepest = 400 << 10

type binaryReader struct {
	b      []byte
	failed bool
}

func (r *binaryReader) fail() { r.b, r.failed = nil, true }

// count reads a number of things, each of which takes a byte at least.
func (r *binaryReader) count() int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(len(r.b)-size) {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return int(n)
}

func (r *binaryReader) text() string {
	n := r.count()
	text := string(r.b[:n])
	r.b = r.b[n:]
	return text
}

func (r *binaryReader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *binaryReader) item(depth int) Item {
	n := r.count()
	item := make(Item, min(n, 16))
	for ; n > 0 && !r.failed; n-- {
		name := r.text()
		item[name] = r.value(depth)
	}
	return item
}

func (r *binaryReader) value(depth int) Value {
	if depth > deepest {
		r.fail()
	}
	switch kind := Kind(r.byte()); kind {
	case String, Number, Binary:
		return Value{kind: kind, text: r.text()}
	case Bool:
		return Value{kind: kind, flag: r.byte() != 0}
	case Null:
		return Value{kind: kind}
	case List, StringSet, NumberSet, BinarySet:
		n := r.count()
		elements := make([]Value, 0, min(n, 16))
		for ; n > 0 && !r.failed; n-- {
			elements = append(elements, r.value(depth+1))
		}
		return newElements(kind, elements)
	case Map:
		return NewMap(r.item(depth + 1))
	default:
		r.fail()
		return Value{}
	}
}

// Held estimates the bytes of memory that an item takes, which are several times its Size: Go's maps come in groups of eight.
func (it Item) Held() int {
	const group, beyond, attribute = 464, 100, 16
	size := max(group, len(it)*beyond)
	for name, value := range it {
		size += len(name) + attribute + value.held()
	}
	return size
}

func (v Value) held() int {
	const rounding, shell, element = 8, 64, 32
	switch v.kind {
	case List, StringSet, NumberSet, BinarySet:
		size := shell
		for _, one := range v.Elements() {
			size += element + one.held()
		}
		return size
	case Map:
		return shell + v.Fields().Held()
	default:
		return len(v.text) + rounding
	}
}
