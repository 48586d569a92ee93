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
	"encoding/binary"
	"math/bits"
	"slices"
)

const magic = "\xf3\x89\x9a\xc2"

// Tags of the fields of messages.proto: the field's number and its wire type.
const (
	tagPartitionKey    = 1<<3 | wireBytes
	tagExplicitHashKey = 2<<3 | wireBytes
	tagRecord          = 3<<3 | wireBytes

	tagRecordPartitionKey    = 1<<3 | wireVarint
	tagRecordExplicitHashKey = 2<<3 | wireVarint
	tagRecordData            = 3<<3 | wireBytes

	wireVarint = 0
	wireBytes  = 2
)

// Builder packs one aggregate after the other. The zero value is an empty one. It copies what it is given. A Builder is not for
// several goroutines at once.
type Builder struct {
	partitionKeys, explicitHashKeys table
	memory                          []byte // room for what stands before the records, then the records, with tags and lengths
	room                            int    // how long the former is
	n                               int
}

// Add adds a record. An explicit hash key of "" is none.
func (b *Builder) Add(partitionKey, explicitHashKey string, data []byte) {
	b.AddAt(b.Place(partitionKey), explicitHashKey, data)
}

// Place returns the place of a partition key in the aggregate's table, for AddAt: who adds many records of one key needs to
// look it up once for each aggregate. A key of which then no record is added is in the aggregate all the same.
func (b *Builder) Place(partitionKey string) int {
	return int(b.partitionKeys.place(tagPartitionKey, partitionKey))
}

// AddAt adds a record whose partition key has the given place in this aggregate.
func (b *Builder) AddAt(place int, explicitHashKey string, data []byte) {
	key := uint64(place)
	size := 1 + varintSize(key) + 1 + sized(len(data))
	hashKey := uint64(0)
	if explicitHashKey != "" {
		hashKey = b.explicitHashKeys.place(tagExplicitHashKey, explicitHashKey)
		size += 1 + varintSize(hashKey)
	}
	if len(b.memory) == 0 {
		b.begin()
	}
	n := len(b.memory)
	b.memory = slices.Grow(b.memory, 1+sized(size))[:n+1+sized(size)]
	p := b.memory[n:]
	p[0] = tagRecord
	p = p[1+binary.PutUvarint(p[1:], uint64(size)):]
	p[0] = tagRecordPartitionKey
	p = p[1+binary.PutUvarint(p[1:], key):]
	if explicitHashKey != "" {
		p[0] = tagRecordExplicitHashKey
		p = p[1+binary.PutUvarint(p[1:], hashKey):]
	}
	p[0] = tagRecordData
	copy(p[1+binary.PutUvarint(p[1:], uint64(len(data))):], data)
	b.n++
}

// begin leaves room for what stands before the records: what the last aggregates needed, so that the records stay where they are.
func (b *Builder) begin() {
	const least = 256
	b.room = max(b.room, least)
	b.memory = slices.Grow(b.memory, b.room)[:b.room]
}

// Len returns how many records the aggregate has.
func (b *Builder) Len() int { return b.n }

// Size returns how long the aggregate is now, in bytes.
func (b *Builder) Size() int {
	return len(magic) + len(b.partitionKeys.bytes) + len(b.explicitHashKeys.bytes) + len(b.records()) + md5.Size
}

// Most returns what a record adds to an aggregate's size at most: when neither of its keys is in the tables yet.
func Most(partitionKey, explicitHashKey string, data []byte) int {
	const place = 5 // bytes of a place in a table, at most
	size := 1 + sized(len(partitionKey)) + 1 + place + 1 + sized(len(data))
	if explicitHashKey != "" {
		size += 1 + sized(len(explicitHashKey)) + 1 + place
	}
	return 1 + varintSize(uint64(size)) + size
}

// AppendTo appends the aggregate to dst and returns the longer slice.
func (b *Builder) AppendTo(dst []byte) []byte {
	dst = append(dst, magic...)
	start := len(dst)
	dst = append(dst, b.partitionKeys.bytes...)
	dst = append(dst, b.explicitHashKeys.bytes...)
	dst = append(dst, b.records()...)
	sum := md5.Sum(dst[start:])
	return append(dst, sum[:]...)
}

// Take hands the aggregate over as it lies in the Builder's memory, whose beginning it returns too, and goes on with other memory, which
// may be nil, as an empty Builder. The aggregate's last [md5.Size] bytes are still to be filled in: by the MD5 of what is before them,
// without the first four bytes.
func (b *Builder) Take(other []byte) (aggregate, memory []byte) {
	head := len(magic) + len(b.partitionKeys.bytes) + len(b.explicitHashKeys.bytes)
	if len(b.memory) == 0 {
		b.begin()
	}
	if head > b.room {
		more := head + head/4 - b.room // some to spare, so that this happens seldom
		b.memory = slices.Insert(b.memory, b.room, make([]byte, more)...)
		b.room += more
	}
	b.memory = slices.Grow(b.memory, md5.Size)
	memory = b.memory[:len(b.memory)+md5.Size]
	aggregate = memory[b.room-head:]
	copy(aggregate, magic)
	copy(aggregate[len(magic):], b.partitionKeys.bytes)
	copy(aggregate[len(magic)+len(b.partitionKeys.bytes):], b.explicitHashKeys.bytes)
	b.memory = other
	b.Reset()
	return aggregate, memory
}

// Reset empties the builder and keeps its memory.
func (b *Builder) Reset() {
	b.partitionKeys.reset()
	b.explicitHashKeys.reset()
	b.memory, b.n = b.memory[:0], 0
}

// records are the message's records.
func (b *Builder) records() []byte { return b.memory[min(b.room, len(b.memory)):] }

// table holds each key once.
type table struct {
	bytes  []byte // as in the message
	places map[string]uint64
	last   string // the key asked for last, which is often the next one too
	at     uint64
}

func (t *table) place(tag byte, key string) uint64 {
	if len(t.places) > 0 && key == t.last {
		return t.at
	}
	place, ok := t.places[key]
	if !ok {
		if t.places == nil {
			t.places = make(map[string]uint64)
		}
		place = uint64(len(t.places))
		t.places[key] = place
		t.bytes = binary.AppendUvarint(append(t.bytes, tag), uint64(len(key)))
		t.bytes = append(t.bytes, key...)
	}
	t.last, t.at = key, place
	return place
}

func (t *table) reset() {
	clear(t.places)
	t.bytes, t.last = t.bytes[:0], ""
}

func varintSize(n uint64) int { return (bits.Len64(n|1) + 6) / 7 }

// sized returns how long a text or bytes of that length are with their length in front.
func sized(n int) int { return varintSize(uint64(n)) + n }
