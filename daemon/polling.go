package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/sirupsen/logrus"
)

const (
	// readTimeout bounds one call to Kinesis (KCL: 30 s), so that a silent endpoint is noticed.
	readTimeout = 30 * time.Second
	// emptyPause is the wait after an answer without records although the tip is not reached, which Kinesis may give: five calls a
	// second are what it allows.
	emptyPause = 200 * time.Millisecond
)

// polling reads a shard by GetRecords.
type polling struct {
	*place
	idle     time.Duration // between calls when the tip is reached
	call     recordsCall
	iterator string
	log      *logrus.Entry
}

// next calls GetRecords where reading has come to.
func (p *polling) next(ctx context.Context) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if p.iterator == "" {
		iterator, err := p.getIterator(ctx)
		if err != nil {
			return nil, err
		}
		p.iterator = iterator
	}
	a, err := p.call.get(ctx, p.iterator)
	if err != nil {
		return nil, fmt.Errorf("read shard %s: %w", p.shardID, err)
	}
	return a, nil
}

func (p *polling) getIterator(ctx context.Context) (string, error) {
	at, err := p.starting()
	if err != nil {
		return "", err
	}
	out, err := p.stream.client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: p.stream.name, StreamARN: p.stream.arn, ShardId: &p.shardID,
		ShardIteratorType: at.Type, StartingSequenceNumber: at.SequenceNumber, Timestamp: at.Timestamp,
	})
	if err != nil {
		return "", fmt.Errorf("get an iterator of shard %s: %w", p.shardID, p.refused(at, err))
	}
	p.begun(at, out.ResultMetadata)
	return aws.ToString(out.ShardIterator), nil
}

// taken returns how long to wait before the next call: nothing while there is more to read.
func (p *polling) taken(a *answer) time.Duration {
	p.iterator = a.next
	switch {
	case len(a.records) >= int(p.call.limit):
		return 0
	case a.behind == nil || *a.behind == 0:
		return p.idle
	case len(a.records) == 0:
		return min(p.idle, emptyPause)
	default:
		return 0
	}
}

func (p *polling) failed(err error) {
	_, expired := errors.AsType[*types.ExpiredIteratorException](err)
	_, invalid := errors.AsType[*types.InvalidArgumentException](err)
	_, busy := errors.AsType[*types.ProvisionedThroughputExceededException](err)
	switch {
	case expired || invalid:
		p.log.WithError(err).Info("the shard iterator is no longer valid; getting a new one")
		p.iterator = ""
	case busy:
		p.log.Debug("Kinesis refuses reads for a while: the shard's read throughput is used up")
	default:
		p.log.WithError(err).Warn("cannot read the shard; trying again")
	}
}

func (p *polling) close() {}
