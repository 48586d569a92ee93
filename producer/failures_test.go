package producer_test

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/producer"
)

// picky is a stream that takes no request with a record of a certain content.
type picky struct{ *world }

func (p picky) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, options ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	for i := range in.Records {
		if bytes.HasPrefix(in.Records[i].Data, []byte("bad")) {
			return nil, &types.InvalidArgumentException{Message: new("a record is too large")}
		}
	}
	return p.world.PutRecords(ctx, in, options...)
}

// TestBadRecordsFailAlone: a record for which Kinesis refuses a whole request does not take the others with it.
func TestBadRecordsFailAlone(t *testing.T) {
	for _, options := range []producer.Options{{InFlight: 1}, {InFlight: 3}, {InFlight: 2, Aggregate: true, AggregateBytes: 500, OrderByKey: true}} {
		bubble(t, 2, func(w *world) {
			t := w.t
			options.Client, options.Stream = picky{w}, stream
			p, err := producer.New(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			const records = 1200
			w.refuse = 0.1
			var results [records]atomic.Int32
			for i := range records {
				r, bad := producer.Record{PartitionKey: fmt.Sprint(i % 100), Data: number(i)}, i == 3 || i == 4 || i == records-1
				if bad {
					r.Data = bytes.Repeat([]byte("bad"), 200) // goes unpacked
				}
				mustPut(t, p, r, func(result producer.Result) {
					results[i].Add(1)
					if (result.Err != nil) != bad || result.MaybeTwice {
						t.Errorf("record %d: %+v", i, result)
					}
				})
			}
			mustClose(t, p)
			for i := range results {
				if n := results[i].Load(); n != 1 {
					t.Errorf("record %d has %d results", i, n)
				}
			}
			if s := p.Stats(); s.Failed != 3 || s.Delivered != records-3 {
				t.Errorf("%+v", s)
			}
			if n := len(w.read(t)); n != records-3 {
				t.Errorf("%d records are there", n)
			}
		})
	}
}
