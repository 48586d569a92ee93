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

// batch holds the records behind a position that are not stored yet. Their data lie in the worker's own format, ready to be an object's
// body; which one is needed is only known when their claim is. Everything lies in buffers that are used again, so that a record costs no
// allocation.
type batch struct {
	format    string    // what data is framed in, one of delivery's
	frame     int       // bytes of frame around a record
	data      []byte    // the records' data, framed, one behind the other
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

// begin makes ready for records that are delivered now.
func (b *batch) begin(format string) {
	b.format, b.frame, b.delivered = format, len(delivery.AppendRecord(nil, format, nil)), time.Now()
}

// add appends a record. The batch is closed at about closing bytes.
func (b *batch) add(r *kcl.Record, closing int) {
	if len(b.entries) == 0 {
		b.opened = b.delivered
	}
	if bytes.IndexByte(r.Data, '\n') >= 0 {
		b.multiline = append(b.multiline, len(b.entries))
		b.keys = append(b.keys, strings.Clone(r.PartitionKey)) // the record is borrowed
	}
	b.data = delivery.AppendRecord(room(b.data, len(r.Data)+b.frame, len(b.data), closing), b.format, r.Data)
	b.positions = room(b.positions, len(r.SequenceNumber)+longestEnding, len(b.data), closing)
	b.positions = append(append(b.positions, r.SequenceNumber...), '.')
	if r.SubSequenceNumber == 0 {
		b.positions = append(b.positions, '0', '\n')
	} else {
		b.positions = append(strconv.AppendInt(b.positions, r.SubSequenceNumber, 10), '\n')
	}
	b.entries = append(room(b.entries, 1, len(b.data), closing), entry{len(b.data), len(b.positions), r.ApproximateArrivalTimestamp.UnixMilli()})
}

// longestEnding is the length of what follows the sequence number in a position: a dot, an int64, and a newline.
const longestEnding = 22

// room makes room for n more elements by doubling: append grows large slices by a quarter, which leaves five times as much behind. Where s
// has grown with size to what it is, no more room is made than it needs to grow with it to closing, and a little more for frames, the
// last record, and what is not quite even. From an eighth of that on it gets all of it.
func room[T any](s []T, n, size, closing int) []T {
	need := len(s) + n
	if need <= cap(s) {
		return s
	}
	grown := max(need, 2*cap(s), 1<<10)
	if size > 0 {
		enough := int(float64(len(s))*float64(closing)/float64(size)*17/16) + 1<<10
		if need <= enough && grown >= enough/8 {
			grown = enough
		}
	}
	return slices.Grow(s, grown-len(s))
}

// size is the sum of the records' data in bytes, without frames.
func (b *batch) size() int { return len(b.data) - len(b.entries)*b.frame }

func (b *batch) len() int { return len(b.entries) }

// record returns the data of entry i.
func (b *batch) record(i int) []byte {
	start := 0
	if i > 0 {
		start = b.entries[i-1].dataEnd
	}
	framed := b.data[start:b.entries[i].dataEnd]
	if b.format == delivery.FormatRaw {
		return framed[b.frame:]
	}
	return framed[:len(framed)-b.frame]
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

// reset removes all records.
func (b *batch) reset() {
	clear(b.keys)
	b.data, b.positions, b.entries, b.multiline, b.keys = b.data[:0], b.positions[:0], b.entries[:0], b.multiline[:0], b.keys[:0]
}

// closing returns how many records a batch of at least size bytes has, cut between two sequence numbers, or all.
func (b *batch) closing(size int) int {
	n := sort.Search(len(b.entries), func(i int) bool { return b.entries[i].dataEnd-(i+1)*b.frame >= size })
	n = min(n+1, len(b.entries))
	for n < len(b.entries) && b.position(n).Sequence == b.position(n-1).Sequence {
		n++
	}
	return n
}

// join appends the records of another batch, which follow, from record i on. Both are in the same format.
func (b *batch) join(next *batch, i int) {
	b.format, b.frame, b.delivered = next.format, next.frame, next.delivered
	if i == len(next.entries) {
		return
	}
	if len(b.entries) == 0 {
		b.opened = next.opened
	}
	from := entry{}
	if i > 0 {
		from = next.entries[i-1]
	}
	data, positions, n := len(b.data)-from.dataEnd, len(b.positions)-from.positionEnd, len(b.entries)-i
	b.data, b.positions = append(b.data, next.data[from.dataEnd:]...), append(b.positions, next.positions[from.positionEnd:]...)
	for _, e := range next.entries[i:] {
		b.entries = append(b.entries, entry{e.dataEnd + data, e.positionEnd + positions, e.arrival})
	}
	for j := sort.SearchInts(next.multiline, i); j < len(next.multiline); j++ {
		b.multiline, b.keys = append(b.multiline, next.multiline[j]+n), append(b.keys, next.keys[j])
	}
}

// cut removes all but the first n records.
func (b *batch) cut(n int) {
	if n == len(b.entries) {
		return
	}
	last := b.entries[n-1]
	b.data, b.positions, b.entries = b.data[:last.dataEnd], b.positions[:last.positionEnd], b.entries[:n]
	kept := sort.SearchInts(b.multiline, n)
	clear(b.keys[kept:])
	b.multiline, b.keys = b.multiline[:kept], b.keys[:kept]
}
