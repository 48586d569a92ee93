package kinesis

import (
	"testing"
	"time"

	"clickstream/emulator/internal/wire"
)

// TestArrivalTimesKeepTheirOrder puts records that looked at the clock in another order than they were stored in, as requests do that wait
// for one another: AT_TIMESTAMP must find the first of all.
func TestArrivalTimesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	start := time.UnixMilli(1795378421000)
	st := newStream(wire.Scope{}, "clicks", 1, 1, start)
	for _, millis := range []int{5, 7, 6, 8, 1, 9} {
		st.put([]hashKey{{}}, []record{{bytes: []byte("kx"), keySize: 1}}, start.Add(time.Duration(millis)*time.Millisecond), false)
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
