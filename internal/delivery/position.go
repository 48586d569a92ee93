package delivery

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Start is how the zero Position is written.
const Start = "start"

// maxSequence bounds the digits of a sequence number that is read from outside; the service mints 56.
const maxSequence = 128

// Position is the place of a record in its shard, and the place between it and the next one: a sequence number, and the sub-sequence
// number of a record that came out of a KPL aggregate (else 0). The zero value lies before the first record: there is no checkpoint yet.
type Position struct {
	Sequence string
	Sub      int64
}

// ParsePosition reads what String writes: "start" or "<sequence number>.<sub-sequence number>", both decimal, without leading zeros.
func ParsePosition(s string) (Position, error) {
	if s == Start {
		return Position{}, nil
	}
	sequence, subText, found := strings.Cut(s, ".")
	if !found {
		return Position{}, fmt.Errorf("position %q has no sub-sequence number", s)
	}
	sub, err := strconv.ParseInt(subText, 10, 64)
	if err != nil || strconv.FormatInt(sub, 10) != subText {
		return Position{}, fmt.Errorf("position %q: sub-sequence number %q is not a number", s, subText)
	}
	p := Position{Sequence: sequence, Sub: sub}
	if err := p.check(); err != nil {
		return Position{}, err
	}
	return p, nil
}

// Check reports why p cannot be the position of a record: the zero value, or a sequence number that is not decimal.
func (p Position) Check() error {
	if p.IsStart() {
		return errors.New("a record without a sequence number")
	}
	return p.check()
}

func (p Position) check() error {
	switch {
	case p.Sequence == "" || len(p.Sequence) > maxSequence || strings.Trim(p.Sequence, "0123456789") != "":
		return fmt.Errorf("sequence number %.140q is not a decimal number of at most %d digits", p.Sequence, maxSequence)
	case p.Sequence[0] == '0' && p.Sequence != "0":
		return fmt.Errorf("sequence number %q begins with a zero", p.Sequence)
	case p.Sub < 0:
		return fmt.Errorf("sub-sequence number %d is negative", p.Sub)
	}
	return nil
}

// IsStart reports whether p lies before the first record.
func (p Position) IsStart() bool { return p == Position{} }

// Compare orders positions: by sequence number as integers (length, then bytes), then by sub-sequence number; start comes first.
func (p Position) Compare(q Position) int {
	if len(p.Sequence) != len(q.Sequence) {
		return cmp.Compare(len(p.Sequence), len(q.Sequence))
	}
	if c := strings.Compare(p.Sequence, q.Sequence); c != 0 {
		return c
	}
	return cmp.Compare(p.Sub, q.Sub)
}

// String writes p as a claim's name holds it.
func (p Position) String() string {
	if p.IsStart() {
		return Start
	}
	return p.Sequence + "." + strconv.FormatInt(p.Sub, 10)
}

// short leaves out a sub-sequence number of 0, which all records but those of aggregates have.
func (p Position) short() string {
	if p.Sub == 0 {
		return p.Sequence
	}
	return p.String()
}

// MarshalText is String, for JSON.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is ParsePosition, for JSON.
func (p *Position) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePosition(string(b))
	return err
}
