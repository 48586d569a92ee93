package s3

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
	"clickstream/emulator/internal/wire"
)

// maxBuckets is how many buckets an account may have.
const maxBuckets = 10000

// Store is one S3: the buckets of all accounts and regions, whose names are
// one namespace. It is safe for concurrent use; make it with [New].
type Store struct {
	operations map[routeKey][]*operation
	requests   atomic.Uint64 // counts requests, for their ids
	clock      *clock.Clock
	journal    *journal.Part  // nil where nothing is kept
	memory     *memory.Budget // of objects; nil where nobody counts

	mu      sync.RWMutex // guards buckets; taken before a bucket's own lock, never after
	buckets map[string]*bucket
}

// New makes an empty Store that goes by a clock, of which nil is the
// machine's own.
func New(time *clock.Clock) *Store {
	return &Store{operations: routes(), clock: time, buckets: map[string]*bucket{}}
}

// Buckets lists the names of all accounts' buckets, sorted.
func (s *Store) Buckets() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.buckets))
}

// Keys lists the keys of a bucket in the order of S3's listings; none when
// there is no such bucket.
func (s *Store) Keys(bucket string) []string {
	b := s.lookup(bucket)
	if b == nil {
		return nil
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	keys := make([]string, 0, b.objects.size)
	for _, block := range b.objects.blocks {
		for _, o := range block {
			keys = append(keys, o.key)
		}
	}
	return keys
}

// Object gives a copy of an object's body; ok is false when bucket or key is
// not there.
func (s *Store) Object(bucket, key string) (body []byte, ok bool) {
	b := s.lookup(bucket)
	if b == nil {
		return nil, false
	}
	o := b.get(key)
	if o == nil {
		return nil, false
	}
	return bytes.Clone(o.body), true
}

func (s *Store) lookup(name string) *bucket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.buckets[name]
}

// open gives the bucket of that name to one who may use it: errNoSuchBucket
// when it is not there, errAccessDenied when it is another account's.
func (s *Store) open(name string, scope wire.Scope) (*bucket, error) {
	b := s.lookup(name)
	switch {
	case b == nil:
		return nil, errNoSuchBucket.with("BucketName", name)
	case b.account != scope.Account:
		return nil, errAccessDenied.withHeader("X-Amz-Bucket-Region", b.region)
	}
	return b, nil
}

// create adds a bucket. One that is there is an error, which says whether it
// is the caller's own; the one exception is the service's own: creating a
// bucket again in us-east-1 is no error.
func (s *Store) create(b *bucket) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.buckets[b.name]
	switch {
	case old == nil:
	case old.account != b.account:
		return errBucketExists.with("BucketName", b.name)
	case old.region == wire.DefaultRegion && b.region == wire.DefaultRegion:
		return nil
	default:
		return errBucketOwned.with("BucketName", b.name)
	}
	owned := 0
	for _, other := range s.buckets {
		if other.account == b.account {
			owned++
		}
	}
	if owned >= maxBuckets {
		return errTooManyBuckets
	}
	b.journal, b.memory = s.journal, s.memory
	if err := b.append(entryBucket, b.keep(), nil); err != nil {
		return err
	}
	s.buckets[b.name] = b
	return nil
}

// drop removes an empty bucket.
func (s *Store) drop(b *bucket) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.gone:
		return errNoSuchBucket.with("BucketName", b.name)
	case b.objects.size > 0:
		return errBucketNotEmpty.with("BucketName", b.name)
	}
	if err := b.append(entryDropped, keptName{Bucket: b.name}, nil); err != nil {
		return err
	}
	for _, u := range b.uploads {
		b.memory.Give(u.held())
	}
	b.gone = true
	delete(s.buckets, b.name)
	return nil
}

// owned lists the buckets of an account by name.
func (s *Store) owned(account string) []*bucket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var owned []*bucket
	for _, b := range s.buckets {
		if b.account == account {
			owned = append(owned, b)
		}
	}
	slices.SortFunc(owned, func(a, b *bucket) int { return cmp.Compare(a.name, b.name) })
	return owned
}
