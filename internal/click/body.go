package click

import (
	"errors"
	"fmt"
)

// ErrNoClicks is the error of a body that holds neither an object nor an array with one.
var ErrNoClicks = errors.New("there is neither a JSON object nor an array of them")

// ParseBody reads the clicks of a request's body: one JSON object, or an array of them. Each is given as it stands, with its place in
// Number, from 1; the data shares memory with the body. An error says which click is none, and that none should be taken.
func ParseBody(body []byte) ([]Line, error) {
	s := scanner{b: body}
	switch s.space() {
	case '{':
		resource, err := ParseJSON(body)
		if err != nil {
			return nil, err
		}
		return []Line{{Number: 1, Resource: resource, Data: body}}, nil
	case '[':
		return s.clicks()
	default:
		return nil, ErrNoClicks
	}
}

// clicks reads an array of clicks, the scanner standing on its bracket.
func (s *scanner) clicks() (lines []Line, err error) {
	s.i++
	if s.space() == ']' {
		return nil, ErrNoClicks
	}
	for done := false; !done; {
		s.space()
		start := s.i
		if err := s.value(); err != nil {
			return nil, fmt.Errorf("click %d: %w", len(lines)+1, err)
		}
		data := s.b[start:s.i:s.i]
		resource, err := ParseJSON(data)
		if err != nil {
			return nil, fmt.Errorf("click %d: %w", len(lines)+1, err)
		}
		lines = append(lines, Line{Number: int64(len(lines) + 1), Resource: resource, Data: data})
		if done, err = s.next(']'); err != nil {
			return nil, err
		}
	}
	if s.space(); s.i < len(s.b) {
		return nil, s.unexpected("after the array")
	}
	return lines, nil
}
