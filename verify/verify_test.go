package verify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/verify"
)

var start delivery.Position

func TestWholeBucket(t *testing.T) {
	isolate(t)
	for _, format := range []string{"jsonl", "raw"} {
		for _, compression := range []string{"none", "gzip", "zstd"} {
			t.Run(format+" "+compression, func(t *testing.T) {
				w := newWorld(t, map[string]string{"format": format, "compression": compression})
				w.put(0, numbered(7)...)
				w.put(0, "two\nlines", "", aggregate(3), "last")
				records := w.records(shard(0))
				_, end := w.deliver(shard(0), start, records, 3, 6, 4)
				w.lease(shard(0), end)
				w.put(0, "not processed yet")
				w.put(1, "neither")
				w.lease(shard(1), start)
				report := w.check()
				if err := report.Err(); err != nil {
					t.Errorf("%v\n%v", err, report.Findings)
				}
				if want := "2 of 2 shards have records behind their checkpoint"; len(report.Notes) != 1 || !strings.HasPrefix(report.Notes[0], want) {
					t.Errorf("notes %q, want %q", report.Notes, want)
				}
				want := verify.Shard{ID: "total", Records: 13, Objects: 3, Compared: 13, Bytes: report.Totals.Bytes}
				if format == "jsonl" {
					want.Records, want.Rejected = 12, 1
				}
				if diff := cmp.Diff(want, report.Totals); diff != "" {
					t.Errorf("totals (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// swap exchanges two neighbouring lines.
func swap(n int) func([]byte) []byte {
	return func(body []byte) []byte {
		lines := bytes.SplitAfter(body, []byte("\n"))
		lines[n], lines[n+1] = lines[n+1], lines[n]
		return bytes.Join(lines, nil)
	}
}

// TestDamage delivers 20 records of one shard in four objects of 5, damages the bucket, and verifies it twice: with the stream, and when
// the stream is gone.
func TestDamage(t *testing.T) {
	isolate(t)
	for name, test := range map[string]struct {
		damage         func(w *world, keys []string) (object string) // returns the key that must be named
		problem        string
		missing, twice int64
		blind          [2]int64 // missing and twice when the stream is gone
	}{
		"first deleted":      {func(w *world, k []string) string { w.remove(k[0]); return k[0] }, "is missing, and with it 5 records", 5, 0, [2]int64{1, 0}},
		"second deleted":     {func(w *world, k []string) string { w.remove(k[1]); return k[1] }, "is missing, and with it 5 records", 5, 0, [2]int64{1, 0}},
		"last deleted":       {func(w *world, k []string) string { w.remove(k[3]); return k[3] }, "is missing, and with it 5 records", 5, 0, [2]int64{1, 0}},
		"two deleted":        {func(w *world, k []string) string { w.remove(k[1]); w.remove(k[2]); return k[2] }, "is missing, and with it 5 records", 10, 0, [2]int64{2, 0}},
		"all deleted":        {func(w *world, k []string) string { deleteAll(w, k); return k[0] }, "is missing, and with it 5 records", 20, 0, [2]int64{4, 0}},
		"copied":             {func(w *world, k []string) string { w.copy(k[1], "copies/x"); return "copies/x" }, "is a copy of ", 0, 5, [2]int64{0, 5}},
		"copied beside":      {func(w *world, k []string) string { w.copy(k[1], k[1]+"0"); return k[1] + "0" }, "is a copy of ", 0, 5, [2]int64{0, 5}},
		"copied without all": {func(w *world, k []string) string { w.store("x", w.body(k[1]), nil); return "x" }, "is a copy of ", 0, 5, [2]int64{0, 5}},
		"moved":              {func(w *world, k []string) string { w.copy(k[1], "x"); w.remove(k[1]); return "x" }, "lies there instead of ", 0, 0, [2]int64{}},
		"cut in a line":      {edit(2, func(b []byte) []byte { return b[:len(b)-3] }), "is cut short: it ends inside a record, behind 4 of 5", 1, 0, [2]int64{1, 0}},
		"cut at a line":      {edit(2, func(b []byte) []byte { return b[:bytes.IndexByte(b, '\n')+1] }), "holds 1 records where 5 were stored", 4, 0, [2]int64{4, 0}},
		"emptied":            {edit(2, func([]byte) []byte { return nil }), "holds 0 records where 5 were stored", 5, 0, [2]int64{5, 0}},
		"lines swapped":      {edit(2, swap(1)), "holds other bytes than were stored", 0, 0, [2]int64{}},
		"a line twice":       {edit(3, func(b []byte) []byte { return append(b, b[:bytes.IndexByte(b, '\n')+1]...) }), "holds 6 records where 5 were stored", 0, 1, [2]int64{}},
		"a byte changed":     {edit(0, func(b []byte) []byte { b[2] = 'X'; return b }), "holds other bytes than were stored", 1, 0, [2]int64{}},
		"written again": {func(w *world, k []string) string {
			body, meta := w.encode(shard(0), claimOf(w, k[1]), w.records(shard(0))[5:9])
			meta.Previous, meta.First, meta.End = at(&w.records(shard(0))[4]), at(&w.records(shard(0))[5]), at(&w.records(shard(0))[9])
			w.store(k[1], body, meta.ToMap())
			return k[1]
		}, "does not hold the stream's records", 1, 0, [2]int64{}},
		"overlap": {func(w *world, _ []string) string {
			records := w.records(shard(0))[3:8]
			body, meta := w.encode(shard(0), &delivery.Claim{
				First: at(&records[0]), End: at(&records[4]), Key: "shardId-000000000000/7-9", Format: "jsonl", Compression: "none",
			}, records)
			meta.Previous = at(&w.records(shard(0))[2])
			w.store(meta.Key, body, meta.ToMap())
			return meta.Key
		}, "overlaps the objects before it", 0, 5, [2]int64{0, 5}},
		"stranger among ours": {func(w *world, _ []string) string {
			w.store("shardId-000000000000/7-9", []byte("x\n"), nil)
			return "shardId-000000000000/7-9"
		}, "was not written by clickstream", 0, 0, [2]int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.put(0, numbered(20)...)
			keys, end := w.deliver(shard(0), start, w.records(shard(0)), 5, 5, 5, 5)
			w.lease(shard(0), end)
			if err := w.check().Err(); err != nil {
				t.Fatalf("before the damage: %v", err)
			}
			object := test.damage(w, keys)
			expect(t, w.check(), object, test.problem, test.missing, test.twice)
			if test.blind[0]+test.blind[1] == 0 && strings.HasPrefix(test.problem, "does not hold") {
				return // only the stream tells
			}
			w.deleteStream()
			problem, _, _ := strings.Cut(test.problem, ", and with it")
			expect(t, w.check(), object, problem, test.blind[0], test.blind[1])
		})
	}
}

func expect(t *testing.T, report *verify.Report, object, problem string, missing, twice int64) {
	t.Helper()
	named := slices.ContainsFunc(report.Findings, func(f verify.Finding) bool {
		return f.Object == object && strings.Contains(f.Problem, problem)
	})
	if !named || exit.Code(report.Err()) != exit.Gap {
		t.Errorf("findings %q with code %d, want one on %s: %s", report.Findings, exit.Code(report.Err()), object, problem)
	}
	if report.Totals.Missing != missing || report.Totals.Twice != twice {
		t.Errorf("%d missing, %d twice, want %d and %d: %q", report.Totals.Missing, report.Totals.Twice, missing, twice, report.Findings)
	}
}

func edit(n int, f func([]byte) []byte) func(*world, []string) string {
	return func(w *world, keys []string) string {
		w.change(keys[n], f)
		return keys[n]
	}
}

func deleteAll(w *world, keys []string) {
	for _, key := range keys {
		w.remove(key)
	}
}

func claimOf(w *world, key string) *delivery.Claim {
	records := w.records(shard(0))
	return &delivery.Claim{First: at(&records[5]), End: at(&records[9]), Key: key, Format: "jsonl", Compression: "none"}
}

func TestDeletedWithItsClaim(t *testing.T) {
	isolate(t)
	w := newWorld(t, nil)
	w.put(0, numbered(20)...)
	records := w.records(shard(0))
	keys, end := w.deliver(shard(0), start, records, 5, 5, 5, 5)
	w.lease(shard(0), end)
	w.remove(keys[2])
	w.remove(delivery.ClaimKey("app", shard(0), at(&records[9])))
	want := fmt.Sprintf("5 records from behind %s to %s are in no object", at(&records[9]), at(&records[14]))
	expect(t, w.check(), "", want, 5, 0)
	w.deleteStream()
	expect(t, w.check(), "", "no object leads from", 1, 0)
}

func TestRejectedRecordGone(t *testing.T) {
	isolate(t)
	w := newWorld(t, nil)
	w.put(0, "a", "b\nb", "c")
	records := w.records(shard(0))
	keys, end := w.deliver(shard(0), start, records, 3)
	w.lease(shard(0), end)
	w.remove(delivery.ErrorKey("app", shard(0), at(&records[1])))
	expect(t, w.check(), keys[0], "1 of them are not under _errors/", 1, 0)
}

// TestBeginnings checks that nothing before the place where an application began counts as missing, and everything behind it does.
func TestBeginnings(t *testing.T) {
	isolate(t)
	t.Run("LATEST", func(t *testing.T) {
		w := newWorld(t, map[string]string{"initialPositionInStream": "LATEST"})
		w.put(0, numbered(10)...)
		keys, end := w.deliver(shard(0), start, w.records(shard(0))[4:], 3, 3)
		w.lease(shard(0), end)
		if report := w.check(); report.Err() != nil || report.Totals.Compared != 6 {
			t.Errorf("%d compared: %v", report.Totals.Compared, report.Findings)
		}
		w.remove(keys[0])
		expect(t, w.check(), keys[0], "is missing, and with it 3 records", 3, 0)
	})
	t.Run("another application's checkpoint", func(t *testing.T) {
		w := newWorld(t, nil)
		w.put(0, numbered(10)...)
		records := w.records(shard(0))
		keys, end := w.deliver(shard(0), at(&records[3]), records[4:], 3, 3)
		w.lease(shard(0), end)
		report := w.check()
		if report.Err() != nil || report.Totals.Compared != 6 || len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "4 records that the stream keeps") {
			t.Errorf("%d compared: %v, notes %v", report.Totals.Compared, report.Findings, report.Notes)
		}
		w.remove(keys[0])
		expect(t, w.check(), keys[0], "is missing, and with it 3 records", 3, 0)
	})
	t.Run("the first object and all claims gone", func(t *testing.T) {
		w := newWorld(t, nil)
		w.put(0, numbered(10)...)
		keys, end := w.deliver(shard(0), start, w.records(shard(0)), 4, 3, 3)
		w.lease(shard(0), end)
		for _, key := range w.emulator.S3().Keys("objects") {
			if key == keys[0] || !delivery.IsData(key) {
				w.remove(key)
			}
		}
		expect(t, w.check(), "", "4 records up to ", 4, 0)
	})
	t.Run("TRIM_HORIZON", func(t *testing.T) {
		w := newWorld(t, nil)
		w.put(0, numbered(10)...)
		_, end := w.deliver(shard(0), start, w.records(shard(0))[4:], 3, 3)
		w.lease(shard(0), end)
		expect(t, w.check(), "", "4 records, the first", 4, 0)
	})
}

func TestShardEnd(t *testing.T) {
	isolate(t)
	w := newWorld(t, nil)
	w.put(0, numbered(6)...)
	_, err := w.clients.Kinesis.SplitShard(w.ctx, &kinesis.SplitShardInput{
		StreamName: aws.String("clicks"), ShardToSplit: aws.String(shard(0)), NewStartingHashKey: aws.String("85070591730234615865843651857942052864"),
	})
	w.must(err)
	_, end := w.deliver(shard(0), start, w.records(shard(0)), 2, 2)
	// Objects up to the checkpoint are enough before the shard's end, all must be there behind it.
	w.lease(shard(0), end)
	if err := w.check().Err(); err != nil {
		t.Error(err)
	}
	w.lease(shard(0), delivery.Position{Sequence: leases.ShardEnd})
	expect(t, w.check(), "", "2 records, the first", 2, 0)
	w.deliver(shard(0), end, w.records(shard(0))[4:], 2)
	if err := w.check().Err(); err != nil {
		t.Error(err)
	}
	// The daemons delete the lease when the children have made progress.
	w.must(w.table.Delete(w.ctx, shard(0)))
	w.lease(shard(2), start)
	w.lease(shard(3), start)
	if err := w.check().Err(); err != nil {
		t.Error(err)
	}
	deleteAll(w, w.emulator.S3().Keys("objects"))
	expect(t, w.check(), "", "6 records, the first", 6, 0)
}

func TestOthersObjectsAreNoted(t *testing.T) {
	isolate(t)
	w := newWorld(t, nil)
	w.store("README", []byte("mine"), nil)
	w.store("empty/", nil, nil)
	w.put(0, numbered(2)...)
	_, end := w.deliver(shard(0), start, w.records(shard(0)), 2)
	w.lease(shard(0), end)
	report := w.check()
	if report.Err() != nil || len(report.Notes) != 1 || !strings.HasPrefix(report.Notes[0], "2 objects in the bucket were not written by clickstream") {
		t.Errorf("findings %v, notes %q", report.Findings, report.Notes)
	}
}

func TestSharedBucket(t *testing.T) {
	isolate(t)
	w := newWorld(t, map[string]string{"keyTemplate": "{application}/{shardId}/{first}-{last}"})
	w.put(0, numbered(4)...)
	keys, end := w.deliver(shard(0), start, w.records(shard(0)), 2, 2)
	w.lease(shard(0), end)
	w.copy(keys[0], "other/"+keys[0])
	if err := w.check().Err(); err != nil {
		t.Errorf("another application's object counts: %v", err)
	}
	w.remove(keys[1])
	expect(t, w.check(), keys[1], "is missing", 2, 0)
}

func TestNoLeaseTable(t *testing.T) {
	isolate(t)
	w := newWorld(t, nil)
	w.deleteTable()
	_, err := verify.Check(w.ctx, w.clients, w.settings)
	if err == nil || !strings.Contains(err.Error(), "there is no lease table app") || exit.Code(err) != exit.Usage {
		t.Errorf("error %v with code %d", err, exit.Code(err))
	}
}

// TestAnotherStreamsBucket misspells the stream, which must not pass for a stream that is gone.
func TestAnotherStreamsBucket(t *testing.T) {
	isolate(t)
	w := newWorld(t, nil)
	w.put(0, numbered(2)...)
	_, end := w.deliver(shard(0), start, w.records(shard(0)), 2)
	w.lease(shard(0), end)
	w.store(delivery.OwnerKey, delivery.Owner{Application: "app", Stream: "clicks"}.Encode(), nil)
	if err := w.check().Err(); err != nil {
		t.Error(err)
	}
	w.settings.StreamName = "click"
	_, err := verify.Check(w.ctx, w.clients, w.settings)
	if err == nil || !strings.Contains(err.Error(), "belongs to application app and stream clicks") || exit.Code(err) != exit.Usage {
		t.Errorf("error %v with code %d", err, exit.Code(err))
	}
}

func TestNoBucket(t *testing.T) {
	isolate(t)
	for _, template := range []string{"", "{application}/{shardId}/{first}-{last}"} {
		w := newWorld(t, map[string]string{"bucket": "elsewhere", "keyTemplate": template})
		_, err := verify.Check(w.ctx, w.clients, w.settings)
		if exit.Code(err) != exit.Usage || !strings.HasPrefix(err.Error(), "there is no bucket elsewhere: ") || strings.Contains(err.Error(), "createBucketIfNotPresent") {
			t.Errorf("error %v with code %d", err, exit.Code(err))
		}
	}
}

func TestTheLastLineCountsWhatWasRejected(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	report := verify.Report{Totals: verify.Shard{ID: "total", Records: 11, Rejected: 1}}
	if err := report.Write(&text); err != nil || !strings.HasSuffix(text.String(), "\n11 stored, 1 rejected / 0 missing / 0 twice\n") {
		t.Errorf("%v:\n%s", err, text.String())
	}
}

func TestReportIsWritten(t *testing.T) {
	isolate(t)
	w := newWorld(t, nil)
	w.put(0, numbered(4)...)
	keys, end := w.deliver(shard(0), start, w.records(shard(0)), 2, 2)
	w.lease(shard(0), end)
	var text, data bytes.Buffer
	w.must(w.check().Write(&text))
	if want := "4 stored / 0 missing / 0 twice\n"; !strings.HasSuffix(text.String(), want) || strings.Contains(text.String(), "WRONG") {
		t.Errorf("report:\n%swant it to end in %s", &text, want)
	}
	w.remove(keys[1])
	report := w.check()
	text.Reset()
	w.must(report.Write(&text))
	if want := "WRONG: object " + keys[1] + " is missing"; !strings.Contains(text.String(), want) || !strings.HasSuffix(text.String(), "2 stored / 2 missing / 0 twice\n") {
		t.Errorf("report:\n%swant %s", &text, want)
	}
	w.must(report.WriteJSON(&data))
	var back verify.Report
	w.must(json.Unmarshal(data.Bytes(), &back))
	if diff := cmp.Diff(report, &back); diff != "" {
		t.Errorf("JSON (-report +back):\n%s", diff)
	}
	if want := "2 missing, 0 twice: object " + keys[1]; !strings.HasPrefix(report.Err().Error(), want) {
		t.Errorf("error %q, want it to begin with %q", report.Err(), want)
	}
}
