package s3

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
)

// The kinds of entries in the journal.
const (
	entryBucket  = 'B' // a bucket as it is from then on, without what is in it
	entryDropped = 'X' // a bucket that was deleted
	entryObject  = 'O' // an object with its body
	entryTagged  = 'T' // an object's tags
	entryRemoved = 'D' // the key of an object that was deleted
	entryUpload  = 'U' // an upload that begins
	entryPart    = 'P' // a part of an upload with its body
	entryAborted = 'A' // an upload that was aborted
)

// Bound counts the bytes of objects in a budget, and has writes refused that
// are beyond it. It is called before there are buckets.
func (s *Store) Bound(budget *memory.Budget) { s.memory = budget }

// Keep has all changes written to a journal from then on. What it holds was
// replayed before.
func (s *Store) Keep(part *journal.Part) {
	s.journal = part
	for _, b := range s.buckets {
		b.journal = part
	}
	// Numbers are part of the ids of uploads, which must not come twice.
	s.requests.Store(max(s.requests.Load(), uint64(s.clock.Now().UnixMicro())))
}

// append writes an entry down.
func (b *bucket) append(kind byte, kept any, body []byte) error {
	return appendEntry(b.journal, kind, kept, body)
}

func appendEntry(to *journal.Part, kind byte, kept any, body []byte) error {
	if to == nil {
		return nil
	}
	pieces, err := entryOf(kind, kept, body)
	if err != nil {
		return err
	}
	return to.Append(pieces...)
}

// What objects and parts take in memory beside their bodies.
const (
	objectOverhead = 640
	partOverhead   = 256
)

func (o *object) held() int {
	if o == nil {
		return 0
	}
	size := len(o.body) + len(o.key) + objectOverhead
	for _, fields := range [][]field{o.header, o.metadata, o.tags} {
		for _, f := range fields {
			size += len(f.name) + len(f.value)
		}
	}
	return size
}

func (p *part) held() int {
	if p == nil {
		return 0
	}
	return len(p.body) + partOverhead
}

func (u *upload) held() int {
	if u == nil {
		return 0
	}
	size := partOverhead
	for _, p := range u.parts {
		size += p.held()
	}
	return size
}

var errSlowDown = newError(503, "SlowDown", "Please reduce your request rate: the emulator holds as much as --max-memory allows.")

// admit makes room for bytes in place of others and has the change written
// down, before it is made.
func (b *bucket) admit(after, before int, write func() error) error {
	if b.gone {
		return errNoSuchBucket.with("BucketName", b.name)
	}
	growth := after - before
	if growth > 0 && !b.memory.Take(growth) {
		return errSlowDown
	}
	err := write()
	switch {
	case err != nil && growth > 0:
		b.memory.Give(growth)
	case err == nil && growth < 0:
		b.memory.Give(-growth)
	}
	return err
}

// file files an object in place of another, and drops the upload that it was.
// The caller holds the lock.
func (b *bucket) file(o *object, upload string) error {
	before := b.objects.get(o.key).held()
	if upload != "" {
		before += b.uploads[upload].held()
	}
	err := b.admit(o.held(), before, func() error {
		if b.journal == nil {
			return nil
		}
		return b.append(entryObject, o.keep(b.name, upload), o.body)
	})
	if err != nil {
		return err
	}
	b.objects.put(o)
	delete(b.uploads, upload)
	return nil
}

// Snapshot implements journal.Keeper.
func (s *Store) Snapshot(write func(pieces ...[]byte) error) error {
	s.mu.RLock()
	buckets := slices.Collect(maps.Values(s.buckets))
	s.mu.RUnlock()
	for _, b := range buckets {
		if err := b.snapshot(write); err != nil {
			return err
		}
	}
	return nil
}

// snapshot writes a bucket, which is locked only as long as it takes to list
// what is in it.
func (b *bucket) snapshot(write func(pieces ...[]byte) error) error {
	b.mu.RLock()
	kept, gone := b.keep(), b.gone
	kept.Documents = maps.Clone(kept.Documents)
	objects := slices.Concat(b.objects.blocks...)
	uploads := make([]*upload, 0, len(b.uploads))
	for _, u := range b.uploads {
		open := *u
		open.parts = maps.Clone(u.parts)
		uploads = append(uploads, &open)
	}
	b.mu.RUnlock()
	if gone {
		return nil
	}
	entry := func(kind byte, kept any, body []byte) error {
		pieces, err := entryOf(kind, kept, body)
		if err != nil {
			return err
		}
		return write(pieces...)
	}
	if err := entry(entryBucket, kept, nil); err != nil {
		return err
	}
	for _, o := range objects {
		if err := entry(entryObject, o.keep(b.name, ""), o.body); err != nil {
			return err
		}
	}
	for _, u := range uploads {
		if err := entry(entryUpload, u.keep(b.name), nil); err != nil {
			return err
		}
		for _, p := range u.parts {
			if err := entry(entryPart, p.keep(b.name, u.id), p.body); err != nil {
				return err
			}
		}
	}
	return nil
}

// Replay implements journal.Keeper. It is called before anything else is done.
func (s *Store) Replay(entry []byte, _ bool) error {
	if len(entry) == 0 {
		return errEntry
	}
	kind, entry := entry[0], entry[1:]
	switch kind {
	case entryBucket:
		return s.replayBucket(entry)
	case entryObject, entryTagged:
		return s.replayObject(kind, entry)
	case entryUpload:
		return s.replayUpload(entry)
	case entryPart:
		return s.replayPart(entry)
	case entryDropped, entryRemoved, entryAborted:
		k, _, err := readEntry[keptName](entry)
		if b := s.buckets[k.Bucket]; err == nil && b != nil {
			s.replayRemoval(kind, b, k.Name)
		}
		return err
	default:
		return errors.New("S3 has no entries of kind " + strconv.Quote(string(rune(kind))))
	}
}

func (s *Store) replayPart(entry []byte) error {
	k, body, err := readEntry[keptPart](entry)
	if b := s.buckets[k.Bucket]; err == nil && b != nil && b.uploads[k.Upload] != nil {
		u := b.uploads[k.Upload]
		s.memory.Add(len(body) + partOverhead - u.parts[k.Number].held())
		u.parts[k.Number] = k.part(body)
	}
	return err
}

func (s *Store) replayRemoval(kind byte, b *bucket, name string) {
	switch kind {
	case entryDropped:
		for _, u := range b.uploads {
			s.memory.Give(u.held())
		}
		for _, block := range b.objects.blocks {
			for _, o := range block {
				s.memory.Give(o.held())
			}
		}
		delete(s.buckets, b.name)
	case entryRemoved:
		s.memory.Give(b.objects.get(name).held())
		b.objects.remove(name)
	default:
		s.memory.Give(b.uploads[name].held())
		delete(b.uploads, name)
	}
}

func (s *Store) replayBucket(entry []byte) error {
	k, _, err := readEntry[keptBucket](entry)
	if err != nil {
		return err
	}
	b := s.buckets[k.Name]
	if b == nil {
		b = &bucket{name: k.Name, clock: s.clock, uploads: map[string]*upload{}, memory: s.memory}
		s.buckets[k.Name] = b
	}
	b.account, b.region, b.created, b.documents = k.Account, k.Region, timeOf(k.Created), k.Documents
	if b.documents == nil {
		b.documents = map[string][]byte{}
	}
	return nil
}

func (s *Store) replayObject(kind byte, entry []byte) error {
	k, body, err := readEntry[keptObject](entry)
	b := s.buckets[k.Bucket]
	if err != nil || b == nil {
		return err
	}
	present := b.objects.get(k.Key)
	o := k.object(body)
	if kind == entryTagged {
		if present == nil { // it was deleted before the snapshot that was replayed
			return nil
		}
		tagged := *present
		tagged.tags = fieldsOf(k.Tags)
		o = &tagged
	}
	s.memory.Add(o.held() - present.held() - b.uploads[k.Upload].held())
	b.objects.put(o)
	delete(b.uploads, k.Upload)
	return nil
}

func (s *Store) replayUpload(entry []byte) error {
	k, _, err := readEntry[keptUpload](entry)
	b := s.buckets[k.Object.Bucket]
	if err != nil || b == nil {
		return err
	}
	const digits = 16 // of the number that an id begins with
	if number, err := strconv.ParseUint(k.ID[:min(digits, len(k.ID))], 16, 64); err == nil {
		s.requests.Store(max(s.requests.Load(), number))
	}
	if b.uploads[k.ID] == nil {
		b.uploads[k.ID] = k.upload()
		s.memory.Add(partOverhead)
	}
	return nil
}
