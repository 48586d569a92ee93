// Package attribute holds DynamoDB's attribute values: the ten types, their exact numbers,
// their order, their sizes and their JSON form.
//
// The rules are those of the Amazon DynamoDB Developer Guide, "Supported data types and naming
// rules" and "Item sizes and formats"; the sentences in errors are the service's own.
package attribute

import "strings"

// Kind is the type of a Value. Its String is the type's name on the wire.
type Kind uint8

// The kinds of values. The zero Kind belongs to a Value that is not there at all.
const (
	Missing Kind = iota
	String
	Number
	Binary
	Bool
	Null
	List
	Map
	StringSet
	NumberSet
	BinarySet
)

// String names the kind as the wire does: "S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS"
// or "BS"; it is empty for Missing.
func (k Kind) String() string {
	switch k {
	case String:
		return "S"
	case Number:
		return "N"
	case Binary:
		return "B"
	case Bool:
		return "BOOL"
	case Null:
		return "NULL"
	case List:
		return "L"
	case Map:
		return "M"
	case StringSet:
		return "SS"
	case NumberSet:
		return "NS"
	case BinarySet:
		return "BS"
	case Missing:
		return ""
	}
	return ""
}

// KindOf is the Kind whose name on the wire is name, or Missing.
func KindOf(name string) Kind {
	for k := String; k <= BinarySet; k++ {
		if k.String() == name {
			return k
		}
	}
	return Missing
}

// Scalar tells whether values of this kind can be keys and have an order: strings, numbers and
// binary values.
func (k Kind) Scalar() bool { return k == String || k == Number || k == Binary }

// Set tells whether the kind is one of the three set types.
func (k Kind) Set() bool { return k == StringSet || k == NumberSet || k == BinarySet }

// Value is one attribute value. The zero Value is Missing. A Value is never changed once it has
// been made, so it may be shared between items, requests and goroutines.
type Value struct {
	kind  Kind
	flag  bool   // Bool
	text  string // String, canonical Number, Binary's bytes
	inner *inner // List, Map and sets
}

// inner is kept apart so that scalars, of which items mostly consist, stay small.
type inner struct {
	list []Value // List; the sorted elements of a set
	item Item    // Map
}

// NewString makes a string.
func NewString(s string) Value { return Value{kind: String, text: s} }

// NewBinary makes a binary value of the bytes in b, which are copied.
func NewBinary(b []byte) Value { return Value{kind: Binary, text: string(b)} }

// NewNull makes the null value.
func NewNull() Value { return Value{kind: Null} }

// NewList makes a list, which takes over elements.
func NewList(elements ...Value) Value { return newElements(List, elements) }

// NewMap makes a map, which takes over fields.
func NewMap(fields Item) Value {
	if fields == nil {
		fields = Item{}
	}
	return Value{kind: Map, inner: &inner{item: fields}}
}

// newElements makes a list, or a set of sorted elements.
func newElements(kind Kind, elements []Value) Value {
	return Value{kind: kind, inner: &inner{list: elements}}
}

// Kind is the value's type.
func (v Value) Kind() Kind { return v.kind }

// Present tells whether there is a value at all.
func (v Value) Present() bool { return v.kind != Missing }

// Text is the string of a String, the canonical digits of a Number and the bytes of a Binary;
// it is empty for all other kinds.
func (v Value) Text() string { return v.text }

// True is the value of a Bool and false for all other kinds.
func (v Value) True() bool { return v.flag }

// Elements are the elements of a List in their order and those of a set in ascending order. The
// slice must not be changed.
func (v Value) Elements() []Value {
	if v.inner == nil {
		return nil
	}
	return v.inner.list
}

// Fields are the attributes of a Map. The map must not be changed.
func (v Value) Fields() Item {
	if v.inner == nil {
		return nil
	}
	return v.inner.item
}

// Texts are the Texts of all elements: the plain form of a set.
func (v Value) Texts() []string {
	elements := v.Elements()
	texts := make([]string, len(elements))
	for i, element := range elements {
		texts[i] = element.text
	}
	return texts
}

// Equal tells whether both values have the same type and content. Numbers are equal by value and
// sets without regard to order.
func (v Value) Equal(other Value) bool {
	if v.kind != other.kind {
		return false
	}
	switch v.kind {
	case List, StringSet, NumberSet, BinarySet:
		return equalElements(v.Elements(), other.Elements())
	case Map:
		return v.Fields().Equal(other.Fields())
	case Bool:
		return v.flag == other.flag
	default:
		return v.text == other.text
	}
}

func equalElements(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

// Compare orders two scalars of one kind: strings and binary values by their bytes, numbers by
// value. It is negative when a comes before b. Values of other or of different kinds compare
// equal; callers look at the kinds first.
func Compare(a, b Value) int {
	if a.kind != b.kind {
		return 0
	}
	switch a.kind {
	case String, Binary:
		return strings.Compare(a.text, b.text)
	case Number:
		return compareNumbers(a.text, b.text)
	default:
		return 0
	}
}

// String shows the value as the service does in error messages: {S:text}.
func (v Value) String() string {
	return "{" + v.kind.String() + ":" + v.text + "}"
}
