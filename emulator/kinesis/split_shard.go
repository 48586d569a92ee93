package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// SplitShard: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SplitShard.html
// Kept: the place of the cut and its limits, the parent's end, the children's lineage; UPDATING for Options.CreateDelay, though
// the shards change at once. With Options.Throttle, the account's limit of shards.
// Left out: nothing.

// SplitShardInput is what SplitShard takes.
type SplitShardInput struct {
	Target
	ShardToSplit       string
	NewStartingHashKey string
}

func (s *Service) splitShard(scope wire.Scope, in *SplitShardInput) (*wire.Nothing, error) {
	now := s.now()
	if err := s.checkShardLimit(scope, 1, now); err != nil {
		return nil, err
	}
	st, err := s.lockActive(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if err := st.provisioned(); err != nil {
		return nil, err
	}
	one, err := st.openShardNamed(in.ShardToSplit, now)
	if err != nil {
		return nil, err
	}
	at, ok := parseHashKey(in.NewStartingHashKey)
	if !ok || !one.start.next().less(at) || !at.less(one.end) {
		return nil, wire.Errorf("InvalidArgumentException", "NewStartingHashKey %s used in SplitShard() on shard %s in stream %s under account %s "+
			"is not both greater than one plus the shard's StartingHashKey %s and less than the shard's EndingHashKey %s.",
			in.NewStartingHashKey, one.id, st.name, st.scope.Account, one.start, one.end)
	}
	st.split(one, at, now)
	st.change(statusUpdating, now, s.options.CreateDelay)
	return nil, s.keep(st)
}

// openShardNamed returns a shard that can be split or merged.
func (st *stream) openShardNamed(id string, now time.Time) (*shard, error) {
	one, err := st.shardNamed(id, now)
	if err == nil && !one.isOpen() {
		err = wire.Errorf("InvalidArgumentException", "Shard %s in stream %s under account %s has already been merged or split, and thus is not "+
			"eligible for merging or splitting.", one.id, st.name, st.scope.Account)
	}
	return one, err
}

// provisioned refuses to change the shards of a stream that looks after them itself.
func (st *stream) provisioned() error {
	if st.mode == modeOnDemand {
		return wire.Errorf("ValidationException", "Request is invalid. Stream %s under account %s is in On-Demand mode.", st.name, st.scope.Account)
	}
	return nil
}
