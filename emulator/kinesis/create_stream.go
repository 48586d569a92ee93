package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// CreateStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
// Kept: names, shard counts, both stream modes, CREATING for Options.CreateDelay.
// Left out: Tags, record sizes over 1 MiB, warm throughput, the account's shard limit (10,000 shards a stream instead).

// CreateStreamInput is what CreateStream takes.
type CreateStreamInput struct {
	StreamName        string
	ShardCount        *int64             `json:",omitempty"`
	StreamModeDetails *StreamModeDetails `json:",omitempty"`
}

const (
	modeProvisioned = "PROVISIONED"
	modeOnDemand    = "ON_DEMAND"

	onDemandShards = 4
	mostShards     = 10000
)

// Check checks name, count and mode.
func (in *CreateStreamInput) Check(c *wire.Check) {
	if in.StreamName == "" {
		c.Required("streamName", false)
	} else {
		checkName(c, "streamName", in.StreamName)
	}
	checkCount(c, "shardCount", in.ShardCount, 100000)
	if in.StreamModeDetails != nil {
		c.Enum("streamModeDetails.streamMode", in.StreamModeDetails.StreamMode, modeProvisioned, modeOnDemand)
	}
	if in.ShardCount == nil && in.mode() == modeProvisioned {
		c.Required("shardCount", false)
	}
}

func (in *CreateStreamInput) mode() string {
	if in.StreamModeDetails == nil {
		return modeProvisioned
	}
	return in.StreamModeDetails.StreamMode
}

func (s *Service) createStream(scope wire.Scope, in *CreateStreamInput) (*wire.Nothing, error) {
	count := orDefault(in.ShardCount, onDemandShards)
	if count > mostShards {
		return nil, wire.Errorf("LimitExceededException", "Stream %s cannot have %d shards; the limit is %d.", in.StreamName, count, mostShards)
	}
	now := time.Now()
	key := streamKey{scope, in.StreamName}
	s.mu.Lock()
	defer s.mu.Unlock()
	if present := s.streams[key]; present != nil {
		present.mu.Lock()
		status := present.status(now)
		present.mu.Unlock()
		if status != "" {
			return nil, wire.Errorf("ResourceInUseException", "Stream %s under account %s already exists.", in.StreamName, scope.Account)
		}
	}
	s.created++
	st := newStream(scope, in.StreamName, s.created, count, now)
	st.mode = in.mode()
	st.change(statusCreating, now, s.options.CreateDelay)
	s.streams[key] = st
	return nil, nil
}
