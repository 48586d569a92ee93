package producer_test

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"clickstream/emulator"
	"clickstream/producer"
)

var (
	packingRecords = flag.Int("packing-records", 6000, "how many records each case of TestPacking sends")
	packingSeed    = flag.Uint64("packing-seed", 1, "what TestPacking's records are made from")
)

// packing is one case of TestPacking.
type packing struct {
	options  producer.Options
	keys     int     // so many different ones
	explicit float64 // part of the records that has an explicit hash key
	broken   float64 // part of the requests
	refused  float64 // part of the records
	reshard  int     // calls from one split or merge to the next
	slow     bool    // each request takes a while
	jsonOnly bool
}

// TestPacking puts records with all kinds of keys and of lengths where a number takes one byte more: each comes back as it was put, from where
// its result says that it is.
func TestPacking(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]packing{
		"few keys":         {keys: 5, explicit: 0.05},
		"200 keys":         {keys: 200},
		"many keys":        {keys: 9000, explicit: 0.05},
		"large aggregates": {options: producer.Options{AggregateBytes: 1 << 20}, keys: 6000, explicit: 0.02},
		"small aggregates": {options: producer.Options{AggregateBytes: 500}, keys: 6000, explicit: 0.3},
		"tiny aggregates":  {options: producer.Options{AggregateBytes: 130}, keys: 60, explicit: 0.3},
		"no aggregates":    {options: producer.Options{AggregateBytes: 10}, keys: 60, explicit: 0.3},
		"faults":           {options: producer.Options{AggregateBytes: 3000, RequestRecords: 7}, keys: 6000, refused: 0.1, broken: 0.05, reshard: 9},
		"faults, few keys": {options: producer.Options{AggregateBytes: 20000, RequestRecords: 7}, keys: 30, explicit: 0.1, refused: 0.1, broken: 0.05, reshard: 8},
		"faults, ordered": {
			options: producer.Options{AggregateBytes: 2000, RequestRecords: 7, OrderByKey: true}, keys: 600, explicit: 0.1, refused: 0.1, broken: 0.05, reshard: 30,
		},
		"faults, time to live": {
			options: producer.Options{AggregateBytes: 2000, RequestRecords: 7, TimeToLive: 5 * time.Second},
			keys:    600, explicit: 0.1, refused: 0.3, broken: 0.2, reshard: 30, slow: true,
		},
		"faults, JSON": {options: producer.Options{AggregateBytes: 3000}, keys: 600, explicit: 0.1, refused: 0.1, broken: 0.05, jsonOnly: true},
		"small buffer": {options: producer.Options{AggregateBytes: 2000, BufferedRecords: 50}, keys: 600, explicit: 0.1, refused: 0.1, broken: 0.05, reshard: 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &packingRun{packing: c, random: rand.New(rand.NewPCG(*packingSeed, 7))}
				r.all(t)
			})
		})
	}
}

// packingRun is a run of one case.
type packingRun struct {
	packing
	random *rand.Rand
	world  *world
	put    []producer.Record
	told   []toldResult
}

// toldResult is a record's result, and how often it was told.
type toldResult struct {
	producer.Result
	times int
}

func (r *packingRun) all(t *testing.T) {
	t.Helper()
	r.make()
	r.world = newWorld(t, 4, emulator.Options{})
	r.world.refuse, r.world.reset, r.world.jsonOnly = r.refused, r.broken, r.jsonOnly
	o := r.options
	o.Aggregate, o.InFlight, o.BufferedBytes, o.RequestBytes = true, 3, 4<<20, 1<<20
	r.world.request = func(in *kinesis.PutRecordsInput) { checkRequest(t, in, &o) }
	r.world.during = func(call int) { r.during(t, call) }
	p := mustNew(t, r.world, o)
	for i := range r.put {
		mustPut(t, p, r.put[i], func(result producer.Result) {
			r.told[i] = toldResult{result, r.told[i].times + 1}
		})
		if r.random.IntN(2000) == 0 {
			time.Sleep(time.Second) // of virtual time: aggregates are sent half full
		}
	}
	mustClose(t, p)
	r.checkResults(t, p.Stats())
	r.checkStored(t)
	r.checkRead(t)
}

// make makes the records. Each but those without data begins with its number.
func (r *packingRun) make() {
	records := *packingRecords
	if testing.Short() {
		records /= 6
	}
	r.put, r.told = make([]producer.Record, records), make([]toldResult, records)
	lengths := []int{9, 20, 70, 120, 121, 122, 123, 124, 125, 126, 127, 128, 200, 511, 512, 513, 16379, 16380, 16381, 16382, 16383, 16384}
	for i := range r.put {
		record := &r.put[i]
		record.PartitionKey = key(r.random.IntN(r.keys))
		if r.random.Float64() < r.explicit {
			n := new(big.Int).Lsh(big.NewInt(r.random.Int64N(int64(r.keys))), 128)
			record.ExplicitHashKey = n.Div(n, big.NewInt(int64(r.keys))).String()
		}
		n := lengths[r.random.IntN(len(lengths))]
		if n > 1000 && r.random.IntN(20) > 0 {
			n = 9 + r.random.IntN(30)
		}
		record.Data = make([]byte, n)
		for at := range record.Data {
			record.Data[at] = byte(i + at)
		}
		binary.BigEndian.PutUint64(record.Data, uint64(i))
		if r.random.IntN(50) == 0 {
			record.Data = [][]byte{nil, {}}[r.random.IntN(2)]
		}
	}
}

// key returns a partition key, one in five a long one.
func key(i int) string {
	switch i % 10 {
	case 0:
		return fmt.Sprint("k", i)
	case 1:
		return strings.Repeat("é", 2+i%240) + fmt.Sprint(i)
	case 2:
		return strings.Repeat("x", 115+i%16) + fmt.Sprint(i)
	default:
		return fmt.Sprintf("key-%06d", i)
	}
}

func (r *packingRun) during(t *testing.T, call int) {
	t.Helper()
	if r.slow {
		time.Sleep(300 * time.Millisecond)
	}
	if r.reshard == 0 || call > 10*r.reshard {
		return
	}
	switch call % (2 * r.reshard) {
	case r.reshard:
		r.world.split(t, call)
	case 0:
		r.world.merge(t)
	}
}

// checkRequest checks a request against its limits.
func checkRequest(t *testing.T, in *kinesis.PutRecordsInput, o *producer.Options) {
	t.Helper()
	limit := o.AggregateBytes
	if limit == 0 {
		limit = producer.DefaultAggregateBytes
	}
	size := 0
	for i := range in.Records {
		data := in.Records[i].Data
		size += len(data) + len(*in.Records[i].PartitionKey)
		switch _, err := strictly(data); {
		case errors.Is(err, errNoAggregate):
		case err != nil:
			t.Error(err)
		case len(data) > limit:
			t.Errorf("an aggregate has %d bytes, the limit is %d", len(data), limit)
		}
	}
	if len(in.Records) > 1 && size > o.RequestBytes {
		t.Errorf("a request has %d bytes", size)
	}
}

// checkResults checks that each record has one result, and that the Stats count them.
func (r *packingRun) checkResults(t *testing.T, stats producer.Stats) {
	t.Helper()
	var want producer.Stats
	for i := range r.told {
		told, record := &r.told[i], &r.put[i]
		got := told.Record
		if told.times != 1 || got.PartitionKey != record.PartitionKey || got.ExplicitHashKey != record.ExplicitHashKey || string(got.Data) != string(record.Data) {
			t.Fatalf("record %d of %q %q was told %d times: %+v", i, record.PartitionKey, record.ExplicitHashKey, told.times, told.Result)
		}
		want.Accepted++
		switch {
		case told.Err == nil:
			want.Delivered++
			want.DeliveredBytes += int64(len(record.Data))
			if told.MaybeTwice {
				want.MaybeTwice++
			}
		case r.options.TimeToLive > 0 && errors.Is(told.Err, producer.ErrExpired):
			want.Expired++
		default:
			t.Fatalf("record %d: %v", i, told.Err)
		}
	}
	got := producer.Stats{
		Accepted: stats.Accepted, Delivered: stats.Delivered, DeliveredBytes: stats.DeliveredBytes, MaybeTwice: stats.MaybeTwice, Expired: stats.Expired,
		Buffered: stats.Buffered, BufferedBytes: stats.BufferedBytes,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

// checkStored looks for each record where its result says that it is.
func (r *packingRun) checkStored(t *testing.T) {
	t.Helper()
	type place struct {
		sequenceNumber string
		sub            int64
	}
	at := map[place]packed{}
	stored, err := r.world.emulator.Kinesis().Records(stream)
	if err != nil {
		t.Fatal(err)
	}
	for i := range stored {
		parts, err := strictly(stored[i].Data)
		if err != nil {
			parts = []packed{{key: stored[i].PartitionKey, hashKey: "-", data: stored[i].Data}}
		}
		for sub, part := range parts {
			at[place{stored[i].SequenceNumber, int64(sub)}] = part
		}
	}
	for i := range r.told {
		told, record := &r.told[i], &r.put[i]
		if told.Err != nil {
			continue
		}
		part, ok := at[place{told.SequenceNumber, told.SubSequenceNumber}]
		alone := part.hashKey == "-"
		if !ok || part.key != record.PartitionKey || string(part.data) != string(record.Data) || !alone && part.hashKey != record.ExplicitHashKey || told.Aggregated == alone {
			t.Fatalf("record %d of %q %q is not where its result says: %+v, there is %+v", i, record.PartitionKey, record.ExplicitHashKey, told.Result, part)
		}
	}
}

// checkRead counts what the KCL would read.
func (r *packingRun) checkRead(t *testing.T) {
	t.Helper()
	times := make([]int, len(r.put))
	empty := 0
	for _, got := range r.world.read(t) {
		if len(got.Data) == 0 {
			empty++
			continue
		}
		i := binary.BigEndian.Uint64(got.Data)
		if times[i]++; got.PartitionKey != r.put[i].PartitionKey || string(got.Data) != string(r.put[i].Data) {
			t.Fatalf("record %d of %q was read with the key %q", i, r.put[i].PartitionKey, got.PartitionKey)
		}
		if times[i] > 1 && !r.told[i].MaybeTwice {
			t.Fatalf("record %d is there twice, which its result did not say", i)
		}
	}
	for i := range times {
		if len(r.put[i].Data) == 0 {
			if r.told[i].Err == nil {
				empty--
			}
		} else if times[i] == 0 && r.told[i].Err == nil {
			t.Fatalf("record %d is lost; its result: %+v", i, r.told[i].Result)
		}
	}
	if empty < 0 {
		t.Errorf("%d records without data are lost", -empty)
	}
}
