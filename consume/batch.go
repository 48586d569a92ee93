package consume

import (
	"bytes"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"clickstream/internal/delivery"
	"clickstream/kcl"
)

// batch holds the records behind a position that are not stored yet, in no format: which one is needed is known when their claim is.
// Everything lies in buffers that are used again, so that a record costs no allocation.
type batch struct {
	data      []byte    // the records' data, one behind the other
	positions []byte    // the records' positions, each ended by a newline: what delivery.DigestOf takes
	entries   []entry   // one for each record
	multiline []int     // entries whose data jsonl cannot hold
	keys      []string  // the partition keys of those
	opened    time.Time // when the first record, or one before it that is stored by now, was delivered
	delivered time.Time // when what is being added was delivered
}

// entry is one record's place in the buffers.
type entry struct {
	dataEnd, positionEnd int
	arrival              int64 // milliseconds since 1970
}

// add appends a record.
func (b *batch) add(r *kcl.Record) {
	if len(b.entries) == 0 {
		b.opened = b.delivered
	}
	if bytes.IndexByte(r.Data, '\n') >= 0 {
		b.multiline = append(b.multiline, len(b.entries))
		b.keys = append(b.keys, strings.Clone(r.PartitionKey)) // the record is borrowed
	}
	b.data = append(room(b.data, len(r.Data)), r.Data...)
	b.positions = room(b.positions, len(r.SequenceNumber)+longestEnding)
	b.positions = append(append(b.positions, r.SequenceNumber...), '.')
	if r.SubSequenceNumber == 0 {
		b.positions = append(b.positions, '0', '\n')
	} else {
		b.positions = append(strconv.AppendInt(b.positions, r.SubSequenceNumber, 10), '\n')
	}
	b.entries = append(room(b.entries, 1), entry{len(b.data), len(b.positions), r.ApproximateArrivalTimestamp.UnixMilli()})
}

// longestEnding is the length of what follows the sequence number in a position: a dot, an int64, and a newline.
const longestEnding = 22

// room makes room for n more elements by doubling: append grows large slices by a quarter, which leaves five times as much behind.
func room[T any](s []T, n int) []T {
	if len(s)+n > cap(s) {
		s = slices.Grow(s, max(n, len(s), 1<<10))
	}
	return s
}

// size is the sum of the records' data in bytes.
func (b *batch) size() int { return len(b.data) }

func (b *batch) len() int { return len(b.entries) }

// record returns the data of entry i.
func (b *batch) record(i int) []byte {
	start := 0
	if i > 0 {
		start = b.entries[i-1].dataEnd
	}
	return b.data[start:b.entries[i].dataEnd]
}

// line returns the position of entry i as it is digested.
func (b *batch) line(i int) []byte {
	start := 0
	if i > 0 {
		start = b.entries[i-1].positionEnd
	}
	return b.positions[start:b.entries[i].positionEnd]
}

// position returns the position of entry i. It allocates: not for each record.
func (b *batch) position(i int) delivery.Position {
	line := b.line(i)
	dot := bytes.LastIndexByte(line, '.')
	sub, _ := strconv.ParseInt(string(line[dot+1:len(line)-1]), 10, 64) // add wrote it
	return delivery.Position{Sequence: string(line[:dot]), Sub: sub}
}

func (b *batch) first() delivery.Position { return b.position(0) }

func (b *batch) last() delivery.Position { return b.position(len(b.entries) - 1) }

// arrival returns when Kinesis took in the first record.
func (b *batch) arrival() time.Time { return time.UnixMilli(b.entries[0].arrival) }

// partitionKey returns the partition key of entry i if that is one of multiline; those of others are not kept.
func (b *batch) partitionKey(i int) (key string, kept bool) {
	j := sort.SearchInts(b.multiline, i)
	if j == len(b.multiline) || b.multiline[j] != i {
		return "", false
	}
	return b.keys[j], true
}

// through returns how many records lie before end or at it.
func (b *batch) through(end delivery.Position) int {
	if b.last().Compare(end) <= 0 {
		return len(b.entries)
	}
	return sort.Search(len(b.entries), func(i int) bool { return b.position(i).Compare(end) > 0 })
}

// before returns how many records lie before p.
func (b *batch) before(p delivery.Position) int {
	return sort.Search(len(b.entries), func(i int) bool { return b.position(i).Compare(p) >= 0 })
}

// drop removes the first n records. The rest keeps the batch's age, which may make it a little older than it is.
func (b *batch) drop(n int) {
	if n == 0 {
		return
	}
	data, positions := b.entries[n-1].dataEnd, b.entries[n-1].positionEnd
	b.data = append(b.data[:0], b.data[data:]...)
	b.positions = append(b.positions[:0], b.positions[positions:]...)
	b.entries = append(b.entries[:0], b.entries[n:]...)
	for i := range b.entries {
		b.entries[i].dataEnd -= data
		b.entries[i].positionEnd -= positions
	}
	gone := sort.SearchInts(b.multiline, n)
	b.multiline = append(b.multiline[:0], b.multiline[gone:]...)
	b.keys = append(b.keys[:0], b.keys[gone:]...)
	for i := range b.multiline {
		b.multiline[i] -= n
	}
}
