package producer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/kinesiswire"
)

// sender makes one request at a time.
type sender struct {
	*Producer
	random *rand.Rand
	note   notes
	maker  maker
	call   *kinesiswire.Call
}

func (s *sender) run() {
	for b := s.next(nil); b != nil; b = s.next(b) {
		s.deliver(b)
	}
}

// exclusive reports whether all of a batch is stored before the next one is sent.
func (s *sender) exclusive() bool { return s.opt.InFlight == 1 && !s.opt.Aggregate }

// deliver sends a batch until all of it is settled or, what is refused, handed back to wait for another batch.
func (s *sender) deliver(b *batch) {
	defer s.commit()
	s.send(b)
}

func (s *sender) send(b *batch) {
	for failures := 0; ; {
		if s.expire(b); len(b.entries) == 0 {
			return
		}
		if s.pace.wait(s.ctx) != nil {
			s.giveUp(b, nil)
			return
		}
		before := len(b.entries)
		err := s.put(b)
		if failures++; len(b.entries) < before {
			failures = 0 // some went through: there is room
		}
		if len(b.entries) > 1 && ofOneRecord(err) {
			half := len(b.entries) / 2
			rest := &batch{entries: slices.Clone(b.entries[half:])}
			b.keep(half)
			s.send(b)
			s.send(rest)
			return
		}
		if !s.again(b, err) {
			return
		}
		s.commit()
		if errors.Is(err, kinesiswire.ErrNotCBOR) {
			continue // in JSON, at once
		}
		if sleep(s.ctx, pause(failures, s.random)) != nil {
			s.giveUp(b, nil)
			return
		}
	}
}

// again decides about what a request has left, and reports whether to send it again from here.
func (s *sender) again(b *batch, err error) bool {
	switch {
	case len(b.entries) == 0:
	case s.ctx.Err() != nil:
		s.giveUp(b, nil)
	case err != nil && !Passes(err) && !errors.Is(err, kinesiswire.ErrNotCBOR):
		s.giveUp(b, err)
	case err == nil && !s.exclusive():
		s.note.refused = append(s.note.refused, b.entries...)
		b.keep(0)
	default:
		return true
	}
	return false
}

// put makes one request of a batch and leaves in it what is not stored.
func (s *sender) put(b *batch) error {
	limited, cancel := context.WithTimeout(s.ctx, s.opt.RequestTimeout)
	defer cancel()
	name, arn := s.opt.ids()
	s.begin(b)
	in := &kinesis.PutRecordsInput{StreamName: name, StreamARN: arn, Records: b.request}
	out, err := s.opt.Client.PutRecords(limited, in, oneAttempt, s.call.Options)
	s.call.Release()
	s.maker.clear()
	clear(b.request)
	if err == nil && len(out.Records) != len(b.entries) {
		err = fmt.Errorf("PutRecords answered %d results for %d records, so that which of them are stored is not known", len(out.Records), len(b.entries))
	}
	if err != nil {
		s.lost(b, err)
		return err
	}
	s.read(b, out)
	return nil
}

// oneAttempt leaves it to the sender to try again: it keeps the count, paces every request, and sends the refused records only.
func oneAttempt(o *kinesis.Options) { o.Retryer = aws.NopRetryer{} }

// begin makes the request of a batch and counts it.
func (s *sender) begin(b *batch) {
	b.request = b.request[:0]
	aggregates := s.maker.make(b)
	for i := range b.entries {
		e := &b.entries[i]
		var aggregate []byte
		if e.bundle != nil {
			aggregate, aggregates = aggregates[0], aggregates[1:]
		}
		b.request = append(b.request, e.request(aggregate))
		n := int64(e.records())
		s.note.Attempts += n
		if e.sentBefore() {
			s.note.Retried += n
		}
		e.one.attempts++
	}
	s.note.Requests++
	if s.note.FirstRequest.IsZero() {
		s.note.FirstRequest = time.Now()
	}
}

// lost counts a request that failed as a whole.
func (s *sender) lost(b *batch, err error) {
	unsure := uncertain(err)
	s.note.FailedRequests++
	for i := range b.entries {
		e := &b.entries[i]
		n := int64(e.records())
		e.last = err
		s.note.Lost += n
		if unsure {
			e.one.unsure = true
			s.note.Uncertain += n
		}
	}
	if Passes(err) && s.ctx.Err() == nil {
		s.opt.Warn("request", err)
	}
}

// read settles what an answer says is stored, and leaves the rest in the batch.
func (s *sender) read(b *batch, out *kinesis.PutRecordsOutput) {
	kept := 0
	for i := range out.Records {
		e, answer := &b.entries[i], &out.Records[i]
		if isRefused(answer) {
			s.refuse(e, answer)
			b.entries[kept] = *e
			kept++
			continue
		}
		shard := aws.ToString(answer.ShardId)
		if e.bundle != nil && shard != e.shard.ID && s.strayed(e, shard) {
			s.note.strays = append(s.note.strays, *e)
			continue
		}
		s.settle(e, shard, *answer.SequenceNumber, nil)
	}
	if kept > 0 {
		s.opt.Warn("record", b.entries[0].last)
	}
	b.keep(kept)
}

// isRefused reports whether a record was not stored: only a stored one has a sequence number.
func isRefused(r *types.PutRecordsResultEntry) bool {
	return r.SequenceNumber == nil || *r.SequenceNumber == "" || r.ErrorCode != nil && *r.ErrorCode != ""
}

// refuse counts a refusal.
func (s *sender) refuse(e *entry, answer *types.PutRecordsResultEntry) {
	refusal := &RefusedError{Code: aws.ToString(answer.ErrorCode), Message: aws.ToString(answer.ErrorMessage)}
	e.last = refusal
	if !refusal.Throttled() {
		s.note.Refused += int64(e.records())
		return
	}
	s.note.Throttled += int64(e.records())
	if e.shard != nil && s.opt.ShardLimits {
		s.note.throttled = append(s.note.throttled, e.shard)
	}
}

// strayed reports whether an aggregate came to a shard that not all of it belongs to: the KCL drops it whole. Of a shard that cannot be found
// it has to be assumed.
func (s *sender) strayed(e *entry, id string) bool {
	arrived := s.resolve(id)
	if arrived == nil {
		e.one.unsure = true
		return true
	}
	return e.bundle.stray(arrived)
}

// expire gives up what is no longer worth sending. Of an aggregate that may be a part only: the other records may have longer, and are packed
// anew.
func (s *sender) expire(b *batch) {
	if s.opt.TimeToLive == 0 {
		return
	}
	now, kept := s.now(), 0
	for i := range b.entries {
		e := &b.entries[i]
		if e.one.deadline == 0 || e.one.deadline > now {
			b.entries[kept] = *e
			kept++
			continue
		}
		if e.bundle != nil && e.bundle.setApart(now) {
			s.note.parted = append(s.note.parted, *e)
			continue
		}
		s.note.Expired += int64(e.records())
		s.settle(e, "", "", because(ErrExpired, e.last))
	}
	if kept < len(b.entries) {
		b.keep(kept)
	}
}

// giveUp settles all of a batch with the error after which there is no point in going on, or as undelivered.
func (s *sender) giveUp(b *batch, err error) {
	for i := range b.entries {
		e := &b.entries[i]
		if err != nil {
			s.note.Failed += int64(e.records())
			s.settle(e, "", "", err)
			continue
		}
		s.note.Undelivered += int64(e.records())
		s.settle(e, "", "", because(ErrUndelivered, e.last))
	}
	b.keep(0)
}

// because adds what was last wrong with a record, if anything was.
func because(err, last error) error {
	if last == nil {
		return err
	}
	return fmt.Errorf("%w; the last answer was: %w", err, last)
}
