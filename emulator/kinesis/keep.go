package kinesis

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
	"clickstream/emulator/internal/wire"
)

// The kinds of entries in the journal.
const (
	entrySecret     = 'K' // what iterators and tokens are sealed with
	entryStream     = 'S' // a stream as it is from then on, without its records
	entryRecords    = 'R' // records that shards of one stream took
	entryCommitment = 'C' // an account's
	entryCount      = 'N' // streams made so far
)

// Bound counts the bytes of records in a budget, and has puts refused that are beyond it. It is called before there are streams.
func (s *Service) Bound(budget *memory.Budget) { s.memory = budget }

// bound has the records of a new stream counted.
func (st *stream) bound(budget *memory.Budget) {
	st.memory = budget
	for _, one := range st.shards {
		one.records.memory = budget
	}
}

// Keep has all changes written to a journal from then on. What it holds was replayed before.
func (s *Service) Keep(part *journal.Part) error {
	s.journal, s.replayed = part, nil
	for _, st := range s.streams {
		if st.changing == statusDeleting {
			s.deleted.Add(1)
		}
	}
	if s.secretKept {
		return nil
	}
	s.secretKept = true
	return part.Append([]byte{entrySecret}, s.tokens.key)
}

// keep writes down what a locked stream is after a change. If that fails the stream is again what it was before.
func (s *Service) keep(st *stream) error {
	if s.journal == nil {
		return nil
	}
	text, err := st.encode()
	if err == nil {
		err = s.journal.Append([]byte{entryStream}, text)
	}
	if err == nil {
		st.kept = text
		return nil
	}
	return errors.Join(err, st.undo())
}

// undo makes a stream what was last written down.
func (st *stream) undo() error {
	if st.kept == nil { // it is only just being made
		return nil
	}
	return st.decode(st.kept)
}

// mark is where a stream's shards end before records are put.
type mark struct {
	shards int
	next   []uint64 // of those that are open
	open   []*shard
}

// mark returns nil where nothing is kept.
func (s *Service) mark(st *stream) *mark {
	if s.journal == nil {
		return nil
	}
	m := &mark{shards: len(st.shards), open: slices.Clone(st.open), next: make([]uint64, len(st.open))}
	for i, one := range st.open {
		m.next[i] = one.records.next()
	}
	return m
}

// keepRecords writes down what a locked stream took since a mark, shards that it was given with it. If that fails, it never took it.
func (s *Service) keepRecords(st *stream, since *mark) error {
	if since == nil {
		return nil
	}
	if len(st.shards) != since.shards { // it scaled
		if err := s.keep(st); err != nil {
			since.rewind()
			return err
		}
	}
	entry := binary.AppendUvarint(append(st.scratch[:0], entryRecords), st.id)
	empty := len(entry)
	for i, one := range since.open {
		entry = one.appendRecords(entry, since.next[i], one.records.view(since.next[i], int(one.records.next()-since.next[i])))
	}
	for _, one := range st.shards[since.shards:] {
		entry = one.appendRecords(entry, firstIndex, one.records.view(firstIndex, int(one.records.next()-firstIndex)))
	}
	if len(entry) == empty {
		return nil
	}
	const most = 2 << 20
	if st.scratch = entry; cap(entry) > most {
		st.scratch = nil
	}
	err := s.journal.Append(entry)
	if err != nil {
		since.rewind()
		for _, one := range st.shards[since.shards:] {
			one.records.truncate(firstIndex)
		}
	}
	return err
}

// rewind takes back the records since the mark.
func (m *mark) rewind() {
	for i, one := range m.open {
		one.records.truncate(m.next[i])
	}
}

// keptCommitment is an account's commitment in the journal.
type keptCommitment struct {
	Region, Account string
	Started, Ending int64
}

// keepCommitment writes down an account's commitment before it holds.
func (s *Service) keepCommitment(scope wire.Scope, c commitment) error {
	if s.journal == nil {
		return nil
	}
	text, err := cbor.Marshal(keptCommitment{scope.Region, scope.Account, journal.Nanos(c.started), journal.Nanos(c.ending)})
	if err != nil {
		return err
	}
	return s.journal.Append([]byte{entryCommitment}, text)
}

// Snapshot implements journal.Keeper.
func (s *Service) Snapshot(write func(pieces ...[]byte) error) error {
	if err := write([]byte{entrySecret}, s.tokens.key); err != nil {
		return err
	}
	s.mu.RLock()
	streams := slices.Collect(maps.Values(s.streams))
	count := binary.AppendUvarint([]byte{entryCount}, s.created)
	commitments := make([]keptCommitment, 0, len(s.commitments))
	for scope, c := range s.commitments {
		commitments = append(commitments, keptCommitment{scope.Region, scope.Account, journal.Nanos(c.started), journal.Nanos(c.ending)})
	}
	s.mu.RUnlock()
	for _, c := range commitments {
		text, err := cbor.Marshal(c)
		if err != nil {
			return err
		}
		if err := write([]byte{entryCommitment}, text); err != nil {
			return err
		}
	}
	for _, st := range streams {
		if err := s.snapshotStream(st, write); err != nil {
			return err
		}
	}
	return write(count) // behind the streams, so that those of a lower number that are not there are known to be gone
}

// snapshotStream writes a stream, which is locked only as long as it takes to see what it has.
func (s *Service) snapshotStream(st *stream, write func(pieces ...[]byte) error) error {
	type part struct {
		shard  *shard
		first  uint64
		pieces []block
	}
	st.mu.Lock()
	horizon := st.horizon(s.now())
	parts := make([]part, 0, len(st.shards))
	for _, one := range st.shards {
		_ = one.horizon(horizon)
		first := one.records.first
		parts = append(parts, part{one, first, one.records.view(first, int(one.records.next()-first))})
	}
	id := st.id
	text, err := st.encode()
	st.mu.Unlock()
	if err == nil {
		err = write([]byte{entryStream}, text)
	}
	for _, one := range parts {
		at := one.first
		for _, piece := range one.pieces {
			for len(piece.heads) > 0 && err == nil {
				var next block
				next, piece = piece.split()
				err = write(one.shard.appendRecords(binary.AppendUvarint([]byte{entryRecords}, id), at, []block{next}))
				at += uint64(len(next.heads))
			}
		}
	}
	return err
}

// split takes off as much as an entry of a snapshot holds: a MiB, or one record.
func (b block) split() (first, rest block) {
	const most = 1 << 20
	size, n := 0, 0
	for n < len(b.heads) && (n == 0 || size+int(b.heads[n].size) <= most) {
		size += int(b.heads[n].size)
		n++
	}
	return block{b.heads[:n], b.slabs}, block{b.heads[n:], b.slabs}
}
