package daemon

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/properties"
)

// stream is the Kinesis stream that is read.
type stream struct {
	client      *kinesis.Client
	name, arn   *string   // one of them, the other is nil
	initial     string    // where shards without a checkpoint begin: a sentinel of the lease table
	initialTime time.Time // for AT_TIMESTAMP
}

func newStream(client *kinesis.Client, settings *properties.Config) *stream {
	s := &stream{client: client, initial: settings.InitialPositionInStream}
	if settings.StreamArn != "" {
		s.arn = &settings.StreamArn
	} else {
		s.name = &settings.StreamName
	}
	if settings.InitialPositionInStreamExtended > 0 {
		s.initial, s.initialTime = properties.PositionAtTimestamp, time.Unix(settings.InitialPositionInStreamExtended, 0)
	}
	return s
}

// label names the stream in messages.
func (s *stream) label() string {
	if s.arn != nil {
		return *s.arn
	}
	return *s.name
}

// resourceARN returns the stream's ARN, by DescribeStreamSummary where the settings do not say it.
func (s *stream) resourceARN(ctx context.Context) (*string, error) {
	if s.arn != nil {
		return s.arn, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	out, err := s.client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: s.name})
	if err != nil {
		return nil, fmt.Errorf("describe stream %s: %w", s.label(), err)
	}
	if out.StreamDescriptionSummary == nil || out.StreamDescriptionSummary.StreamARN == nil {
		return nil, fmt.Errorf("describe stream %s: %w", s.label(), errNoARN)
	}
	return out.StreamDescriptionSummary.StreamARN, nil
}

// errNoARN says that the endpoint does not say a stream's ARN.
var errNoARN = errors.New("the answer names no ARN; set streamArn")

// list returns the stream's shards, those that filter lets through when it is not nil.
func (s *stream) list(ctx context.Context, filter *types.ShardFilter) ([]types.Shard, error) {
	in := &kinesis.ListShardsInput{StreamName: s.name, StreamARN: s.arn, ShardFilter: filter}
	var all []types.Shard
	for {
		out, err := s.page(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the shards of stream %s: %w", s.label(), err)
		}
		all = append(all, out.Shards...)
		if aws.ToString(out.NextToken) == "" {
			return all, nil
		}
		// A token stands for stream and filter.
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

func (s *stream) page(ctx context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return s.client.ListShards(ctx, in)
}

// first returns the shards that cover the whole hash key range where a new application begins.
func (s *stream) first(ctx context.Context) ([]types.Shard, error) {
	filter := &types.ShardFilter{Type: types.ShardFilterTypeAtTrimHorizon}
	switch s.initial {
	case properties.PositionLatest:
		filter.Type = types.ShardFilterTypeAtLatest
	case properties.PositionAtTimestamp:
		filter.Type, filter.Timestamp = types.ShardFilterTypeAtTimestamp, &s.initialTime
	}
	shards, err := s.list(ctx, filter)
	if err != nil || coversAll(shards) {
		return shards, err
	}
	// The stream is being resharded, or the service knows no filters: pick them from what it gave.
	if picked := pick(shards, s.initial); coversAll(picked) {
		return picked, nil
	}
	return nil, fmt.Errorf("the shards of stream %s do not cover its hash keys; it is being resharded", s.label())
}

// pick returns the shards at an initial position by their parents alone: for LATEST the open ones, else the oldest.
func pick(shards []types.Shard, initial string) []types.Shard {
	tree := newShardTree(shards)
	return slices.DeleteFunc(slices.Clone(shards), func(shard types.Shard) bool {
		if initial == properties.PositionLatest {
			return !open(&shard)
		}
		return len(tree.parents(aws.ToString(shard.ShardId))) > 0
	})
}

// open reports whether records can still be put into a shard.
func open(shard *types.Shard) bool {
	return shard.SequenceNumberRange == nil || shard.SequenceNumberRange.EndingSequenceNumber == nil
}

// coversAll reports whether the shards' hash key ranges make up 0 to 2^128-1 with no overlap.
func coversAll(shards []types.Shard) bool {
	type span struct{ from, to *big.Int }
	spans := make([]span, 0, len(shards))
	for i := range shards {
		keys := shards[i].HashKeyRange
		if keys == nil {
			return false
		}
		from, ok1 := new(big.Int).SetString(aws.ToString(keys.StartingHashKey), 10)
		to, ok2 := new(big.Int).SetString(aws.ToString(keys.EndingHashKey), 10)
		if !ok1 || !ok2 {
			return false
		}
		spans = append(spans, span{from, to})
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Cmp(b.from) })
	next := new(big.Int)
	for _, span := range spans {
		if span.from.Cmp(next) != 0 {
			return false
		}
		next = new(big.Int).Add(span.to, big.NewInt(1))
	}
	return next.Cmp(new(big.Int).Lsh(big.NewInt(1), 128)) == 0
}

// errStillOpen says that a shard has not ended although an answer looked so.
var errStillOpen = errors.New("the shard has no next iterator and no children, yet it is not closed")

// children returns the shards that follow a closed one.
func (s *stream) children(ctx context.Context, shardID string) ([]types.ChildShard, error) {
	shards, err := s.list(ctx, nil)
	if err != nil {
		return nil, err
	}
	for i := range shards {
		if aws.ToString(shards[i].ShardId) == shardID && open(&shards[i]) {
			return nil, fmt.Errorf("shard %s: %w", shardID, errStillOpen)
		}
	}
	return childrenOf(shards, shardID), nil
}

// childrenOf picks the children of a shard.
func childrenOf(shards []types.Shard, shardID string) []types.ChildShard {
	var children []types.ChildShard
	for i := range shards {
		shard := &shards[i]
		parents := parentIDs(shard)
		if !slices.Contains(parents, shardID) {
			continue
		}
		children = append(children, types.ChildShard{ShardId: shard.ShardId, ParentShards: parents, HashKeyRange: shard.HashKeyRange})
	}
	return children
}

// parentIDs returns the shards that a shard came from: none, one after a split, two after a merge.
func parentIDs(shard *types.Shard) []string {
	var parents []string
	for _, parent := range []*string{shard.ParentShardId, shard.AdjacentParentShardId} {
		if aws.ToString(parent) != "" {
			parents = append(parents, *parent)
		}
	}
	return parents
}
