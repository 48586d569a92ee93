package attribute

import (
	"encoding/base64"

	"clickstream/emulator/dynamodb/internal/scan"
)

// maxNesting is how deep lists and maps may nest ("Service quotas", nested attribute depth).
const maxNesting = 32

// UnmarshalJSON reads {"S": "text"} and its like. The errors are *wire.Error: what is no value at
// all is a SerializationException, a value against the rules a ValidationException.
func (v *Value) UnmarshalJSON(text []byte) error {
	s := scan.New(text)
	if s.Null() {
		return nil
	}
	value, err := ReadValue(s)
	if err != nil {
		return err
	}
	*v = value
	return nil
}

// UnmarshalJSON reads an object of values; null leaves the item as it is.
func (it *Item) UnmarshalJSON(text []byte) error {
	s := scan.New(text)
	if s.Null() {
		return nil
	}
	item, err := ReadItem(s)
	if err != nil {
		return err
	}
	*it = item
	return nil
}

// ReadItem reads the object of values that comes next.
func ReadItem(s *scan.Scanner) (Item, error) { return readItem(s, 0) }

// ReadValue reads the value that comes next.
func ReadValue(s *scan.Scanner) (Value, error) { return readValue(s, 0) }

func readItem(s *scan.Scanner, depth int) (Item, error) {
	item := Item{}
	if s.Next() != scan.Object {
		return nil, misshapen("Start of structure or map not found where expected")
	}
	err := s.Object(func(name []byte) error {
		key := string(name)
		value, err := readValue(s, depth)
		if err == nil {
			item[key] = value
		}
		return err
	})
	return item, broken(err)
}

// broken words an error of the scanner; the others are worded already.
func broken(err error) error {
	if err == scan.ErrSyntax { //nolint:errorlint // the scanner returns it bare, on a hot path
		return misshapen("%v", err)
	}
	return err
}

func readValue(s *scan.Scanner, depth int) (Value, error) {
	if depth > maxNesting {
		return Value{}, invalid("Nesting Levels have exceeded supported limits")
	}
	if s.Next() != scan.Object {
		return Value{}, misshapen("Unexpected value type in payload")
	}
	var value Value
	err := s.Object(func(name []byte) error {
		kind := KindOf(string(name))
		if kind == Missing || s.Null() {
			if kind == Missing {
				return s.Skip()
			}
			return nil
		}
		if value.Present() {
			return invalid("Supplied AttributeValue has more than one datatypes set, " +
				"must contain exactly one of the supported datatypes")
		}
		var err error
		value, err = readContent(s, kind, depth)
		return err
	})
	if err == nil && !value.Present() {
		err = invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	return value, broken(err)
}

func readContent(s *scan.Scanner, kind Kind, depth int) (Value, error) {
	switch kind {
	case Bool, Null:
		return readFlag(s, kind)
	case List:
		return readList(s, depth)
	case Map:
		fields, err := readItem(s, depth+1)
		return NewMap(fields), err
	case StringSet, NumberSet, BinarySet:
		return readSet(s, kind)
	default:
		return readScalar(s, kind)
	}
}

func readScalar(s *scan.Scanner, kind Kind) (Value, error) {
	if s.Next() != scan.String {
		return Value{}, misshapen("a value of type %s is not given as a string", kind)
	}
	text, err := s.String()
	if err != nil {
		return Value{}, err
	}
	switch kind {
	case Number:
		return NewNumber(string(text))
	case Binary:
		decoded := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
		n, err := base64.StdEncoding.Strict().Decode(decoded, text)
		if err != nil {
			return Value{}, misshapen("a value of type B is not given in base64: %v", err)
		}
		return Value{kind: Binary, text: string(decoded[:n])}, nil
	default:
		return Value{kind: String, text: string(text)}, nil
	}
}

func readFlag(s *scan.Scanner, kind Kind) (Value, error) {
	if next := s.Next(); next != scan.True && next != scan.False {
		return Value{}, misshapen("a value of type %s is neither true nor false", kind)
	}
	flag, err := s.Bool()
	if err != nil {
		return Value{}, err
	}
	if kind == Null {
		if !flag {
			return Value{}, invalid(
				"One or more parameter values were invalid: Null attribute value types must have the value of true")
		}
		flag = false
	}
	return Value{kind: kind, flag: flag}, nil
}

func readList(s *scan.Scanner, depth int) (Value, error) {
	if s.Next() != scan.Array {
		return Value{}, misshapen("a value of type L is not given as an array")
	}
	var elements []Value
	err := s.Array(func() error {
		element, err := readValue(s, depth+1)
		elements = append(elements, element)
		return err
	})
	return NewList(elements...), err
}

func readSet(s *scan.Scanner, kind Kind) (Value, error) {
	if s.Next() != scan.Array {
		return Value{}, misshapen("a value of type %s is not given as an array", kind)
	}
	var elements []Value
	err := s.Array(func() error {
		element, err := readScalar(s, kind.element())
		elements = append(elements, element)
		return err
	})
	if err != nil {
		return Value{}, err
	}
	return NewSet(kind, elements...)
}
