package multilang

import (
	"bytes"
	"math"
	"strconv"
)

// ParseChildMessage decodes a line of the child as strictly as the Java daemon's Jackson mapper does: an action other
// than status and checkpoint, a field that the action does not have, or an object or array where a value belongs is an
// error. The daemon skips such a line and waits on; a caller that stands for it should do the same.
//
// As lenient as Jackson it is with values: a number or a boolean passes for a string, a string with an integer in it for
// a number, a fraction is cut off. What follows the first JSON value on the line is ignored.
func ParseChildMessage(line []byte) (*ChildMessage, error) {
	s := scanner{b: line}
	m := new(ChildMessage)
	var fields fieldSet
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "action":
			m.Action, err = s.requiredText()
		case "responseFor":
			fields |= fieldResponseFor
			var text *string
			if text, err = s.scalarText(); text != nil {
				m.ResponseFor = *text
			}
		case "sequenceNumber":
			fields |= fieldCheckpoint
			m.SequenceNumber, err = s.scalarText()
		case "subSequenceNumber":
			fields |= fieldCheckpoint
			m.SubSequenceNumber, err = s.scalarInteger()
		case "error":
			fields |= fieldCheckpoint
			_, err = s.scalarText()
		default:
			err = s.errorf("unknown field")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return m, fields.check(&s, m.Action)
}

// fieldSet remembers which kinds of fields a message had: each action allows one kind.
type fieldSet uint8

const (
	fieldResponseFor fieldSet = 1 << iota
	fieldCheckpoint
)

func (f fieldSet) check(s *scanner, action string) error {
	var allowed fieldSet
	switch action {
	case ActionStatus:
		allowed = fieldResponseFor
	case ActionCheckpoint:
		allowed = fieldCheckpoint
	default:
		return s.errorf("the action is neither %s nor %s", ActionStatus, ActionCheckpoint)
	}
	if f&^allowed != 0 {
		return s.errorf("a field that the action %s does not have", action)
	}
	return nil
}

func (s *scanner) requiredText() (string, error) {
	text, err := s.scalarText()
	if text == nil {
		return "", err
	}
	return *text, err
}

// scalarText reads a value for a String of Java.
func (s *scanner) scalarText() (*string, error) {
	var text []byte
	var err error
	switch c := s.peek(); {
	case s.null():
		return nil, nil
	case c == '"':
		text, err = s.text()
	case s.literal("true"):
		text = []byte("true")
	case s.literal("false"):
		text = []byte("false")
	default:
		text, err = s.number()
	}
	value := string(text)
	return &value, err
}

// scalarInteger reads a value for a Long of Java.
func (s *scanner) scalarInteger() (*int64, error) {
	var text []byte
	var err error
	quoted := s.peek() == '"'
	switch {
	case s.null():
		return nil, nil
	case quoted:
		text, err = s.text()
		if text = bytes.TrimSpace(text); err == nil && len(text) == 0 {
			return nil, nil
		}
	default:
		text, err = s.number()
	}
	if err != nil {
		return nil, err
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return &n, nil
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || quoted || !bytes.ContainsAny(text, ".eE") || math.Abs(f) >= 1<<63 {
		return nil, s.errorf("want an integer of 64 bits")
	}
	n := int64(f)
	return &n, nil
}
