package produce

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/kinesiswire"
)

// requestLimit is how long one request may take before it counts as lost.
const requestLimit = time.Minute

// sender sends one batch at a time.
type sender struct {
	*engine
	random *rand.Rand
	tally  map[string]int64 // records of one answer by shard
}

// deliver sends a batch until all of it is stored. It returns the context's error when that ends first, and an error that cannot
// pass; the records that are not stored by then are counted.
func (s *sender) deliver(ctx context.Context, b *batch) error {
	again := int64(0) // of the records to be sent now, those that were sent before
	for failures := 0; ; {
		if err := s.pace.wait(ctx); err != nil {
			return s.abandon(b, err)
		}
		before := len(b.records)
		s.counts.update(func(c *counts) {
			c.requests++
			c.attempts += int64(before)
			c.retried += again
			if c.first.IsZero() {
				c.first = time.Now()
			}
		})
		err := s.put(ctx, b)
		if len(b.records) == 0 {
			return nil
		}
		switch {
		case ctx.Err() != nil:
			return s.abandon(b, ctx.Err())
		case err != nil && !passes(err):
			return s.fail(b, err)
		case len(b.records) < before:
			failures = 0 // some went through: there is room
		default:
			failures++
		}
		again = int64(len(b.records))
		if err := sleep(ctx, pause(failures, s.random)); err != nil {
			return s.abandon(b, err)
		}
	}
}

// put makes one request of a batch and leaves in it what is not stored.
func (s *sender) put(ctx context.Context, b *batch) error {
	limited, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	name, arn := s.target.ids()
	n := len(b.records)
	in := &kinesis.PutRecordsInput{StreamName: name, StreamARN: arn, Records: b.request()}
	out, err := s.api.PutRecords(limited, in, oneAttempt, kinesiswire.Fast)
	if err == nil && len(out.Records) != n {
		err = fmt.Errorf("PutRecords answered %d results for %d records, so that which of them are stored is not known", len(out.Records), n)
	}
	if err != nil {
		s.counts.update(func(c *counts) {
			c.failedRequests++
			c.refusals += int64(n)
			if uncertain(err) {
				c.uncertain += int64(n)
			}
		})
		if passes(err) && ctx.Err() == nil {
			s.warn("request", fmt.Errorf("%w; sending the records again", explain(err, s.target)))
		}
		return err
	}
	code := s.settle(b, out)
	if len(b.records) > 0 {
		s.warn("record", fmt.Errorf("stream %s refuses records for now (%s); sending them again", s.target.name, code))
	}
	return nil
}

// settle counts what an answer says, leaves the refused records in the batch and returns why the first of them was.
func (s *sender) settle(b *batch, out *kinesis.PutRecordsOutput) (code string) {
	if s.tally == nil {
		s.tally = make(map[string]int64)
	}
	clear(s.tally)
	bytes := int64(0)
	b.keepRefused(out.Records, func(shard string, r *record) {
		s.tally[shard]++
		bytes += int64(len(r.data))
	})
	refusals := int64(len(b.records))
	s.counts.update(func(c *counts) {
		c.refusals += refusals
		for shard, n := range s.tally {
			c.stored += n
			c.shards[shard] += n
		}
		if len(s.tally) > 0 {
			c.bytes += bytes
			c.last = time.Now()
		}
	})
	if s.shards != nil {
		for shard := range s.tally {
			s.shards.stored(shard)
		}
	}
	if first := slices.IndexFunc(out.Records, refused); first >= 0 {
		code = aws.ToString(out.Records[first].ErrorCode)
	}
	return code
}

// abandon counts what is left of a batch as not delivered.
func (s *sender) abandon(b *batch, err error) error {
	s.counts.update(func(c *counts) { c.undelivered += int64(len(b.records)) })
	return err
}

// fail counts what is left of a batch as failed and explains the error, which by passes cannot pass.
func (s *sender) fail(b *batch, err error) error {
	s.counts.update(func(c *counts) { c.failed += int64(len(b.records)) })
	return exit.With(exit.Usage, explain(err, s.target))
}

func explain(err error, to target) error {
	return awsclient.Explain(err, "put records into stream "+to.name)
}

// oneAttempt leaves it to the sender to try again: it keeps the count, paces every request, and sends the refused records only.
func oneAttempt(o *kinesis.Options) { o.Retryer = aws.NopRetryer{} }
