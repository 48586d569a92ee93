package kinesis

import (
	"slices"
	"sync"
)

// Requests and replies of records are many and large, so their memory is used again: that of requests by package wire, see Reset, that
// of replies by reuse, see Release.

// reuse keeps the memory of replies that were sent.
type reuse struct{ puts, reads sync.Pool }

// Reset empties the request but for its memory.
func (in *PutRecordsInput) Reset() {
	kept := in.scratch
	if cap(in.Records) > cap(kept.records) {
		kept.records = in.Records
	}
	clear(kept.records[:cap(kept.records)]) // what they refer to may go
	*in = PutRecordsInput{scratch: kept}
}

// putScratch is what it takes to read a request and to store what is in it.
type putScratch struct {
	records []PutRecordsRequestEntry
	data    []byte
	keys    []hashKey
}

// entries returns an empty list that is not nil, with room for so many.
func (s *putScratch) entries(n int) []PutRecordsRequestEntry {
	if s.records == nil {
		s.records = make([]PutRecordsRequestEntry, 0, n)
	}
	s.records = slices.Grow(s.records[:0], n)
	return s.records
}

// bytes returns room for so many bytes.
func (s *putScratch) bytes(n int) []byte {
	s.data = slices.Grow(s.data[:0], n)
	return s.data
}

func (s *putScratch) hashKeys(n int) []hashKey {
	s.keys = slices.Grow(s.keys[:0], n)[:n]
	return s.keys
}

// put returns a reply about so many records.
func (r *reuse) put(n int) *PutRecordsOutput {
	out, ok := r.puts.Get().(*PutRecordsOutput)
	if !ok {
		out = &PutRecordsOutput{reuse: r}
	}
	out.Records, out.numbers = slices.Grow(out.Records[:0], n)[:n], slices.Grow(out.numbers[:0], n)[:n]
	return out
}

// Release lets the reply's memory be used again, if it is of that kind.
func (out *PutRecordsOutput) Release() {
	if out.reuse == nil {
		return
	}
	clear(out.Records)
	*out = PutRecordsOutput{Records: out.Records, numbers: out.numbers, reuse: out.reuse}
	out.reuse.puts.Put(out)
}

// room is for the records of a reply.
type room struct {
	records []Record
	reuse   *reuse
}

// read returns room for so many records.
func (r *reuse) read(n int) *room {
	made, ok := r.reads.Get().(*room)
	if !ok {
		made = &room{reuse: r}
	}
	made.records = slices.Grow(made.records[:0], n)
	return made
}

// Release lets the reply's memory be used again.
func (out *GetRecordsOutput) Release() { out.room.release() }

// Release lets the event's memory be used again.
func (e *SubscribeToShardEvent) Release() { e.room.release() }

func (m *room) release() {
	if m != nil {
		clear(m.records) // what they refer to may go
		m.reuse.reads.Put(m)
	}
}
