package producer_test

import (
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
)

// packed is a record of an aggregate, read without the help of the packages under test.
type packed struct {
	key, hashKey string
	data         []byte
}

var errNoAggregate = errors.New("no aggregate")

// strictly reads an aggregate that is exactly as the KPL's format says, of at least two records and with no key to spare.
func strictly(data []byte) ([]packed, error) {
	const magic = "\xf3\x89\x9a\xc2"
	if len(data) < len(magic)+md5.Size || string(data[:len(magic)]) != magic {
		return nil, errNoAggregate
	}
	message := data[len(magic) : len(data)-md5.Size]
	if sum := md5.Sum(message); string(sum[:]) != string(data[len(data)-md5.Size:]) {
		return nil, fmt.Errorf("the MD5 of %d bytes is wrong", len(data))
	}
	var m strictMessage
	if err := fields(message, m.field); err != nil {
		return nil, err
	}
	if len(m.records) < 2 || len(m.used) != len(m.keys)+len(m.hashKeys) {
		return nil, fmt.Errorf("%d records use %d of %d keys and %d hash keys", len(m.records), len(m.used), len(m.keys), len(m.hashKeys))
	}
	return m.records, nil
}

type strictMessage struct {
	keys, hashKeys []string
	records        []packed
	used           map[string]bool
}

func (m *strictMessage) field(tag byte, _ uint64, value []byte) error {
	switch tag {
	case 0x0a:
		m.keys = append(m.keys, string(value))
	case 0x12:
		m.hashKeys = append(m.hashKeys, string(value))
	case 0x1a:
		var r packed
		if err := fields(value, func(tag byte, n uint64, text []byte) error { return m.member(&r, tag, n, text) }); err != nil {
			return err
		}
		if r.key == "" || r.data == nil {
			return fmt.Errorf("record %d has no key or no data", len(m.records))
		}
		m.records = append(m.records, r)
	default:
		return fmt.Errorf("a field with the tag %#x", tag)
	}
	return nil
}

// member reads a member of a record.
func (m *strictMessage) member(r *packed, tag byte, n uint64, text []byte) error {
	if m.used == nil {
		m.used = map[string]bool{}
	}
	switch {
	case tag == 0x08 && n < uint64(len(m.keys)):
		r.key = m.keys[n]
		m.used[fmt.Sprint("key ", n)] = true
	case tag == 0x10 && n < uint64(len(m.hashKeys)):
		r.hashKey = m.hashKeys[n]
		m.used[fmt.Sprint("hash key ", n)] = true
	case tag == 0x1a:
		r.data = text
	default:
		return fmt.Errorf("record %d has a member with the tag %#x, number %d", len(m.records), tag, n)
	}
	return nil
}

// fields calls back for each field of a message, which is a number or bytes.
func fields(b []byte, each func(tag byte, n uint64, value []byte) error) error {
	for len(b) > 0 {
		tag := b[0]
		n, size := binary.Uvarint(b[1:])
		if size <= 0 || tag&7 == 2 && n > uint64(len(b)-1-size) {
			return fmt.Errorf("a field with the tag %#x breaks off", tag)
		}
		b = b[1+size:]
		var value []byte
		if tag&7 == 2 {
			value, b = b[:n], b[n:]
		}
		if err := each(tag, n, value); err != nil {
			return err
		}
	}
	return nil
}
