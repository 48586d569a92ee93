package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// UpdateShardCount: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
// Kept: UNIFORM_SCALING by splits and merges in a row, between half and twice the present count; UPDATING for Options.CreateDelay. With
// Options.Throttle, ten calls in 24 hours and the account's limit of shards.
// Left out: nothing.

// UpdateShardCountInput is what UpdateShardCount takes.
type UpdateShardCountInput struct {
	Target
	TargetShardCount *int64
	ScalingType      string
}

// UpdateShardCountOutput is what UpdateShardCount answers.
type UpdateShardCountOutput struct {
	StreamName, StreamARN               string
	CurrentShardCount, TargetShardCount int64
}

func (s *Service) updateShardCount(scope wire.Scope, in *UpdateShardCountInput) (*UpdateShardCountOutput, error) {
	now := s.now()
	used := int64(0)
	if s.options.Throttle {
		used = s.used(scope, now).shards
	}
	st, err := s.lockActive(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if err := st.provisioned(); err != nil {
		return nil, err
	}
	count, target := int64(len(st.open)), *in.TargetShardCount
	const day, mostChanges = 24 * time.Hour, 10
	switch {
	case target > mostShards:
		return nil, wire.Errorf("LimitExceededException", "Stream %s cannot have %d shards; the limit is %d.", st.name, target, mostShards)
	case target > 2*count:
		return nil, wire.Errorf("InvalidArgumentException", "UpdateShardCount cannot scale up over double your current open shard count. "+
			"Current open shard count: %d Target shard count: %d", count, target)
	case 2*target < count:
		return nil, wire.Errorf("InvalidArgumentException", "UpdateShardCount cannot scale down below half your current open shard count. "+
			"Current open shard count: %d Target shard count: %d", count, target)
	case s.options.Throttle && used-count+target > accountShards:
		return nil, shardLimit(st.scope, used, target-count)
	case s.options.Throttle && !st.countChanges.take(now, day, mostChanges):
		return nil, wire.Errorf("LimitExceededException", "Stream %s under account %s has changed its shard count %d times in the last 24 hours.",
			st.name, st.scope.Account, mostChanges)
	}
	st.resize(int(target), now)
	st.change(statusUpdating, now, s.options.CreateDelay)
	return &UpdateShardCountOutput{StreamName: st.name, StreamARN: st.arn(), CurrentShardCount: count, TargetShardCount: target}, s.keep(st)
}

// resize cuts the stream into evenly wide shards: it splits at every new bound that is not one yet, then merges across every
// old bound that is none any more.
func (st *stream) resize(count int, now time.Time) {
	bounds := map[hashKey]bool{}
	for _, start := range evenStarts(count) {
		bounds[start] = true
		if home := st.shardFor(start); home.start != start {
			st.split(home, start, now)
		}
	}
	for i := 1; i < len(st.open); {
		if bounds[st.open[i].start] {
			i++
			continue
		}
		st.merge(st.open[i-1], st.open[i], now)
	}
}
