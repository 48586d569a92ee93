package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// DescribeStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html
// Kept: pages by Limit and ExclusiveStartShardId; no shards while CREATING.
// Left out: nothing.

// DescribeStreamInput is what DescribeStream takes.
type DescribeStreamInput struct {
	Target
	Limit                 *int64 `json:",omitempty"`
	ExclusiveStartShardId string `json:",omitempty"` //nolint:revive // the wire's name
}

// DescribeStreamOutput is what DescribeStream answers.
type DescribeStreamOutput struct{ StreamDescription StreamDescription }

// StreamDescription describes a stream and some of its shards.
type StreamDescription struct {
	StreamName, StreamARN, StreamStatus string
	StreamModeDetails                   StreamModeDetails
	Shards                              []Shard
	HasMoreShards                       bool
	RetentionPeriodHours                int64
	StreamCreationTimestamp             *wire.Timestamp
	EnhancedMonitoring                  []EnhancedMetrics
	EncryptionType                      string
	KeyId                               string `json:",omitempty"` //nolint:revive // the wire's name
}

const describedShards = 100

func (s *Service) describeStream(scope wire.Scope, in *DescribeStreamInput) (*DescribeStreamOutput, error) {
	now := s.now()
	st, err := s.lock(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	var shards []*shard
	if st.status(now) != statusCreating {
		shards = after(st.listed(now), in.ExclusiveStartShardId)
	}
	shown := shards[:min(len(shards), orDefault(in.Limit, describedShards), describedShards)]
	return &DescribeStreamOutput{StreamDescription{
		StreamName:              st.name,
		StreamARN:               st.arn(),
		StreamStatus:            st.status(now),
		StreamModeDetails:       StreamModeDetails{st.mode},
		Shards:                  describeShards(shown),
		HasMoreShards:           len(shown) < len(shards),
		RetentionPeriodHours:    int64(st.retention / time.Hour),
		StreamCreationTimestamp: stamp(st.created),
		EnhancedMonitoring:      []EnhancedMetrics{{ShardLevelMetrics: st.listMetrics()}},
		EncryptionType:          st.describeEncryption(),
		KeyId:                   st.keyID,
	}}, nil
}

// after returns the shards that follow a shard's name; all without one.
func after(shards []*shard, id string) []*shard {
	for i, one := range shards {
		if one.id > id {
			return shards[i:]
		}
	}
	return nil
}
