package producer_test

import (
	"fmt"
	"testing"

	"clickstream/producer"
)

// TestEndpointsThatKnowNoCBOR: an endpoint that refuses it has everything in JSON, and nobody is told of an error.
func TestEndpointsThatKnowNoCBOR(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		endpoint, option bool
		failed           int64
	}{
		"knows it":           {},
		"refuses it":         {endpoint: true, failed: 1},
		"is not asked to":    {endpoint: true, option: true},
		"could but need not": {option: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, 2, func(w *world) {
				t := w.t
				w.jsonOnly = test.endpoint
				p := mustNew(t, w, producer.Options{InFlight: 1, JSON: test.option})
				const records = 2000
				done := func(r producer.Result) {
					if r.Err != nil || r.MaybeTwice || r.Attempts > 2 {
						t.Errorf("%+v", r)
					}
				}
				for i := range records {
					mustPut(t, p, producer.Record{PartitionKey: fmt.Sprint("key-", i), Data: number(i)}, done)
				}
				mustClose(t, p)
				if stats := p.Stats(); stats.Delivered != records || stats.FailedRequests != test.failed || stats.Uncertain != 0 {
					t.Errorf("%+v", stats)
				}
				if got := len(w.read(t)); got != records {
					t.Errorf("%d records are there", got)
				}
			})
		})
	}
}
