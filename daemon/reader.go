package daemon

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/sirupsen/logrus"

	"clickstream/internal/awsclient"
	"clickstream/internal/leases"
)

// readAhead is how many batches wait for the child besides the one it works on; one more may be under way. Nothing is read from Kinesis
// while they wait.
const readAhead = 1

// source is where a reader's records come from: polling, or a subscription. It is not for several goroutines.
type source interface {
	// next returns what comes next in the shard. The answer is valid until the next call.
	next(ctx context.Context) (*answer, error)
	// taken is told that the answer has become a batch, and returns how long to wait before the next call.
	taken(a *answer) time.Duration
	// failed logs an error that may pass, of next or of what became of its answer, and prepares to go on after what was taken last.
	failed(err error)
	// close ends what is open.
	close()
}

// reader reads one shard from the checkpoint on and makes batches of it.
type reader struct {
	*place
	source source
	lines  *lineBuilder
	log    *logrus.Entry

	batches chan batch
	free    chan []byte // memory of lines that are done with
}

// read sends batches until the shard has ended, ctx is done, or an error cannot pass, and closes the channel.
func (r *reader) read(ctx context.Context) error {
	defer close(r.batches)
	defer r.source.close()
	wait := backoff{first: 250 * time.Millisecond, most: 10 * time.Second}
	for ctx.Err() == nil {
		b, pause, err := r.next(ctx)
		if err != nil {
			if hopeless(err) {
				return err
			}
			if ctx.Err() == nil {
				r.source.failed(err)
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

// hopeless reports whether no retry mends an error.
func hopeless(err error) bool {
	return awsclient.Permanent(err) || errors.Is(err, leases.ErrForeign) || errors.Is(err, errNoConsumer)
}

// next reads one batch, and says how long to wait afterwards.
func (r *reader) next(ctx context.Context) (batch, time.Duration, error) {
	a, err := r.source.next(ctx)
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing && !hopeless(err) {
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
	r.passed(a)
	return b, r.source.taken(a), nil
}

// maybeGone looks closer when Kinesis does not know the shard: when it is trimmed away with its last record it has ended, as in KCL.
// When it is the stream, or its consumer, that is not there, err is returned.
func (r *reader) maybeGone(ctx context.Context, err error) (batch, error) {
	shards, listErr := r.stream.list(ctx, nil)
	if listErr != nil {
		return batch{}, errors.Join(err, listErr)
	}
	if newShardTree(shards).shards[r.shardID] != nil {
		return batch{}, err
	}
	r.log.Warn("the shard is no longer in the stream, all its records are older than the stream's retention; going on with its children")
	return batch{ended: true, children: childrenOf(shards, r.shardID)}, nil
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
