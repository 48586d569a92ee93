package consume

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"clickstream/internal/delivery"
)

// memoryStore is a Store with conditional writes, as S3 has them.
type memoryStore struct {
	mu      sync.Mutex
	objects map[string]StoredObject
}

func (s *memoryStore) Create(_ context.Context, o StoredObject) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.objects[o.Key]; there {
		return ErrExists
	}
	if s.objects == nil {
		s.objects = make(map[string]StoredObject)
	}
	o.Body, o.Stored = bytes.Clone(o.Body), time.Now()
	s.objects[o.Key] = o
	return nil
}

func (s *memoryStore) Renew(_ context.Context, o StoredObject) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	there, ok := s.objects[o.Key]
	if !ok || !bytes.Equal(there.Body, o.Body) {
		return ErrNotFound
	}
	there.Stored = time.Now()
	s.objects[o.Key] = there
	return nil
}

func (s *memoryStore) Get(_ context.Context, key string) (StoredObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, there := s.objects[key]
	if !there {
		return StoredObject{}, ErrNotFound
	}
	return o, nil
}

func (s *memoryStore) delete(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
}

func (s *memoryStore) Head(ctx context.Context, key string) (StoredObject, error) {
	o, err := s.Get(ctx, key)
	o.Body = nil
	return o, err
}

// keys lists what is stored, sorted, without the owner's marker.
func (s *memoryStore) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.objects)), func(key string) bool { return key == delivery.OwnerKey })
}

// contents returns the data objects, one entry a key, records joined by commas.
func (s *memoryStore) contents(t *testing.T) map[string]string {
	t.Helper()
	contents := make(map[string]string)
	for _, key := range s.keys() {
		if !delivery.IsData(key) {
			continue
		}
		object, meta := s.read(t, key)
		if len(object.Records) != meta.Records {
			t.Errorf("%s holds %d records, its metadata says %d", key, len(object.Records), meta.Records)
		}
		contents[key] = string(bytes.Join(object.Records, []byte(",")))
	}
	return contents
}

// read takes a data object apart and checks it against its metadata.
func (s *memoryStore) read(t *testing.T, key string) (*delivery.Object, delivery.ObjectMetadata) {
	t.Helper()
	o := s.objects[key]
	meta, err := delivery.ParseMetadata(o.Metadata)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	object, err := delivery.ReadObject(key, meta.Format, meta.Compression, o.Body)
	if err != nil {
		t.Fatal(err)
	}
	if meta.Key != key || object.Content != delivery.ContentOf(meta.Digest) {
		t.Errorf("%s: its metadata is of another object: %+v", key, meta)
	}
	return object, meta
}

// testLog is a logger into a buffer.
func testLog() (*logrus.Entry, *lockedBuffer) {
	b := &lockedBuffer{}
	logger := logrus.New()
	logger.SetOutput(b)
	logger.SetLevel(logrus.DebugLevel)
	return logrus.NewEntry(logger), b
}

type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
