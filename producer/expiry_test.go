package producer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"clickstream/producer"
)

func TestExpiry(t *testing.T) {
	bubble(t, 1, func(w *world) {
		t := w.t
		w.refuse, w.code = 1, "InternalFailure"
		p := mustNew(t, w, producer.Options{TimeToLive: 10 * time.Second})
		start := time.Now()
		r, err := p.PutSync(t.Context(), producer.Record{PartitionKey: "k"})
		refusal, ok := errors.AsType[*producer.RefusedError](err)
		if !errors.Is(err, producer.ErrExpired) || !ok || refusal.Throttled() || r.Attempts < 2 {
			t.Errorf("%+v, %v", r, err)
		}
		if took := time.Since(start); took < 10*time.Second || took > 16*time.Second {
			t.Errorf("it was given up after %v", took)
		}
		s := p.Stats()
		if s.Expired != 1 || s.Refused != int64(r.Attempts) || s.Throttled != 0 || s.Delivered != 0 || s.Buffered != 0 {
			t.Errorf("stats %+v", s)
		}
		mustClose(t, p)
	})
}

// TestExpiryInAggregates: a record's time is its own, not that of the oldest one in its aggregate.
func TestExpiryInAggregates(t *testing.T) {
	for _, ordered := range []bool{false, true} {
		bubble(t, 1, func(w *world) {
			t := w.t
			p := mustNew(t, w, producer.Options{Aggregate: true, OrderByKey: ordered, Linger: 9 * time.Second, TimeToLive: 10 * time.Second})
			w.fail(&smithy.GenericAPIError{Code: "InternalFailure", Message: "not now"})
			results := make([]error, 4)
			for i := range results {
				if i == 2 {
					time.Sleep(8 * time.Second)
				}
				mustPut(t, p, producer.Record{PartitionKey: fmt.Sprint("key-", i%3), Data: number(i)}, func(r producer.Result) { results[i] = r.Err })
			}
			time.Sleep(4 * time.Second) // the first two are too old now
			w.fail(nil)
			mustClose(t, p)
			for i, err := range results {
				if late := i < 2; errors.Is(err, producer.ErrExpired) != late || err != nil != late {
					t.Errorf("ordered %v, record %d: %v", ordered, i, err)
				}
			}
			if s := p.Stats(); s.Expired != 2 || s.Delivered != 2 || s.Accepted != 4 || len(w.read(t)) != 2 {
				t.Errorf("stats %+v", s)
			}
		})
	}
}
