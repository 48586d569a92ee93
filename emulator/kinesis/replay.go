package kinesis

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/fxamacker/cbor/v2"

	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/wire"
)

var errShort = errors.New("the entry is too short")

// Replay implements journal.Keeper. It is called before anything else is done.
func (s *Service) Replay(entry []byte, mending bool) error {
	if len(entry) == 0 {
		return errShort
	}
	switch content := entry[1:]; entry[0] {
	case entrySecret:
		return s.replaySecret(content)
	case entryStream:
		return s.replayStream(content, mending)
	case entryRecords:
		return s.replayRecords(content, mending)
	case entryCount:
		r := &entryReader{b: content}
		s.counted = r.number()
		s.created = max(s.created, s.counted)
		return r.err
	case entryCommitment:
		var c keptCommitment
		if err := cbor.Unmarshal(content, &c); err != nil {
			return err
		}
		s.commitments[wire.Scope{Region: c.Region, Account: c.Account}] = commitment{journal.Time(c.Started), journal.Time(c.Ending)}
		return nil
	default:
		return fmt.Errorf("entries of kind %q are none of Kinesis", entry[0])
	}
}

func (s *Service) replaySecret(key []byte) error {
	if len(key) != sealerKey {
		return errShort
	}
	tokens, err := sealerOf(key)
	if err != nil {
		return err
	}
	s.tokens, s.secretKept = tokens, true
	return nil
}

// replayStream makes a stream what it was. One that the snapshot no longer has, or has as deleted, stays so: its records went with it, and what came
// before is of no use.
func (s *Service) replayStream(text []byte, mending bool) error {
	var head struct{ ID uint64 }
	if err := cbor.Unmarshal(text, &head); err != nil {
		return err
	}
	st := s.replayed[head.ID]
	if gone := st == nil && head.ID <= s.counted; gone && !mending || st != nil && st.changing == statusDeleting {
		return nil
	}
	if st == nil {
		st = &stream{memory: s.memory}
	}
	if err := st.decode(text); err != nil {
		return err
	}
	st.kept = text
	if s.replayed == nil {
		s.replayed = map[uint64]*stream{}
	}
	s.replayed[st.id] = st
	s.created = max(s.created, st.id)
	s.channels.Add(int64(len(st.channels)))
	if key := (streamKey{st.scope, st.name}); s.streams[key] == nil || s.streams[key].id <= st.id {
		s.streams[key] = st
	}
	return nil
}

// replayRecords adds the records that are not there yet. Those of a stream or shard that is not there either were deleted with it, before the
// snapshot that was replayed.
func (s *Service) replayRecords(content []byte, mending bool) error {
	r := &entryReader{b: content}
	st := s.replayed[r.number()]
	for len(r.b) > 0 && r.err == nil {
		number, index, count, millis := r.number(), r.number(), r.number(), int64(r.number())
		if r.err == nil && st != nil && number < uint64(len(st.shards)) {
			if err := st.shards[number].follow(index, mending); err != nil {
				return fmt.Errorf("stream %s: %w", st.name, err)
			}
		}
		for ; count > 0 && r.err == nil; count-- {
			if found := r.record(&millis); st != nil && r.err == nil && number < uint64(len(st.shards)) {
				st.replay(st.shards[number], index, found)
			}
			index++
		}
	}
	return r.err
}

// follow refuses records that do not follow those that are there. When mending those that are there go: a shard's records are in a row, and
// numbers must not come twice.
func (s *shard) follow(index uint64, mending bool) error {
	next := s.records.next()
	if index <= next {
		return nil
	}
	if !mending {
		return fmt.Errorf("records %d to %d of %s are missing", next, index-1, s.id)
	}
	s.records.clear()
	s.records.first = index
	return nil
}

// replay adds a record if it is the next.
func (st *stream) replay(one *shard, index uint64, found record) {
	if index != one.records.next() {
		return
	}
	one.records.add(found.key(), found.data(), found.arrived, found.encrypted)
	st.arrived = max(st.arrived, found.arrived)
	st.memory.Add(len(found.bytes) + recordOverhead)
}

// appendRecords appends records of a shard, the first of which has an index; nothing where there are none.
func (s *shard) appendRecords(b []byte, first uint64, pieces []block) []byte {
	count := 0
	for i := range pieces {
		count += len(pieces[i].heads)
	}
	if count == 0 {
		return b
	}
	millis := pieces[0].heads[0].arrived
	for _, n := range []uint64{uint64(s.number), first, uint64(count), uint64(millis)} {
		b = binary.AppendUvarint(b, n)
	}
	for p := range pieces {
		for i := range pieces[p].heads {
			one := pieces[p].at(i)
			flags := uint64(one.arrived-millis) << 1
			if one.encrypted {
				flags |= 1
			}
			millis = one.arrived
			b = binary.AppendUvarint(b, flags)
			b = binary.AppendUvarint(b, uint64(one.keySize))
			b = binary.AppendUvarint(b, uint64(len(one.bytes)))
			b = append(b, one.bytes...)
		}
	}
	return b
}

// entryReader reads what appendRecords wrote.
type entryReader struct {
	b   []byte
	err error
}

func (r *entryReader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.b, r.err = nil, errShort
		return 0
	}
	r.b = r.b[size:]
	return n
}

// record reads a record, which arrived at or after the one before it.
func (r *entryReader) record(millis *int64) record {
	flags, keySize, size := r.number(), r.number(), r.number()
	if r.err != nil || size > uint64(len(r.b)) || keySize > min(size, math.MaxUint16) {
		r.b, r.err = nil, errShort
		return record{}
	}
	*millis += int64(flags >> 1)
	found := record{bytes: r.b[:size:size], keySize: int(keySize), encrypted: flags&1 != 0, arrived: *millis}
	r.b = r.b[size:]
	return found
}
