package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/sirupsen/logrus"

	"clickstream/internal/awsclient"
)

const (
	// readAhead is how many batches wait for the child besides the one it works on; one more may be under way.
	readAhead = 1
	// readTimeout bounds one call to Kinesis (KCL: 30 s), so that a silent endpoint is noticed.
	readTimeout = 30 * time.Second
	// emptyPause is the wait after an answer without records although the tip is not reached, which Kinesis may give: five calls a
	// second are what it allows.
	emptyPause = 200 * time.Millisecond
)

// reader polls one shard from the checkpoint on and makes batches of it.
type reader struct {
	stream  *stream
	shardID string
	start   position      // the checkpoint
	latest  *latestStart  // where LATEST was
	idle    time.Duration // between calls when the tip is reached
	call    recordsCall
	lines   *lineBuilder
	log     *logrus.Entry

	batches chan batch
	free    chan []byte // memory of lines that are done with

	iterator string
	seen     string // the sequence number of the last record read
}

// read sends batches until the shard has ended, ctx is done, or an error cannot pass, and closes the channel.
func (r *reader) read(ctx context.Context) error {
	defer close(r.batches)
	wait := backoff{first: 250 * time.Millisecond, most: 10 * time.Second}
	for ctx.Err() == nil {
		b, pause, err := r.next(ctx)
		if err != nil {
			if awsclient.Permanent(err) || errors.Is(err, errCannotPass) {
				return err
			}
			if ctx.Err() == nil {
				r.recover(err)
				wait.pause(ctx.Done())
			}
			continue
		}
		wait.reset()
		select {
		case r.batches <- b:
		case <-ctx.Done():
		}
		if b.ended {
			return nil
		}
		if pause > 0 {
			sleep(ctx.Done(), pause)
		}
	}
	return nil
}

// next reads one batch, and says how long to wait afterwards.
func (r *reader) next(ctx context.Context) (batch, time.Duration, error) {
	a, err := r.get(ctx)
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		b, err := r.maybeGone(ctx, err)
		return b, 0, err
	}
	if err != nil {
		return batch{}, 0, err
	}
	b, err := r.lines.build(r.memory(), a)
	if err != nil {
		return batch{}, 0, err
	}
	if b.ended && len(b.children) == 0 {
		// KCL takes such an answer for invalid. Some stand-ins for Kinesis do not know ChildShards, so ask for them.
		if b.children, err = r.stream.children(ctx, r.shardID); err != nil {
			return batch{}, 0, err
		}
	}
	r.latest.read(a.records)
	if n := len(a.records); n > 0 {
		r.seen = string(a.records[n-1].sequence)
	}
	r.iterator = a.next
	return b, r.pauseAfter(a), nil
}

// get calls GetRecords where reading has come to.
func (r *reader) get(ctx context.Context) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if r.iterator == "" {
		iterator, err := r.position(ctx)
		if err != nil {
			return nil, err
		}
		r.iterator = iterator
	}
	a, err := r.call.get(ctx, r.iterator)
	if err != nil {
		return nil, fmt.Errorf("read shard %s: %w", r.shardID, err)
	}
	return a, nil
}

// pauseAfter returns how long to wait before the next call: nothing while there is more to read.
func (r *reader) pauseAfter(a *answer) time.Duration {
	switch {
	case len(a.records) >= int(r.call.limit):
		return 0
	case a.behind == nil || *a.behind == 0:
		return r.idle
	case len(a.records) == 0:
		return min(r.idle, emptyPause)
	default:
		return 0
	}
}

// memory returns a used line's memory, or nil.
func (r *reader) memory() []byte {
	select {
	case line := <-r.free:
		return line
	default:
		return nil
	}
}

// recycle takes back the memory of a batch that the child has read.
func (r *reader) recycle(b batch) {
	if cap(b.line) == 0 {
		return
	}
	select {
	case r.free <- b.line:
	default:
	}
}

// recover logs an error that may pass and prepares for the next call.
func (r *reader) recover(err error) {
	_, expired := errors.AsType[*types.ExpiredIteratorException](err)
	_, invalid := errors.AsType[*types.InvalidArgumentException](err)
	_, busy := errors.AsType[*types.ProvisionedThroughputExceededException](err)
	switch {
	case expired || invalid:
		r.log.WithError(err).Info("the shard iterator is no longer valid; getting a new one")
		r.iterator = ""
	case busy:
		r.log.Debug("Kinesis refuses reads for a while: the shard's read throughput is used up")
	default:
		r.log.WithError(err).Warn("cannot read the shard; trying again")
	}
}
