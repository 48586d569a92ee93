package producer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Shard is an open shard of the stream: its id, and its part of the hash keys from 0 to 2^128-1, both ends included, in decimal
// digits.
type Shard struct{ ID, StartingHashKey, EndingHashKey string }

// shardRange is a shard as predictions need it. A shard's range never changes.
type shardRange struct {
	Shard
	start, end hashKey
	open       bool
	packer     *packer // fills its aggregates; with the Producer's lock
}

func (s *shardRange) has(key hashKey) bool { return !s.start.above(key) && !key.above(s.end) }

// shardTable is what one reading of the stream's shards gave. It does not change.
type shardTable struct {
	byID map[string]*shardRange // closed ones too
	open []*shardRange          // in the order of their hash keys
}

// predict returns the open shard of a hash key, nil when the table has none for it.
func (t *shardTable) predict(key hashKey) *shardRange {
	low, high := 0, len(t.open)
	for low < high {
		if middle := (low + high) / 2; t.open[middle].start.above(key) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	if low == 0 || !t.open[low-1].has(key) {
		return nil
	}
	return t.open[low-1]
}

// add adds a shard to a table that is being made.
func (t *shardTable) add(listed *types.Shard) error {
	if listed.HashKeyRange == nil {
		return errors.New("the answer has a shard without hash key range")
	}
	id, start, end := aws.ToString(listed.ShardId), aws.ToString(listed.HashKeyRange.StartingHashKey), aws.ToString(listed.HashKeyRange.EndingHashKey)
	s := &shardRange{Shard: Shard{id, start, end}}
	var startOK, endOK bool
	s.start, startOK = parseHashKey(start)
	s.end, endOK = parseHashKey(end)
	if id == "" || !startOK || !endOK {
		return fmt.Errorf("the answer has a shard %q with the hash keys %q to %q", id, start, end)
	}
	s.open = listed.SequenceNumberRange == nil || listed.SequenceNumberRange.EndingSequenceNumber == nil
	t.byID[id] = s
	if s.open {
		t.open = append(t.open, s)
	}
	return nil
}

// listShards reads the stream's shards, page by page. Closed ones are wanted too: records may have gone to a shard that was closed
// a moment later.
func listShards(ctx context.Context, api API, name, arn *string) (*shardTable, error) {
	table := &shardTable{byID: make(map[string]*shardRange)}
	in := &kinesis.ListShardsInput{StreamName: name, StreamARN: arn}
	for {
		out, err := api.ListShards(ctx, in)
		if err != nil {
			return nil, err
		}
		for i := range out.Shards {
			if err := table.add(&out.Shards[i]); err != nil {
				return nil, err
			}
		}
		if out.NextToken == nil || *out.NextToken == "" {
			break
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken} // a token stands for the stream and excludes its name
	}
	if len(table.open) == 0 {
		return nil, errors.New("the stream has no open shard")
	}
	slices.SortFunc(table.open, func(a, b *shardRange) int {
		if a.start.above(b.start) {
			return 1
		}
		return -1
	})
	return table, nil
}
