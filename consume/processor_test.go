package consume

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/kcl"
)

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
