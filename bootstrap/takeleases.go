package bootstrap

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/leases"
	"clickstream/properties"
)

// takeLeases creates the lease table where it is missing, and the leases of an application that has none, held by this worker. The daemon would first
// wait for up to 30 s in case that another one makes them, then 60 s (shardSyncIntervalMillis), and then until its leader has seen two
// rounds of metrics. A stream that was ever resharded is left to the daemon, which knows which of its shards come first.
func (l *launch) takeLeases(ctx context.Context) error {
	shards, err := l.openShards(ctx)
	if err != nil {
		return err
	}
	table := leases.NewTable(l.clients.DynamoDB, l.Settings.TableName)
	if err := table.Ensure(ctx); err != nil {
		return err
	}
	checkpoint := l.Settings.InitialPositionInStream
	if checkpoint == properties.PositionAtTimestamp {
		checkpoint = leases.AtTimestamp
	}
	there, err := table.List(ctx)
	if err != nil || !l.unused(there, checkpoint) {
		return err
	}
	for _, shard := range shards {
		_, err := table.Create(ctx, leases.Lease{
			Key: *shard.ShardId, Owner: l.worker.ID, Checkpoint: checkpoint,
			StartingHashKey: *shard.HashKeyRange.StartingHashKey, EndingHashKey: *shard.HashKeyRange.EndingHashKey,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unused says whether no daemon has had the leases yet: there are none, or they are what is left of a start of this worker that was killed while it
// made them. The missing ones are still to be made then: the daemon, which finds some, would take minutes to see that others are not there.
func (l *launch) unused(there []leases.Lease, checkpoint string) bool {
	return !slices.ContainsFunc(there, func(lease leases.Lease) bool {
		return lease.Owner != l.worker.ID || lease.Checkpoint != checkpoint || lease.Counter != 0
	})
}

// openShards lists the stream's shards.
func (l *launch) openShards(ctx context.Context) ([]types.Shard, error) {
	var all []types.Shard
	in := &kinesis.ListShardsInput{StreamName: &l.Settings.StreamName}
	if arn := l.Settings.StreamArn; arn != "" { // which may be of another account
		in = &kinesis.ListShardsInput{StreamARN: &arn}
	}
	for {
		out, err := l.clients.Kinesis.ListShards(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, shard := range out.Shards {
			if shard.SequenceNumberRange.EndingSequenceNumber != nil {
				return nil, errors.New("the stream was resharded")
			}
		}
		all = append(all, out.Shards...)
		if out.NextToken == nil {
			return all, nil
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}
