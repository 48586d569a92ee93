package kinesis

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"clickstream/emulator/internal/memory"
	"clickstream/emulator/internal/wire"
)

// TestArrivalTimesKeepTheirOrder puts records that looked at the clock in another order than they were stored in, as requests do that wait
// for one another: AT_TIMESTAMP must find the first of all.
func TestArrivalTimesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	var replies reuse
	start := time.UnixMilli(1795378421000)
	st := newStream(wire.Scope{}, "clicks", 1, 1, start)
	for _, millis := range []int{5, 7, 6, 8, 1, 9} {
		st.put(replies.put(1), []hashKey{{}}, []PutRecordsRequestEntry{{Data: []byte("x"), PartitionKey: "k"}}, start.Add(time.Duration(millis)*time.Millisecond), false)
	}
	log := &st.open[0].records
	for index := log.first + 1; index < log.next(); index++ {
		if before, at := log.at(index-1).arrived, log.at(index).arrived; at < before {
			t.Errorf("record %d arrived at %d, the one before at %d", index, at, before)
		}
	}
	if got := log.since(start.UnixMilli() + 7); got != firstIndex+1 {
		t.Errorf("the first record since the seventh millisecond is %d, want %d", got, firstIndex+1)
	}
}

// TestMemoryIsGivenBack writes for days to a stream that nobody reads, and splits its shard.
func TestMemoryIsGivenBack(t *testing.T) {
	t.Parallel()
	var replies reuse
	now := time.UnixMilli(1795378421000)
	st := newStream(wire.Scope{}, "clicks", 1, 1, now)
	one := st.open[0]
	const days = 5
	for range days {
		for range 2 * blockSize {
			st.put(replies.put(1), []hashKey{{}}, []PutRecordsRequestEntry{{Data: []byte("x"), PartitionKey: "k"}}, now, false)
		}
		now = now.Add(defaultRetention)
	}
	if held := one.records.next() - one.records.first; held > 4*blockSize {
		t.Errorf("after %d days %d records are held", days, held)
	}
	next := one.records.next()
	st.split(one, hashKey{high: 1}, now)
	now = now.Add(2 * defaultRetention)
	if listed := len(st.listed(now)); listed != 2 || len(one.records.blocks) > 0 || one.records.next() != next || one.horizon(st.horizon(now)) != next {
		t.Errorf("%d shards are listed; of the closed one %d blocks are held, its next record is %d, want %d", listed, len(one.records.blocks), one.records.next(), next)
	}
}

// TestLimiterForgets asks for many streams that do not exist.
func TestLimiterForgets(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1795378421000)
	var l limiter
	for i := range 1000 {
		if key := (callKey{"ListShards", streamKey{name: shardID(uint32(i))}}); !l.take(key, 1, now) || l.take(key, 1, now) || !l.take(key, 1, now.Add(time.Second)) {
			t.Fatalf("call %d is not counted", i)
		}
		now = now.Add(2 * time.Second)
	}
	if len(l.calls) > 1 {
		t.Errorf("%d streams are remembered", len(l.calls))
	}
}

// TestDeletedStreamsAreForgotten makes and deletes streams of ever new names; while they are DELETING they are still there.
func TestDeletedStreamsAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{CreateDelay: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		one := int64(1)
		for i := range 100 {
			name := fmt.Sprintf("stream%d", i%60) // some of names that there were
			if _, err := s.createStream(wire.Scope{}, &CreateStreamInput{StreamName: name, ShardCount: &one}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if _, err := s.deleteStream(wire.Scope{}, &DeleteStreamInput{Target: Target{StreamName: name}}); err != nil {
				t.Fatal(err)
			}
			if held := len(s.all()); held > 2 || int(s.deleted.Load()) != held {
				t.Fatalf("%d streams are held, %d counted as deleted", held, s.deleted.Load())
			}
			time.Sleep(time.Second / 2)
		}
	})
}

// TestResize changes the number of a stream's shards by thousands: those that are open span all hash keys once, in their order.
func TestResize(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1795378421000)
	st := newStream(wire.Scope{}, "clicks", 1, 2500, now)
	for _, count := range []int{5000, 2501, 4999, 4999} {
		now = now.Add(time.Second)
		st.resize(count, now)
		starts := evenStarts(count)
		if len(st.open) != count {
			t.Fatalf("%d shards are open, want %d", len(st.open), count)
		}
		for i, one := range st.open {
			end := lastHashKey()
			if i+1 < count {
				end = starts[i+1].previous()
			}
			if !one.isOpen() || one.start != starts[i] || one.end != end {
				t.Fatalf("of %d shards, number %d: %+v", count, i, one)
			}
		}
	}
}

// TestEmptyRecordsHaveAPlace puts a record without a byte where the slab that is being filled belongs to the block before: one of a record
// of its own stands in its place, or there is none.
func TestEmptyRecordsHaveAPlace(t *testing.T) {
	t.Parallel()
	for _, first := range []int{0, largestSlab} {
		log := &recordLog{first: firstIndex}
		small := make([]byte, 64)
		for len(log.blocks) == 0 || len(log.free) > 0 || len(log.blocks[0].slabs) < 3 {
			log.add("", small, 1, false)
		}
		for len(log.blocks[0].heads) < blockSize {
			log.add("", make([]byte, largestSlab/4+1), 1, false)
		}
		log.add("", make([]byte, first), 2, false)
		log.add("", nil, 3, false)
		log.add("k", []byte("data"), 4, false)
		next := log.next()
		if got := log.at(next - 2); len(got.data()) != 0 || got.key() != "" || got.arrived != 3 {
			t.Errorf("behind a record of %d bytes, the empty one is %+v", first, got)
		}
		if got := log.at(next - 1); string(got.data()) != "data" || got.key() != "k" {
			t.Errorf("behind a record of %d bytes and an empty one, the next is %+v", first, got)
		}
	}
}

// TestTruncatedRecordsTakeNoMemory takes back records again and again, as with a disk that stays full: the slabs that they took go too.
func TestTruncatedRecordsTakeNoMemory(t *testing.T) {
	t.Parallel()
	budget := memory.New(0)
	log := recordLog{first: firstIndex, memory: budget}
	add := func(size int) {
		data := bytes.Repeat([]byte{byte(log.next())}, size)
		budget.Add(len("key") + size + recordOverhead)
		log.add("key", data, 1, false)
	}
	for i := range blockSize + 10 {
		add(i)
	}
	next, held := log.next(), budget.Used()
	for range 1000 {
		add(largestSlab / 4)
		log.truncate(next)
	}
	if got := len(log.blocks[1].slabs); got > 2 || budget.Used() != held {
		t.Errorf("%d slabs, %d bytes that were %d", got, budget.Used(), held)
	}
	for range blockSize { // into another block, and back to this one
		add(100)
	}
	log.truncate(next)
	add(100)
	for index := uint64(firstIndex); index < log.next(); index++ {
		one := log.at(index)
		want := bytes.Repeat([]byte{byte(index)}, min(int(index-firstIndex), 100))
		if index < next {
			want = bytes.Repeat([]byte{byte(index)}, int(index-firstIndex))
		}
		if one.key() != "key" || !bytes.Equal(one.data(), want) {
			t.Fatalf("record %d is %q", index, one.data())
		}
	}
}
