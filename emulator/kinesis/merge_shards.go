package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// MergeShards: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MergeShards.html
// Kept: adjacency, of which the second shard has the higher hash keys, the parents' ends, the child's lineage; UPDATING for Options.CreateDelay, though the shards
// change at once.
// Left out: nothing.

// MergeShardsInput is what MergeShards takes.
type MergeShardsInput struct {
	Target
	ShardToMerge         string
	AdjacentShardToMerge string
}

func (s *Service) mergeShards(scope wire.Scope, in *MergeShardsInput) (*wire.Nothing, error) {
	now := s.now()
	st, err := s.lockActive(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if err := st.provisioned(); err != nil {
		return nil, err
	}
	one, err := st.openShardNamed(in.ShardToMerge, now)
	if err != nil {
		return nil, err
	}
	other, err := st.openShardNamed(in.AdjacentShardToMerge, now)
	if err != nil {
		return nil, err
	}
	if one.end == lastHashKey() || one.end.next() != other.start {
		return nil, wire.Errorf("InvalidArgumentException", "Shards %s and %s in stream %s under account %s are not an adjacent pair of shards "+
			"eligible for merging", one.id, other.id, st.name, st.scope.Account)
	}
	st.merge(one, other, now)
	st.change(statusUpdating, now, s.options.CreateDelay)
	return nil, s.keep(st)
}
