package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go/middleware"

	"clickstream/internal/leases"
)

// errCannotPass marks errors of the checkpoint that no retry mends.
var errCannotPass = errors.New("the lease table does not fit the stream")

// position returns an iterator after the last record read, or at the checkpoint.
func (r *reader) position(ctx context.Context) (string, error) {
	in := &kinesis.GetShardIteratorInput{StreamName: r.stream.name, StreamARN: r.stream.arn, ShardId: &r.shardID}
	switch {
	case r.seen != "":
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &r.seen
	case r.start.sequence == leases.TrimHorizon:
		in.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	case r.start.sequence == leases.AtTimestamp && r.stream.initialTime.IsZero():
		return "", fmt.Errorf("%w: the lease of shard %s begins at %s; set initialPositionInStreamExtended to that time, as it was set "+
			"when the lease was created", errCannotPass, r.shardID, leases.AtTimestamp)
	case r.start.sequence == leases.AtTimestamp:
		in.ShardIteratorType, in.Timestamp = types.ShardIteratorTypeAtTimestamp, &r.stream.initialTime
	case r.start.sequence == leases.Latest:
		r.latest.into(in)
	default:
		// As KCL does, at the checkpoint itself and not after it: it may lie within an aggregate, and a checkpoint that names no
		// sub-sequence number does, whatever it means, say 0. The records up to it are left out of the batches.
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAtSequenceNumber, &r.start.sequence
	}
	out, err := r.stream.client.GetShardIterator(ctx, in)
	if _, invalid := errors.AsType[*types.InvalidArgumentException](err); invalid && in.StartingSequenceNumber != nil {
		return "", fmt.Errorf("%w: stream %s has no record %s, the checkpoint of shard %s: was the stream deleted and created again? "+
			"Delete the lease table, or choose another applicationName, to read the stream from its start (%w)",
			errCannotPass, r.stream.label(), *in.StartingSequenceNumber, r.shardID, err)
	}
	if err != nil {
		return "", fmt.Errorf("get an iterator of shard %s: %w", r.shardID, err)
	}
	if in.ShardIteratorType == types.ShardIteratorTypeLatest {
		r.latest.looked(out.ResultMetadata)
	}
	return aws.ToString(out.ShardIterator), nil
}

// maybeGone looks closer when Kinesis does not know the shard: when it is trimmed away with its last record it has ended, as in KCL.
// When it is the stream that is not there, err is returned.
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

// latestStart remembers where LATEST was when a shard without a checkpoint was first read. Everything from there on is to be
// processed: when the iterator expires or the child dies before its first checkpoint, LATEST asked for again would skip what came in
// between. (KCL does ask again. So does this daemon when it is itself started again.)
type latestStart struct {
	at    time.Time // by the service's clock
	first string    // the sequence number of the first record read since; "" for none yet
}

// into sets the iterator type that begins there.
func (l *latestStart) into(in *kinesis.GetShardIteratorInput) {
	switch {
	case l.first != "":
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAtSequenceNumber, &l.first
	case !l.at.IsZero():
		in.ShardIteratorType, in.Timestamp = types.ShardIteratorTypeAtTimestamp, &l.at
	default:
		in.ShardIteratorType = types.ShardIteratorTypeLatest
	}
}

// looked takes note of the time of a LATEST iterator. The service's clock counts whole seconds, rounded down.
func (l *latestStart) looked(metadata middleware.Metadata) {
	at, known := awsmiddleware.GetServerTime(metadata)
	if !known {
		at = time.Now()
	}
	l.at = at
}

// read takes note of records read.
func (l *latestStart) read(records []wireRecord) {
	if l.first == "" && len(records) > 0 {
		l.first = string(records[0].sequence)
	}
}
