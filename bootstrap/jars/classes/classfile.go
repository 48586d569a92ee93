// Package classes finds out which jars of a class path a program refers to, so that the others may be left out.
package classes

import (
	"encoding/binary"
	"errors"
	"strings"
)

// Tags of the constant pool: https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html#jvms-4.4
const (
	tagUTF8        = 1
	tagLong        = 5
	tagDouble      = 6
	tagClass       = 7
	tagString      = 8
	tagNameAndType = 12
	tagMethodType  = 16
)

// width is the size of a constant behind its tag, but for text.
//
//nolint:gochecknoglobals // a read-only table
var width = map[byte]int{
	3: 4, 4: 4, tagLong: 8, tagDouble: 8, tagClass: 2, tagString: 2, 9: 4, 10: 4, 11: 4, tagNameAndType: 4, 15: 3, tagMethodType: 2, 17: 4, 18: 4, 19: 2, 20: 2,
}

const magic = 0xCAFEBABE

var errTorn = errors.New("the class file is cut off")

// reader reads a class file; the first error stays.
type reader struct {
	data []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || n > len(r.data) {
		r.err = errTorn
		return nil
	}
	taken := r.data[:n]
	r.data = r.data[n:]
	return taken
}

func (r *reader) u2() int {
	if b := r.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (r *reader) u4() int64 {
	if b := r.take(4); b != nil {
		return int64(binary.BigEndian.Uint32(b))
	}
	return 0
}

// pool is a constant pool: the text of UTF-8 constants, and the indices that others hold.
type pool struct {
	text   map[int]string
	class  []int // of names
	types  []int // of descriptors
	quoted []int // of string literals
}

// references is what a class file mentions. Names have dots.
type references struct {
	classes []string // that it cannot be linked without
	strings []string // literals; some name classes that are looked for at run time
}

// parse reads a class file's references: the classes in its constant pool and in the descriptors of its fields and methods. Annotations do
// not count, as the virtual machine passes over those that are not there.
func parse(data []byte) (*references, error) {
	r := &reader{data: data}
	if r.u4() != magic {
		return nil, errors.New("no class file")
	}
	r.take(4) // version
	p := r.pool()
	r.take(6) // access flags, this class, super class
	r.take(2 * r.u2())
	for range 2 { // fields, methods
		r.members(p)
	}
	if r.err != nil {
		return nil, r.err
	}
	return p.references(), nil
}

func (r *reader) pool() *pool {
	p := &pool{text: make(map[int]string)}
	count := r.u2()
	for i := 1; i < count && r.err == nil; i++ {
		tag := r.take(1)
		switch {
		case tag == nil:
		case tag[0] == tagUTF8:
			p.text[i] = string(r.take(r.u2()))
		case width[tag[0]] == 0:
			r.err = errors.New("an unknown constant in the class file")
		default:
			i += p.add(tag[0], r.take(width[tag[0]]))
		}
	}
	return p
}

// add notes a constant and returns how many indices it takes besides its own.
func (p *pool) add(tag byte, content []byte) int {
	if content == nil {
		return 0
	}
	switch tag {
	case tagLong, tagDouble:
		return 1
	case tagClass:
		p.class = append(p.class, int(binary.BigEndian.Uint16(content)))
	case tagString:
		p.quoted = append(p.quoted, int(binary.BigEndian.Uint16(content)))
	case tagMethodType:
		p.types = append(p.types, int(binary.BigEndian.Uint16(content)))
	case tagNameAndType:
		p.types = append(p.types, int(binary.BigEndian.Uint16(content[2:])))
	}
	return 0
}

// members reads the descriptors of fields or methods, which reflection loads the classes of.
func (r *reader) members(p *pool) {
	for range r.u2() {
		r.take(4) // access flags, name
		p.types = append(p.types, r.u2())
		for range r.u2() {
			r.take(2)
			length := r.u4()
			if length > int64(len(r.data)) {
				r.err = errTorn
				return
			}
			r.take(int(length))
		}
		if r.err != nil {
			return
		}
	}
}

func (p *pool) references() *references {
	found := new(references)
	for _, i := range p.class {
		if name := p.text[i]; strings.HasPrefix(name, "[") {
			found.classes = append(found.classes, inDescriptor(name)...)
		} else {
			found.classes = append(found.classes, dotted(name))
		}
	}
	for _, i := range p.types {
		found.classes = append(found.classes, inDescriptor(p.text[i])...)
	}
	for _, i := range p.quoted {
		found.strings = append(found.strings, p.text[i])
	}
	return found
}

// inDescriptor returns the classes of a descriptor such as (ILjava/lang/String;)[Lx/Y;.
func inDescriptor(descriptor string) []string {
	var names []string
	for {
		begin := strings.IndexByte(descriptor, 'L')
		if begin < 0 {
			return names
		}
		name, rest, ok := strings.Cut(descriptor[begin+1:], ";")
		if !ok {
			return names
		}
		names = append(names, dotted(name))
		descriptor = rest
	}
}

func dotted(name string) string { return strings.ReplaceAll(name, "/", ".") }
