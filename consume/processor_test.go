package consume

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/kcl"
	"clickstream/kcl/kcltest"
)

const testShard = "shardId-000000000000"

// fixture is a shard with records of two bytes each, a bucket, and the settings of the processor between them: batches close at 6 bytes.
type fixture struct {
	t     *testing.T
	shard *kcltest.Shard
	store *memoryStore
	over  Store // what the processor sees, if not store itself
	rules rules
	log   *lockedBuffer
}

func newFixture(t *testing.T, records ...string) *fixture {
	t.Helper()
	f := &fixture{t: t, shard: kcltest.NewShard(testShard), store: &memoryStore{}}
	for _, data := range records {
		f.shard.Put("key", []byte(data))
	}
	f.rules = rules{application: "app", stream: "stream", format: delivery.FormatJSONL, compression: delivery.CompressionNone, maxSize: 6, maxAge: time.Minute}
	f.template("")
	return f
}

func (f *fixture) template(text string) {
	f.t.Helper()
	var err error
	if f.rules.template, err = delivery.ParseTemplate(text); err != nil {
		f.t.Fatal(err)
	}
}

var errDenied = errors.New("access denied")

// start runs a processor and initializes it.
func (f *fixture) start() *kcltest.Worker {
	f.t.Helper()
	log, text := testLog()
	f.log = text
	wait := &patience{log: log, permanent: func(err error) bool { return errors.Is(err, errDenied) }, random: rand.New(rand.NewPCG(1, 2))}
	store := f.over
	if store == nil {
		store = f.store
	}
	p := &processor{open: func(_ context.Context, shardID string) (*chain, error) {
		return &chain{rules: f.rules, shardID: shardID, store: &patientStore{store, wait}, wait: wait, log: log}, nil
	}}
	w := f.shard.Start(f.t.Context(), p)
	f.must(w.Initialize())
	return w
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("%v; log: %s", err, f.log)
	}
}

// at is the position of record i of the shard; a negative one lies before all of them.
func (f *fixture) at(i int) delivery.Position {
	if i < 0 {
		return delivery.Position{Sequence: fmt.Sprint(100 + i)}
	}
	r := f.shard.Records()[i]
	return delivery.Position{Sequence: r.SequenceNumber, Sub: r.SubSequenceNumber}
}

func (f *fixture) key(first, last int) string {
	p, text := f.at(first), ""
	if p.Sub > 0 {
		text = fmt.Sprintf(".%d", p.Sub)
	}
	return testShard + "/" + p.Sequence + text + "-" + f.at(last).Sequence
}

// claim files somebody else's claim of records first to last behind a position.
func (f *fixture) claim(after delivery.Position, first, last int, change ...func(*delivery.Claim)) {
	f.t.Helper()
	claim := delivery.Claim{First: f.at(first), End: f.at(last), Key: f.key(first, last), Format: delivery.FormatJSONL, Compression: delivery.CompressionNone}
	for _, c := range change {
		c(&claim)
	}
	body, err := claim.Encode()
	f.must(err)
	f.must(f.store.Create(f.t.Context(), StoredObject{Key: delivery.ClaimKey("app", testShard, after), Body: body}))
}

// object stores what another worker would store of records first to last of the shard.
func (f *fixture) object(key string, after delivery.Position, first, last int) {
	f.t.Helper()
	digest, body := delivery.NewDigest(delivery.FormatJSONL), []byte(nil)
	for i := first; i <= last; i++ {
		data := f.shard.Records()[i].Data
		digest.Add(f.at(i), data)
		body = delivery.AppendRecord(body, delivery.FormatJSONL, data)
	}
	meta := delivery.ObjectMetadata{
		Key: key, ShardID: testShard, Previous: after, First: f.at(first), End: f.at(last), Records: last - first + 1,
		Digest: digest.Sum(), Format: delivery.FormatJSONL, Compression: delivery.CompressionNone,
	}
	f.must(f.store.Create(f.t.Context(), StoredObject{Key: key, Metadata: meta.ToMap(), Body: body}))
}

// expect compares the data objects and the checkpoint with what is wanted; "" is a shard's end.
func (f *fixture) expect(checkpoint string, objects map[string]string) {
	f.t.Helper()
	if diff := cmp.Diff(objects, f.store.contents(f.t)); diff != "" {
		f.t.Errorf("objects: %s", diff)
	}
	sequence, sub := f.shard.Checkpoint()
	if got := (delivery.Position{Sequence: sequence, Sub: sub}).String(); got != checkpoint {
		f.t.Errorf("checkpoint at %s, want %s", got, checkpoint)
	}
}

func (f *fixture) logged(text string) {
	f.t.Helper()
	if !strings.Contains(f.log.String(), text) {
		f.t.Errorf("the log does not say %q: %s", text, f.log)
	}
}

const (
	shardEnd    = "SHARD_END.0"
	trimHorizon = "TRIM_HORIZON.0"
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

func TestAgeClosesABatchAlsoWithoutRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, "a0")
		w := f.start()
		f.must(w.DeliverAll(0))
		time.Sleep(59 * time.Second)
		f.must(errOf(w.Deliver(0)))
		f.expect(trimHorizon, map[string]string{})
		time.Sleep(time.Second)
		f.must(errOf(w.Deliver(0)))
		f.expect(f.at(0).String(), map[string]string{f.key(0, 0): "a0"})
		f.must(w.Close())
	})
}

func errOf(_ int, err error) error { return err }

func TestAggregatesStayWhole(t *testing.T) {
	f := newFixture(t, "a0")
	f.shard.PutAggregate("key", []byte("b0"), []byte("b1"), []byte("b2"), []byte("b3"))
	f.shard.Put("key", []byte("c0"))
	w := f.start()
	f.must(w.DeliverAll(0))
	f.expect(f.at(4).String(), map[string]string{f.key(0, 4): "a0,b0,b1,b2,b3"})
	f.must(w.Close())
}

// TestBatchInsideAnAggregate begins where another consumer has left off, within an aggregate.
func TestBatchInsideAnAggregate(t *testing.T) {
	f := newFixture(t)
	f.shard.PutAggregate("key", []byte("b0"), []byte("b1"), []byte("b2"), []byte("b3"), []byte("b4"))
	other := f.shard.Start(t.Context(), &checkpointer1{})
	f.must(other.Initialize())
	f.must(other.DeliverAll(0))
	f.must(other.Close())
	w := f.start()
	f.must(w.DeliverAll(0))
	f.must(w.EndShard())
	f.must(w.Close())
	if key := f.key(2, 4); !strings.Contains(key, ".2-") {
		t.Errorf("key %s", key)
	}
	f.expect(shardEnd, map[string]string{f.key(2, 4): "b2,b3,b4"})
}

// checkpointer1 is a processor that checkpoints at the second record of each delivery.
type checkpointer1 struct{ kcl.Processor }

func (checkpointer1) Initialize(context.Context, *kcl.InitializeInput) error { return nil }

func (checkpointer1) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	return in.Checkpointer.CheckpointRecord(ctx, in.Records[1])
}

func TestShardEnd(t *testing.T) {
	for name, test := range map[string]struct {
		records []string
		claim   func(f *fixture)
		want    func(f *fixture) map[string]string
		log     string
	}{
		"empty": {nil, func(*fixture) {}, func(*fixture) map[string]string { return map[string]string{} }, ""},
		"a rest": {
			[]string{"a0", "a1", "a2", "a3"},
			func(*fixture) {},
			func(f *fixture) map[string]string {
				return map[string]string{f.key(0, 2): "a0,a1,a2", f.key(3, 3): "a3"}
			}, "",
		},
		"a claim cuts the rest": {
			[]string{"a0", "a1"},
			func(f *fixture) { f.claim(delivery.Position{}, 0, 0) },
			func(f *fixture) map[string]string { return map[string]string{f.key(0, 0): "a0", f.key(1, 1): "a1"} }, "",
		},
		"nothing was delivered of what was claimed": {
			nil,
			func(f *fixture) { f.claim(delivery.Position{}, -3, -1) },
			func(*fixture) map[string]string { return map[string]string{} }, "records 97.0 to 99.0 of " + testShard + " are gone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, test.records...)
			test.claim(f)
			w := f.start()
			f.must(w.DeliverAll(0))
			f.must(w.EndShard())
			f.must(w.Close())
			f.expect(shardEnd, test.want(f))
			f.logged(test.log)
		})
	}
}

func TestShutdownLeavesWhatAnotherHasClaimedFurther(t *testing.T) {
	f := newFixture(t, "a0", "a1", "a2")
	f.claim(delivery.Position{}, 0, 2)
	w := f.start()
	f.must(errOf(w.Deliver(2)))
	f.must(w.RequestShutdown())
	f.must(w.LoseLease())
	f.must(w.Close())
	f.expect(trimHorizon, map[string]string{})
}

func TestLostLeaseDropsTheBatch(t *testing.T) {
	f := newFixture(t, "a0", "a1")
	w := f.start()
	f.must(w.DeliverAll(0))
	f.must(w.LoseLease())
	f.must(w.Close())
	if keys := f.store.keys(); len(keys) > 0 {
		t.Errorf("stored: %v", keys)
	}
	f.logged("2 records that were not stored are dropped")
}

func TestZombieWritesNothingMore(t *testing.T) {
	f := newFixture(t, "a0", "a1", "a2", "a3", "a4", "a5", "a6")
	w := f.start()
	w.StealLease()
	f.must(w.DeliverAll(3))
	f.must(w.RequestShutdown())
	f.must(w.LoseLease())
	f.must(w.Close())
	f.expect(trimHorizon, map[string]string{f.key(0, 2): "a0,a1,a2"})
}

func TestCheckpointFaultsAreWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, "a0", "a1", "a2")
		f.shard.Refuse("KinesisClientLibDependencyException", 5)
		f.shard.Throttle(30)
		w := f.start()
		f.must(w.DeliverAll(0))
		f.must(w.Close())
		f.expect(f.at(2).String(), map[string]string{f.key(0, 2): "a0,a1,a2"})
	})
}

// faulty is a store that fails until a time.
type faulty struct {
	Store
	until time.Time
	err   error
}

func (s *faulty) Create(ctx context.Context, o StoredObject) error {
	if time.Now().Before(s.until) {
		return s.err
	}
	return s.Store.Create(ctx, o)
}

func TestStoreAwayForFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, "a0", "a1", "a2")
		f.over = &faulty{f.store, time.Now().Add(5 * time.Minute), errors.New("connection refused")}
		w := f.start()
		f.must(w.DeliverAll(0))
		f.must(w.Close())
		f.expect(f.at(2).String(), map[string]string{f.key(0, 2): "a0,a1,a2"})
		f.logged("connection refused; attempt 2 comes in")
	})
}

func TestEndOfInputEndsTheWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, "a0", "a1", "a2")
		f.over = &faulty{f.store, time.Now().Add(time.Hour), errors.New("connection refused")}
		w := f.start()
		done := make(chan error, 1)
		go func() { done <- errOf(w.Deliver(0)) }()
		time.Sleep(time.Minute)
		before := time.Now()
		f.must(w.Close())
		if waited := time.Since(before); waited > time.Second {
			t.Errorf("the end of input was seen after %s", waited)
		}
		if err := <-done; err == nil {
			t.Error("the records were answered")
		}
	})
}

func TestErrorThatCannotPassEndsTheProcess(t *testing.T) {
	f := newFixture(t, "a0", "a1", "a2")
	f.over = &faulty{f.store, time.Now().Add(time.Hour), fmt.Errorf("put: %w", errDenied)}
	w := f.start()
	if _, err := w.Deliver(0); err == nil {
		t.Error("the records were answered")
	}
	err := w.Close()
	if exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "access denied") {
		t.Errorf("ended with %v, code %d", err, exit.Code(err))
	}
}

func TestRecordsThatTheFormatCannotHold(t *testing.T) {
	f := newFixture(t, "a\n", "", "a2", "\n", "a4")
	w := f.start()
	f.must(w.DeliverAll(0))
	f.must(w.EndShard())
	f.must(w.Close())
	f.expect(shardEnd, map[string]string{f.key(0, 4): ",a2,a4"})
	_, meta := f.store.read(t, f.key(0, 4))
	if meta.Records != 3 || meta.Rejected != 2 {
		t.Errorf("%d records, %d rejected, want 3 and 2", meta.Records, meta.Rejected)
	}
	digest := delivery.NewDigest(delivery.FormatJSONL)
	digest.Add(f.at(1), nil)
	digest.Add(f.at(2), []byte("a2"))
	digest.Add(f.at(4), []byte("a4"))
	if meta.Digest != digest.Sum() {
		t.Errorf("digest %s, want %s", meta.Digest, digest.Sum())
	}
	for _, i := range []int{0, 3} {
		o := f.store.objects["_errors/app/"+testShard+"/"+f.at(i).Sequence]
		if !bytes.Equal(o.Body, f.shard.Records()[i].Data) || !strings.Contains(o.Metadata["reason"], "newline") || o.Metadata["partition-key"] != `"key"` {
			t.Errorf("record %d: %+v", i, o)
		}
	}
}

func TestCompressedFormats(t *testing.T) {
	for _, compression := range []string{delivery.CompressionGzip, delivery.CompressionZstd} {
		for _, format := range []string{delivery.FormatJSONL, delivery.FormatRaw} {
			f := newFixture(t, "a0", "a1", "a2", "a3", "a4", "a5")
			f.rules.format, f.rules.compression = format, compression
			f.template("{application}/{shardId}/{year}/{first}-{last}." + compression)
			w := f.start()
			f.must(w.DeliverAll(0))
			f.must(w.Close())
			prefix := "app/" + testShard + "/" + f.shard.Records()[0].ApproximateArrivalTimestamp.UTC().Format("2006") + "/"
			f.expect(f.at(5).String(), map[string]string{
				prefix + f.at(0).Sequence + "-" + f.at(2).Sequence + "." + compression: "a0,a1,a2",
				prefix + f.at(3).Sequence + "-" + f.at(5).Sequence + "." + compression: "a3,a4,a5",
			})
		}
	}
}
