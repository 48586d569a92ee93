package produce

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// shardRefresh is the least time between two calls of ListShards, which is shared by everybody who uses the stream (1000 calls a
// second for all) and of no use before the service has finished a split.
const shardRefresh = time.Second

// shardMap deals records out to the open shards one after the other, by explicit hash keys, so that every shard gets as many as
// the others, whatever their number and however unequal their hash key ranges.
//
// The map is read again when an answer names a shard that is not in it, which happens after a split or a merge: until then the old
// hash keys still lead to shards, only not evenly. One goroutine calls key and refresh, any number call stored.
type shardMap struct {
	api    API
	target target

	keys []string // one hash key inside each open shard's range
	turn int
	read time.Time // when keys were read

	mu    sync.RWMutex
	known map[string]bool // the shard ids that keys were made of

	stale atomic.Bool
}

// key returns the explicit hash key for the next record.
func (m *shardMap) key() string {
	if m.turn >= len(m.keys) {
		m.turn = 0
	}
	m.turn++
	return m.keys[m.turn-1]
}

// stored is told the shard that records went to.
func (m *shardMap) stored(shard string) {
	m.mu.RLock()
	known := m.known[shard]
	m.mu.RUnlock()
	if !known {
		m.stale.Store(true)
	}
}

// due reports whether the map should be read again now.
func (m *shardMap) due() bool {
	return m.stale.Load() && time.Since(m.read) >= shardRefresh
}

// refresh reads the open shards. On an error the map stays as it was and is due again after a while.
func (m *shardMap) refresh(ctx context.Context) error {
	m.read = time.Now()
	m.stale.Store(false)
	keys, known, err := m.list(ctx)
	if err != nil {
		m.stale.Store(true)
		return err
	}
	m.keys = keys
	m.mu.Lock()
	m.known = known
	m.mu.Unlock()
	return nil
}

// list asks for the open shards, page by page.
func (m *shardMap) list(ctx context.Context) (keys []string, known map[string]bool, err error) {
	known = make(map[string]bool)
	name, arn := m.target.ids()
	in := &kinesis.ListShardsInput{StreamName: name, StreamARN: arn, ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}}
	for {
		out, err := m.api.ListShards(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		for i := range out.Shards {
			shard := &out.Shards[i]
			if shard.ShardId == nil || shard.HashKeyRange == nil || shard.HashKeyRange.StartingHashKey == nil {
				return nil, nil, fmt.Errorf("the answer has a shard without id or hash key range")
			}
			// The filter leaves the closed shards out, but not every emulator knows it.
			if closed := shard.SequenceNumberRange != nil && shard.SequenceNumberRange.EndingSequenceNumber != nil; !closed {
				keys = append(keys, *shard.HashKeyRange.StartingHashKey)
				known[*shard.ShardId] = true
			}
		}
		if out.NextToken == nil || *out.NextToken == "" {
			break
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken} // a token stands for name and filter and excludes them
	}
	if len(keys) == 0 {
		return nil, nil, errors.New("the stream has no open shard")
	}
	return keys, known, nil
}
