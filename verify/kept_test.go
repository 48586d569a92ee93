package verify_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

// TestTrimmedStream verifies when the stream has let go of the oldest records, in virtual time: of the first object all, of the second
// object the first half.
func TestTrimmedStream(t *testing.T) {
	isolate(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.put(0, numbered(6)...)
		time.Sleep(20 * time.Hour)
		w.put(0, "new 0", "new 1", "new 2", "new 3")
		keys, end := w.deliver(shard(0), start, w.records(shard(0)), 4, 4, 2)
		w.lease(shard(0), end)
		time.Sleep(5 * time.Hour) // a day is what the stream keeps
		if kept := len(w.records(shard(0))); kept != 4 {
			t.Fatalf("the stream keeps %d records, want the 4 new ones", kept)
		}
		if report := w.check(); report.Err() != nil || report.Totals.Compared != 4 || report.Totals.Records != 10 {
			t.Errorf("totals %+v: %v", report.Totals, report.Findings)
		}
		w.change(keys[1], func(b []byte) []byte { return bytes.Replace(b, []byte("new 0"), []byte("NEW 0"), 1) })
		expect(t, w.check(), keys[1], "holds other bytes than were stored", 1, 0)
		w.remove(keys[0])
		w.remove(keys[1])
		// How many were in the first object nobody can tell any more: it counts as one.
		expect(t, w.check(), keys[1], "is missing, and with it 2 records", 3, 0)
	})
}

// TestStreamMadeAnew has a stream that was deleted and made again under the checkpoints of the old one: what it holds will never be processed.
func TestStreamMadeAnew(t *testing.T) {
	isolate(t)
	for name, records := range map[string][]string{"with records": numbered(3), "empty": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				w.put(0, numbered(4)...)
				keys, end := w.deliver(shard(0), start, w.records(shard(0)), 4)
				w.lease(shard(0), end)
				w.lease(shard(1), start)
				time.Sleep(time.Hour)
				w.deleteStream()
				w.createStream()
				w.put(0, records...)
				report := w.check()
				expect(t, report, "", "the lease table does not fit the stream: stream clicks has no record "+end.Sequence, 0, 0)
				if len(report.Findings) != 1 || len(report.Notes) != 0 || report.Totals.Records != 4 || report.Totals.Compared != 0 {
					t.Errorf("totals %+v, findings %q, notes %q", report.Totals, report.Findings, report.Notes)
				}
				w.remove(keys[0])
				expect(t, w.check(), keys[0], "is missing", 1, 0)
			})
		})
	}
}

// TestAllTrimmed has a stream that keeps nothing of what was stored, in virtual time: its checkpoint is its own all the same.
func TestAllTrimmed(t *testing.T) {
	isolate(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.put(0, numbered(4)...)
		_, end := w.deliver(shard(0), start, w.records(shard(0)), 4)
		w.lease(shard(0), end)
		time.Sleep(25 * time.Hour)
		w.put(0, "new")
		if report := w.check(); report.Err() != nil || report.Totals.Compared != 0 || len(report.Notes) != 1 {
			t.Errorf("totals %+v, notes %q: %v", report.Totals, report.Notes, report.Findings)
		}
	})
}
