// Package aggregate packs several records into one Kinesis record, in the format of the Kinesis Producer Library (KPL). The KCL takes
// such records apart before an application sees them; package deaggregate does the same for Go.
//
// An aggregate is the bytes F3 89 9A C2, a protocol buffers message (AggregatedRecord of the KPL's messages.proto: a table of
// partition keys, a table of explicit hash keys, and the records, which name their keys by place) and the message's MD5.
//
// All records of an aggregate must belong to the shard in which it arrives. The KCL drops an aggregate of which one does not: it
// expects the producer to look where its aggregates arrived and to send the records again. Package producer does that.
package aggregate

import (
	"crypto/md5"
)

// Builder packs one aggregate after the other. The zero value is an empty one. It copies what it is given. A Builder is not for
// several goroutines at once.
type Builder struct {
	partitionKeys, explicitHashKeys table
	records                         []byte // with tags and lengths
	n                               int
}

// Add adds a record. An explicit hash key of "" is none.
func (b *Builder) Add(partitionKey, explicitHashKey string, data []byte) {
	key, hashKey := b.partitionKeys.place(AppendPartitionKey, partitionKey), -1
	if explicitHashKey != "" {
		hashKey = b.explicitHashKeys.place(AppendExplicitHashKey, explicitHashKey)
	}
	b.records = AppendRecord(b.records, key, hashKey, data)
	b.n++
}

// Len returns how many records the aggregate has.
func (b *Builder) Len() int { return b.n }

// Size returns how long the aggregate is now, in bytes.
func (b *Builder) Size() int {
	return EmptySize + len(b.partitionKeys.bytes) + len(b.explicitHashKeys.bytes) + len(b.records)
}

// AppendTo appends the aggregate to dst and returns the longer slice.
func (b *Builder) AppendTo(dst []byte) []byte {
	dst = append(dst, Magic...)
	start := len(dst)
	dst = append(dst, b.partitionKeys.bytes...)
	dst = append(dst, b.explicitHashKeys.bytes...)
	dst = append(dst, b.records...)
	sum := md5.Sum(dst[start:])
	return append(dst, sum[:]...)
}

// Reset empties the builder and keeps its memory.
func (b *Builder) Reset() {
	b.partitionKeys.reset()
	b.explicitHashKeys.reset()
	b.records, b.n = b.records[:0], 0
}

// table holds each key once.
type table struct {
	bytes  []byte // as in the message
	places map[string]int
	last   string // the key asked for last, which is often the next one too
	at     int
}

func (t *table) place(add func([]byte, string) []byte, key string) int {
	if len(t.places) > 0 && key == t.last {
		return t.at
	}
	place, ok := t.places[key]
	if !ok {
		if t.places == nil {
			t.places = make(map[string]int)
		}
		place = len(t.places)
		t.places[key] = place
		t.bytes = add(t.bytes, key)
	}
	t.last, t.at = key, place
	return place
}

func (t *table) reset() {
	clear(t.places)
	t.bytes, t.last = t.bytes[:0], ""
}
