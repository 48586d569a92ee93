package verify_test

import (
	"testing"

	"clickstream/internal/delivery"
)

// TestBatchStoredApart has a batch whose object was too large for the store: an object without records stands in the chain for it, its
// records lie under the error prefix.
func TestBatchStoredApart(t *testing.T) {
	isolate(t)
	for _, compression := range []string{"none", "gzip"} {
		t.Run(compression, func(t *testing.T) {
			w := newWorld(t, map[string]string{"compression": compression})
			w.put(0, numbered(9)...)
			records := w.records(shard(0))
			_, middle := w.deliver(shard(0), start, records, 3)
			keys, after := w.deliver(shard(0), middle, records[3:], 3)
			w.store(keys[0], compress(t, compression, nil), delivery.ObjectMetadata{
				Key: keys[0], ShardID: shard(0), Previous: middle, First: at(&records[3]), End: at(&records[5]), Rejected: 3,
				Digest: delivery.NewDigest("jsonl").Sum(), Format: "jsonl", Compression: compression,
			}.ToMap())
			for i := 3; i < 6; i++ {
				w.store(delivery.ErrorKey("app", shard(0), at(&records[i])), records[i].Data, nil)
			}
			_, end := w.deliver(shard(0), after, records[6:], 3)
			w.lease(shard(0), end)
			report := w.check()
			if err := report.Err(); err != nil || report.Totals.Records != 6 || report.Totals.Rejected != 3 || report.Totals.Compared != 9 {
				t.Errorf("%v: %+v, %v", err, report.Totals, report.Findings)
			}
			w.remove(delivery.ErrorKey("app", shard(0), at(&records[4])))
			expect(t, w.check(), keys[0], "1 of them are not under _errors/", 1, 0)
		})
	}
}
