package deaggregate

import (
	"slices"
	"unicode/utf8"
)

// message is the KPL's AggregatedRecord.
type message struct {
	partitionKeys, explicitHashKeys []string
	parts                           []part
}

// part is the KPL's Record: its keys are places in the message's tables.
type part struct {
	partitionKey, explicitHashKey uint64
	hasExplicitHashKey            bool
	data                          []byte
}

// keys looks the part's keys up. Java casts the places to int, which keeps the low 32 bits.
func (m *message) keys(p part) (partitionKey string, explicitHashKey *string, ok bool) {
	key, ok := lookUp(m.partitionKeys, p.partitionKey)
	if !ok || !p.hasExplicitHashKey {
		return key, nil, ok
	}
	explicit, ok := lookUp(m.explicitHashKeys, p.explicitHashKey)
	return key, &explicit, ok
}

func lookUp(table []string, place uint64) (string, bool) {
	i := int32(place)
	if i < 0 || int(i) >= len(table) {
		return "", false
	}
	return table[i], true
}

// Field numbers of messages.proto.
const (
	aggregatePartitionKeys    = 1
	aggregateExplicitHashKeys = 2
	aggregateRecords          = 3

	recordPartitionKey    = 1
	recordExplicitHashKey = 2
	recordData            = 3
	recordTags            = 4

	tagKey = 1
)

// parseMessage decodes an AggregatedRecord. It takes what the Java decoder takes: unknown fields, and known ones with an
// unexpected wire type, are skipped; a required field that is missing makes the whole no message.
func parseMessage(b []byte) (*message, bool) {
	m := new(message)
	ok := eachField(b, func(f field) bool {
		if f.wire != wireBytes {
			return true
		}
		switch f.number {
		case aggregatePartitionKeys:
			m.partitionKeys = append(m.partitionKeys, text(f.bytes))
		case aggregateExplicitHashKeys:
			m.explicitHashKeys = append(m.explicitHashKeys, text(f.bytes))
		case aggregateRecords:
			p, ok := parsePart(f.bytes)
			m.parts = append(m.parts, p)
			return ok
		}
		return true
	})
	return m, ok
}

func parsePart(b []byte) (part, bool) {
	var p part
	var hasKey, hasData bool
	ok := eachField(b, func(f field) bool {
		switch {
		case f.number == recordPartitionKey && f.wire == wireVarint:
			p.partitionKey, hasKey = f.varint, true
		case f.number == recordExplicitHashKey && f.wire == wireVarint:
			p.explicitHashKey, p.hasExplicitHashKey = f.varint, true
		case f.number == recordData && f.wire == wireBytes:
			p.data, hasData = slices.Clip(f.bytes), true
		case f.number == recordTags && f.wire == wireBytes:
			return isTag(f.bytes)
		}
		return true
	})
	return p, ok && hasKey && hasData
}

// isTag checks a Tag, which nobody delivers: its key is required.
func isTag(b []byte) bool {
	hasKey := false
	ok := eachField(b, func(f field) bool {
		hasKey = hasKey || f.number == tagKey && f.wire == wireBytes
		return true
	})
	return ok && hasKey
}

// text makes valid UTF-8 of a string, as Java does.
func text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return string([]rune(string(b)))
}
