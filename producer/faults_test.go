package producer_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"clickstream/emulator"
	"clickstream/producer"
)

var faultRecords = flag.Int("fault-records", 50_000, "how many records are sent through a failing service")

// TestNothingIsLost sends through a service that refuses 10 % of the records, over a network that breaks 2 % of the requests, before or after
// they were carried out, while shards are split and merged. Every record arrives, and those that arrive twice are the ones said to.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]producer.Options{
		"plain":              {InFlight: 4},
		"one at a time":      {InFlight: 1},
		"ordered":            {InFlight: 4, OrderByKey: true},
		"aggregated":         {InFlight: 4, Aggregate: true, AggregateBytes: 1000, RequestRecords: 5},
		"aggregated ordered": {InFlight: 4, Aggregate: true, AggregateBytes: 1000, RequestRecords: 5, OrderByKey: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { loseNothing(t, options) })
		})
	}
}

// fate is what the results said of a record.
type fate struct{ settled, maybeTwice bool }

func loseNothing(t *testing.T, options producer.Options) {
	t.Helper()
	w := newWorld(t, 4, emulator.Options{})
	w.refuse, w.reset = 0.1, 0.02
	records := *faultRecords
	every := max(8, records/500/8)
	if options.Aggregate {
		every = max(8, records/200/8)
	}
	w.during = func(call int) {
		switch call % (2 * every) {
		case every:
			w.split(t, call)
		case 0:
			w.merge(t)
		}
	}
	options.Client, options.Stream = w, stream
	p, err := producer.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	fates := make([]fate, records)
	failed := 0
	done := func(r producer.Result) {
		f := &fates[binary.BigEndian.Uint64(r.Record.Data)]
		if r.Err != nil || f.settled || r.ShardID == "" || r.SequenceNumber == "" || r.Attempts < 1 {
			failed++
		}
		*f = fate{true, r.MaybeTwice}
	}
	keys := 5000
	for i := range records {
		if err := p.Put(t.Context(), producer.Record{PartitionKey: fmt.Sprintf("key-%d", i*7%keys), Data: number(i)}, done); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, p)

	stats := p.Stats()
	if failed > 0 || stats.Delivered != int64(records) || stats.Accepted != int64(records) || stats.Buffered != 0 {
		t.Errorf("%d results are wrong, stats %+v", failed, stats)
	}
	count, last := make([]uint8, records), make([]int, keys)
	doubles, extra, unordered := 0, 0, 0 // records there more than once, copies too many
	for _, r := range w.read(t) {
		n := int(binary.BigEndian.Uint64(r.Data))
		if key := fmt.Sprintf("key-%d", n*7%keys); r.PartitionKey != key {
			t.Fatalf("record %d has the key %q, it was put with %q", n, r.PartitionKey, key)
		}
		if count[n]++; count[n] > 1 {
			extra++
			if !fates[n].maybeTwice {
				t.Fatalf("record %d is there twice, which its result did not say", n)
			}
			if count[n] == 2 {
				doubles++
			}
		}
		if n+1 < last[n*7%keys] && (count[n] == 1 || !options.Aggregate) { // an aggregate comes again as a whole
			unordered++
		}
		last[n*7%keys] = max(last[n*7%keys], n+1)
	}
	for n := range count {
		if count[n] == 0 || !fates[n].settled {
			t.Fatalf("record %d is lost; its result: %+v", n, fates[n])
		}
	}
	if options.OrderByKey && unordered > 0 {
		t.Errorf("%d records came before one of the same key that was put earlier", unordered)
	}
	if !options.OrderByKey && unordered == 0 && options.InFlight > 1 {
		t.Error("the order was kept by chance: this test does not show what it should")
	}
	if doubles == 0 || int64(doubles) > stats.MaybeTwice || int64(extra) > stats.Uncertain || stats.Throttled == 0 || stats.Uncertain == 0 {
		t.Errorf("%d doubles, %d copies too many, stats %+v", doubles, extra, stats)
	}
	if options.Aggregate && (stats.Strayed == 0 || stats.KinesisRecords > stats.Delivered/4) {
		t.Errorf("%d strays, %d Kinesis records", stats.Strayed, stats.KinesisRecords)
	}
	t.Logf("%d records in %v of virtual time: %d shards, %d requests, %d failed, %d throttled, %d strayed, %d there twice, %d reported as maybe there twice",
		records, time.Since(stats.FirstRequest), len(stats.Shards), stats.Requests, stats.FailedRequests, stats.Throttled, stats.Strayed, doubles, stats.MaybeTwice)
}
