package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/sirupsen/logrus"
)

// subscribeInterval is the least time between two calls of SubscribeToShard for one shard: AWS allows one a second.
const subscribeInterval = time.Second

// fanOut reads a shard by SubscribeToShard.
type fanOut struct {
	*place
	consumer *consumer
	log      *logrus.Entry

	open   *subscription // nil for none
	reads  string        // ARN of the consumer that was subscribed last
	last   time.Time     // when that was tried
	answer answer
}

// next returns the next event. A subscription that ends, as each does after five minutes, is followed by another.
func (f *fanOut) next(ctx context.Context) (*answer, error) {
	for {
		if f.open == nil {
			if err := f.subscribe(ctx); err != nil {
				return nil, err
			}
		}
		payload, err := f.open.next()
		if errors.Is(err, io.EOF) {
			f.log.Debug("the subscription has ended; renewing it")
			f.close()
			continue
		}
		if err == nil {
			err = parseEvent(payload, &f.answer)
		}
		if err != nil {
			return nil, fmt.Errorf("read shard %s by fan-out: %w", f.shardID, err)
		}
		return &f.answer, nil
	}
}

// subscribe begins where reading has come to.
func (f *fanOut) subscribe(ctx context.Context) error {
	at, err := f.starting()
	if err != nil {
		return err
	}
	if f.reads, err = f.consumer.get(ctx); err != nil {
		return err
	}
	if !sleep(ctx.Done(), time.Until(f.last.Add(subscribeInterval))) {
		return context.Cause(ctx)
	}
	f.last = time.Now()
	open, metadata, err := subscribe(ctx, f.stream.client, &kinesis.SubscribeToShardInput{
		ConsumerARN: &f.reads, ShardId: &f.shardID, StartingPosition: at,
	})
	if err != nil {
		return fmt.Errorf("subscribe to shard %s: %w", f.shardID, f.refused(at, err))
	}
	f.begun(at, metadata)
	f.open = open
	return nil
}

func (f *fanOut) taken(*answer) time.Duration { return 0 }

// failed ends the subscription: what it brought last may not have been taken, and comes again with the next.
func (f *fanOut) failed(err error) {
	f.close()
	_, inUse := errors.AsType[*types.ResourceInUseException](err)
	_, busy := errors.AsType[*types.LimitExceededException](err)
	_, gone := errors.AsType[*types.ResourceNotFoundException](err)
	switch {
	case inUse:
		// A subscription less than five seconds old is in the way, also one of a process that was killed. Or another worker reads
		// the shard as the same consumer: then its lease is lost, too, or will be.
		f.log.WithError(err).Info("the shard has another subscription; trying again")
	case busy:
		f.log.WithError(err).Info("too many calls for now; trying again")
	case gone:
		f.consumer.gone(f.reads)
		f.log.WithError(err).Warn("the stream's consumer is not there; looking for it")
	default:
		f.log.WithError(err).Warn("cannot read the shard; trying again")
	}
}

func (f *fanOut) close() {
	if f.open != nil {
		f.open.close()
		f.open = nil
	}
}
