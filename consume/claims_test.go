package consume

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"clickstream/internal/delivery"
	"clickstream/kcl/kcltest"
)

func TestBatchesCloseBySizeAndChain(t *testing.T) {
	f := newFixture(t, "a0", "a1", "a2", "a3", "a4", "a5", "a6")
	w := f.start()
	f.must(w.DeliverAll(0))
	f.expect(f.at(5).String(), map[string]string{f.key(0, 2): "a0,a1,a2", f.key(3, 5): "a3,a4,a5"})
	f.must(w.RequestShutdown())
	f.expect(f.at(6).String(), map[string]string{f.key(0, 2): "a0,a1,a2", f.key(3, 5): "a3,a4,a5", f.key(6, 6): "a6"})
	f.must(w.Close())
	_, meta := f.store.read(t, f.key(3, 5))
	if meta.Previous != f.at(2) || meta.First != f.at(3) || meta.End != f.at(5) || meta.ShardID != testShard {
		t.Errorf("metadata %+v", meta)
	}
}

func TestOthersClaims(t *testing.T) {
	start := delivery.Position{}
	for name, test := range map[string]struct {
		prepare func(f *fixture)
		want    func(f *fixture) map[string]string
		end     int // the last record checkpointed
		log     string
	}{
		"ends further on: read on": {
			prepare: func(f *fixture) { f.claim(start, 0, 4) },
			want:    func(f *fixture) map[string]string { return map[string]string{f.key(0, 4): "a0,a1,a2,a3,a4"} },
			end:     4, log: "another worker has agreed",
		},
		"ends before: cut back": {
			prepare: func(f *fixture) { f.claim(start, 0, 1) },
			want: func(f *fixture) map[string]string {
				return map[string]string{f.key(0, 1): "a0,a1", f.key(2, 4): "a2,a3,a4"}
			},
			end: 4,
		},
		"is stored already, the same": {
			prepare: func(f *fixture) { f.claim(start, 0, 1); f.object(f.key(0, 1), start, 0, 1) },
			want: func(f *fixture) map[string]string {
				return map[string]string{f.key(0, 1): "a0,a1", f.key(2, 4): "a2,a3,a4"}
			},
			end: 4,
		},
		"is stored already, by one who got more of it": {
			prepare: func(f *fixture) {
				f.claim(start, 0, 2)
				f.object(f.key(0, 2), start, 0, 2)
				f.shard = kcltest.NewShard(testShard)
				all := newFixture(f.t, "a0", "a1", "a2", "a3", "a4").shard.Records()
				for i, data := range []string{"a0", "trimmed", "a2", "a3", "a4"} {
					if i == 1 {
						f.shard.PutAggregate("key") // takes up the number
						continue
					}
					if r := f.shard.Put("key", []byte(data)); r.SequenceNumber != all[i].SequenceNumber {
						f.t.Fatal("the shards differ")
					}
				}
			},
			want: func(f *fixture) map[string]string {
				return map[string]string{f.key(0, 1): "a0,a1,a2"}
			},
			end: 1, log: "the stream has trimmed the others",
		},
		"begins before: the part that is there, under its key": {
			prepare: func(f *fixture) { f.claim(start, -5, 1) },
			want: func(f *fixture) map[string]string {
				return map[string]string{f.key(-5, 1): "a0,a1", f.key(2, 4): "a2,a3,a4"}
			},
			end: 4, log: "of the batch 95.0 to",
		},
		"nothing of it was delivered, and it is stored": {
			prepare: func(f *fixture) {
				f.claim(start, -5, -3)
				f.must(f.store.Create(f.t.Context(), StoredObject{Key: f.key(-5, -3)}))
				f.store.objects[f.key(-5, -3)] = StoredObject{Key: f.key(-5, -3), Metadata: (delivery.ObjectMetadata{
					Key: f.key(-5, -3), ShardID: "s", First: f.at(-5), End: f.at(-3), Format: "jsonl", Compression: "none", Digest: delivery.NewDigest("jsonl").Sum(),
				}).ToMap()}
			},
			want: func(f *fixture) map[string]string {
				return map[string]string{f.key(-5, -3): "", f.key(0, 2): "a0,a1,a2"}
			},
			end: 2,
		},
		"nothing of it was delivered, and it is gone": {
			prepare: func(f *fixture) { f.claim(start, -5, -3) },
			want:    func(f *fixture) map[string]string { return map[string]string{f.key(0, 2): "a0,a1,a2"} },
			end:     2, log: "records 95.0 to 97.0 of " + testShard + " are gone",
		},
		"begins after: what lies before is not stored": {
			prepare: func(f *fixture) { f.claim(start, 1, 3) },
			want:    func(f *fixture) map[string]string { return map[string]string{f.key(1, 3): "a1,a2,a3"} },
			end:     3, log: "1 records before",
		},
		"begins after all that is in hand": {
			prepare: func(f *fixture) { f.claim(start, 4, 4) },
			want:    func(f *fixture) map[string]string { return map[string]string{f.key(4, 4): "a4"} },
			end:     4, log: "4 records before",
		},
		"has another key, format and compression": {
			prepare: func(f *fixture) {
				f.claim(start, 0, 3, func(c *delivery.Claim) { c.Key, c.Format, c.Compression = "other/key", "raw", "zstd" })
			},
			want: func(*fixture) map[string]string { return map[string]string{"other/key": "a0,a1,a2,a3"} },
			end:  3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, "a0", "a1", "a2", "a3", "a4")
			test.prepare(f)
			for _, limit := range []int{0, 1} { // all at once, and one by one
				if limit == 1 {
					f = newFixture(t, "a0", "a1", "a2", "a3", "a4")
					test.prepare(f)
				}
				w := f.start()
				f.must(w.DeliverAll(limit))
				f.must(w.Close())
				f.expect(f.at(test.end).String(), test.want(f))
				f.logged(test.log)
			}
		})
	}
}

func TestWhatStopsTheProcess(t *testing.T) {
	start := delivery.Position{}
	for name, test := range map[string]struct {
		prepare func(f *fixture)
		want    string
	}{
		"another digest": {func(f *fixture) { f.object(f.key(0, 2), start, 0, 1) }, "holds other records than the shard"},
		"foreign object": {func(f *fixture) { f.must(f.store.Create(f.t.Context(), StoredObject{Key: f.key(0, 2)})) }, "was not written by clickstream"},
		"claim backwards": {func(f *fixture) {
			f.claim(start, 0, 0)
			f.object(f.key(0, 0), start, 0, 0)
			f.claim(f.at(0), 0, 2)
			f.rules.maxSize = 2
		}, "leads backwards"},
		"claim in ruins": {func(f *fixture) {
			f.must(f.store.Create(f.t.Context(), StoredObject{Key: delivery.ClaimKey("app", testShard, start), Body: []byte("{")}))
		}, "cannot be understood"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, "a0", "a1", "a2")
			test.prepare(f)
			w := f.start()
			if _, err := w.Deliver(0); err == nil {
				t.Error("the records were answered")
			}
			if err := w.Close(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("ended with %v, want %q", err, test.want)
			}
		})
	}
}

// vanishing answers that a key exists, once, when it does not.
type vanishing struct {
	Store
	key  string
	seen bool
}

func (s *vanishing) Create(ctx context.Context, o StoredObject) error {
	if o.Key == s.key && !s.seen {
		s.seen = true
		return ErrExists
	}
	return s.Store.Create(ctx, o)
}

func TestWhatExistsAndIsNotThereIsStoredAgain(t *testing.T) {
	for _, name := range []string{"claim", "object"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, "a0", "a1", "a2")
				key := f.key(0, 2)
				if name == "claim" {
					key = delivery.ClaimKey("app", testShard, delivery.Position{})
				}
				f.over = &vanishing{Store: f.store, key: key}
				w := f.start()
				f.must(w.DeliverAll(0))
				f.must(w.Close())
				f.expect(f.at(2).String(), map[string]string{f.key(0, 2): "a0,a1,a2"})
			})
		})
	}
}
