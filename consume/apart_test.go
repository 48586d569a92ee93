package consume

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

// small is a store that takes no data objects and records over a size.
type small struct {
	Store
	limit    int
	attempts int
}

func (s *small) Create(ctx context.Context, o StoredObject) error {
	if !strings.HasPrefix(o.Key, delivery.ClaimPrefix) && len(o.Body) > s.limit {
		s.attempts++
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, len(o.Body))
	}
	return s.Store.Create(ctx, o)
}

func TestObjectThatIsTooLargeIsStoredApart(t *testing.T) {
	for _, compression := range []string{delivery.CompressionNone, delivery.CompressionGzip, delivery.CompressionZstd} {
		t.Run(compression, func(t *testing.T) {
			f := newFixture(t, "a0", "a1", "a\n", "a3")
			f.shard.Put("key", []byte("a record of some length"))
			f.rules.maxSize, f.rules.compression = 100, compression
			over := &small{Store: f.store, limit: 24} // gzip needs 23 bytes for nothing
			f.over = over
			n := len(f.shard.Records())
			w := f.start()
			f.must(w.DeliverAll(0))
			f.must(w.EndShard())
			f.must(w.Close())
			f.logged("stored one by one under _errors/: lower maxBufferSize")
			key := f.key(0, n-1)
			f.expect(shardEnd, map[string]string{key: ""})
			_, meta := f.store.read(t, key)
			if meta.Records != 0 || meta.Rejected != n || over.attempts != 1 {
				t.Errorf("%d records, %d rejected, %d attempts", meta.Records, meta.Rejected, over.attempts)
			}
			for i := range n {
				o, err := f.store.Get(t.Context(), delivery.ErrorKey("app", testShard, f.at(i)))
				if err != nil || string(o.Body) != string(f.shard.Records()[i].Data) {
					t.Errorf("record %d: %q, %v", i, o.Body, err)
				}
				if reason := o.Metadata["reason"]; i != 2 && !strings.Contains(reason, "larger than the store takes") {
					t.Errorf("record %d: reason %s", i, reason)
				}
			}
		})
	}
}

func TestRecordThatIsTooLargeEndsTheProcess(t *testing.T) {
	f := newFixture(t, "a0", "a1", "a2")
	f.over = &small{Store: f.store, limit: 1}
	w := f.start()
	if _, err := w.Deliver(0); err == nil {
		t.Error("the records were answered")
	}
	if err := w.Close(); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "does not take its 2 bytes in an object of their own") {
		t.Errorf("ended with %v, code %d", err, exit.Code(err))
	}
}

// TestRefusalsForSize are S3's own, and that of a proxy which knows no S3.
func TestRefusalsForSize(t *testing.T) {
	for status, body := range map[int]string{
		http.StatusBadRequest:            `<Error><Code>EntityTooLarge</Code><Message>Your proposed upload exceeds the maximum allowed object size.</Message></Error>`,
		http.StatusRequestEntityTooLarge: "<html>413 Request Entity Too Large</html>",
	} {
		_, _, clients := serve(t, nil)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		client := s3.New(clients.S3.Options(), func(o *s3.Options) { o.BaseEndpoint = &server.URL })
		store := &s3Store{client: client, bucket: "bucket"}
		if err := store.Create(t.Context(), StoredObject{Key: "k", Body: []byte("body")}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("status %d: %v", status, err)
		}
		server.Close()
	}
}

func TestLongNamesFitIntoMetadata(t *testing.T) {
	f := newFixture(t, "a")
	f.shard.Put(strings.Repeat("\U0001F600", 256), []byte("b\n"))
	f.template(strings.Repeat("x", 480) + "/{shardId}/{first}-{last}")
	w := f.start()
	f.must(w.DeliverAll(0))
	f.must(w.EndShard())
	f.must(w.Close())
	o, err := f.store.Get(t.Context(), delivery.ErrorKey("app", testShard, f.at(1)))
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for name, value := range o.Metadata {
		size += len(name) + len(value)
		if strings.ContainsFunc(value, func(r rune) bool { return r > 126 || r < ' ' }) {
			t.Errorf("%s is not ASCII: %q", name, value)
		}
	}
	if key := o.Metadata["partition-key"]; size > 2048 || !strings.HasSuffix(key, `..."`) || !strings.HasPrefix(key, `"\U0001f600`) {
		t.Errorf("%d bytes of metadata, partition key %s", size, key)
	}
}
