package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// The structs below are parts of inputs and outputs; their field names are the wire's.

// StreamModeDetails says who looks after a stream's capacity: PROVISIONED or ON_DEMAND.
type StreamModeDetails struct{ StreamMode string }

// HashKeyRange holds the first and the last hash key of a shard.
type HashKeyRange struct{ StartingHashKey, EndingHashKey string }

// SequenceNumberRange holds a shard's first number and, once it is closed, its last. No record has either of them.
type SequenceNumberRange struct {
	StartingSequenceNumber SequenceNumber
	EndingSequenceNumber   *SequenceNumber `json:",omitempty"`
}

// Shard describes a shard.
type Shard struct {
	ShardId               string //nolint:revive // the wire's name
	ParentShardId         string `json:",omitempty"` //nolint:revive // the wire's name
	AdjacentParentShardId string `json:",omitempty"` //nolint:revive // the wire's name
	HashKeyRange          HashKeyRange
	SequenceNumberRange   SequenceNumberRange
}

// EnhancedMetrics names metrics that are switched on; here there are none.
type EnhancedMetrics struct{ ShardLevelMetrics []string }

func (s *shard) hashKeyRange() HashKeyRange {
	return HashKeyRange{StartingHashKey: s.start.String(), EndingHashKey: s.end.String()}
}

func (s *shard) describe() Shard {
	described := Shard{
		ShardId:             s.id,
		HashKeyRange:        s.hashKeyRange(),
		SequenceNumberRange: SequenceNumberRange{StartingSequenceNumber: s.startingSequence(), EndingSequenceNumber: s.endingSequence()},
	}
	if len(s.parents) > 0 {
		described.ParentShardId = s.parents[0].id
	}
	if len(s.parents) > 1 {
		described.AdjacentParentShardId = s.parents[1].id
	}
	return described
}

func describeShards(shards []*shard) []Shard {
	described := make([]Shard, 0, len(shards))
	for _, one := range shards {
		described = append(described, one.describe())
	}
	return described
}

func stamp(t time.Time) *wire.Timestamp {
	stamped := wire.Timestamp(t)
	return &stamped
}
