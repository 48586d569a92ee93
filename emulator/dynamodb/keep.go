package dynamodb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
	"clickstream/emulator/internal/wire"
)

// The kinds of entries in the journal. Those of items and of deleted tables begin with the table's id: another table of the same name may
// have come since, which a snapshot that is written at the time has already.
const (
	entryTable   = 'T' // a table as it is from then on, without its items
	entryDropped = 'D' // a table that was deleted, with its items
	entryPut     = 'P' // an item
	entryRemoved = 'R' // the key of an item that was deleted
)

// Bound counts the bytes of items in a budget, and has writes refused that are beyond it. It is called before there are tables.
func (s *Service) Bound(budget *memory.Budget) { s.memory = budget }

// Keep has all changes written to a journal from then on. What it holds was replayed before.
func (s *Service) Keep(part *journal.Part) {
	s.journal, s.replayed = part, nil
	for _, t := range s.tables {
		t.journal = part
	}
}

// prefix returns what begins entries about the table.
func (t *table) prefix(kind byte) []byte {
	return append(binary.AppendUvarint(append(make([]byte, 0, 256), kind), uint64(len(t.id))), t.id...)
}

// keep writes down what a locked table is after a change. If that fails the table is again what it was before.
func (t *table) keep() error {
	if t.journal == nil || t.gone {
		return nil
	}
	text, err := t.encode()
	if err == nil {
		err = t.journal.Append([]byte{entryTable}, text)
	}
	if err == nil {
		t.kept = text
		return nil
	}
	if t.kept == nil { // it is only just being made
		return err
	}
	return errors.Join(err, t.decode(t.kept))
}

// admit makes room for an item in place of another, either of which may be nil, and writes the change down before it is made.
func (t *table) admit(old, item Item) error {
	growth := 0
	if t.memory != nil {
		growth = held(item) - held(old)
		if growth > 0 && !t.memory.Take(growth) {
			return wire.Errorf(codeFull, "The emulator holds as much as --max-memory allows. Delete items, or try again when others have.")
		}
	}
	if err := t.keepItem(old, item); err != nil {
		if growth > 0 {
			t.memory.Give(growth)
		}
		return err
	}
	if growth < 0 {
		t.memory.Give(-growth)
	}
	t.held += growth
	return nil
}

// codeFull is the answer to a write that there is no memory for: clients try again after it.
const codeFull = "ProvisionedThroughputExceededException"

func isFull(err error) bool {
	refused, ok := errors.AsType[*wire.Error](err)
	return ok && refused.Code == codeFull
}

// held is what an item takes in memory with its place in a table.
func held(item Item) int {
	const place = 120
	if item == nil {
		return 0
	}
	return place + item.Held()
}

func (t *table) keepItem(old, item Item) error {
	switch {
	case t.journal == nil:
		return nil
	case item != nil:
		return t.journal.Append(item.AppendBinary(t.prefix(entryPut)))
	default:
		return t.journal.Append(t.keyOf(old).AppendBinary(t.prefix(entryRemoved)))
	}
}

// Snapshot implements journal.Keeper.
func (s *Service) Snapshot(write func(pieces ...[]byte) error) error {
	s.mu.RLock()
	tables := make([]*table, 0, len(s.tables))
	for _, t := range s.tables {
		tables = append(tables, t)
	}
	s.mu.RUnlock()
	for _, t := range tables {
		if err := t.snapshot(write); err != nil {
			return err
		}
	}
	return nil
}

// snapshot writes a table, which is locked only as long as it takes to list its items.
func (t *table) snapshot(write func(pieces ...[]byte) error) error {
	t.mu.RLock()
	text, err := t.encode()
	items := make([]Item, 0, t.store.count)
	for r := range t.store.all() {
		items = append(items, r.item)
	}
	gone := t.gone
	t.mu.RUnlock()
	if gone || err != nil {
		return err
	}
	if err := write([]byte{entryTable}, text); err != nil {
		return err
	}
	prefix := t.prefix(entryPut)
	for _, item := range items {
		if err := write(item.AppendBinary(slices.Clip(prefix))); err != nil {
			return err
		}
	}
	return nil
}

var errShort = errors.New("the entry is too short")

// Replay implements journal.Keeper. It is called before anything else is done.
func (s *Service) Replay(entry []byte, mending bool) error {
	if len(entry) == 0 {
		return errShort
	}
	kind, content := entry[0], entry[1:]
	if kind == entryTable {
		return s.replayTable(content, mending)
	}
	n, size := binary.Uvarint(content)
	if size <= 0 || n > uint64(len(content)-size) {
		return errShort
	}
	t := s.replayed[string(content[size:size+int(n)])]
	if t == nil { // it was deleted before the snapshot that was replayed
		return nil
	}
	if kind == entryDropped {
		s.forget(t)
		return nil
	}
	item, _, err := attribute.ReadBinary(content[size+int(n):])
	if err != nil {
		return err
	}
	return t.replay(kind, item)
}

// forget lets go of a table that was replayed.
func (s *Service) forget(t *table) {
	t.memory.Give(t.held)
	delete(s.replayed, t.id)
	if id := (tableID{t.scope, t.name}); s.tables[id] == t {
		delete(s.tables, id)
	}
}

func (s *Service) replayTable(text []byte, mending bool) error {
	var head struct{ ID string }
	if err := cbor.Unmarshal(text, &head); err != nil {
		return err
	}
	t := s.replayed[head.ID]
	if t == nil {
		t = &table{memory: s.memory}
	}
	if err := t.decode(text); err != nil {
		return err
	}
	t.kept = text
	if s.replayed == nil {
		s.replayed = map[string]*table{}
	}
	s.replayed[t.id] = t
	id := tableID{t.scope, t.name}
	if there := s.tables[id]; mending && there != nil && there != t { // that it was deleted is what is missing
		s.forget(there)
	}
	s.tables[id] = t
	return nil
}

func (t *table) replay(kind byte, item Item) error {
	for _, key := range t.store.keys.attributes() {
		if item[key.name].Kind() != key.kind {
			return fmt.Errorf("an item does not have the key %s of table %s", key.name, t.name)
		}
	}
	r, old := t.find(item)
	switch kind {
	case entryPut:
		t.put(r, item, item.Size())
	case entryRemoved:
		if item = nil; r != nil {
			t.remove(r)
		}
	default:
		return fmt.Errorf("DynamoDB has no entries of kind %q", kind)
	}
	if t.memory != nil {
		growth := held(item) - held(old)
		t.memory.Add(growth)
		t.held += growth
	}
	return nil
}
