package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// CreateStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
// Kept: names, shard counts up to 10,000, both stream modes, tags, warm throughput, the largest record, the distribution strategy,
// CREATING for Options.CreateDelay. With Options.Throttle, the account's limits of shards and of on-demand streams.
// Left out: nothing.

// CreateStreamInput is what CreateStream takes.
type CreateStreamInput struct {
	StreamName        string
	ShardCount        *int64             `json:",omitempty"`
	StreamModeDetails *StreamModeDetails `json:",omitempty"`
	Tags              map[string]string  `json:",omitempty"`

	WarmThroughputMiBps        *int64 `json:",omitempty"`
	MaxRecordSizeInKiB         *int64 `json:",omitempty"`
	RecordDistributionStrategy string `json:",omitempty"`
}

const (
	modeProvisioned = "PROVISIONED"
	modeOnDemand    = "ON_DEMAND"

	mostShards = 10000 // of a stream
)

func (in *CreateStreamInput) mode() string {
	if in.StreamModeDetails == nil {
		return modeProvisioned
	}
	return in.StreamModeDetails.StreamMode
}

func (s *Service) createStream(scope wire.Scope, in *CreateStreamInput) (*wire.Nothing, error) {
	now := s.now()
	if err := s.checkCreateStream(scope, in, now); err != nil {
		return nil, err
	}
	tags, err := addTags(nil, in.Tags, "stream "+in.StreamName+" under account "+scope.Account)
	if err != nil {
		return nil, err
	}
	key := streamKey{scope, in.StreamName}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	if present := s.streams[key]; present != nil {
		present.mu.Lock()
		status := present.status(now)
		present.mu.Unlock()
		if status != "" {
			return nil, wire.Errorf("ResourceInUseException", "Stream %s under account %s already exists.", in.StreamName, scope.Account)
		}
	}
	s.created++
	st := newStream(scope, in.StreamName, s.created, in.shards(), now)
	st.bound(s.memory)
	st.mode, st.tags = in.mode(), tags
	st.maxRecordKiB = orDefault(in.MaxRecordSizeInKiB, defaultRecordKiB)
	st.warmMiB = int64(orDefault(in.WarmThroughputMiBps, 0))
	st.auto = in.RecordDistributionStrategy == distributionAuto
	st.change(statusCreating, now, s.options.CreateDelay)
	if err := s.keep(st); err != nil {
		return nil, err
	}
	s.streams[key] = st
	return nil, nil
}

// sweep lets go of the streams that are gone, under the service's lock.
func (s *Service) sweep(now time.Time) {
	if s.deleted.Load() == 0 {
		return
	}
	for key, st := range s.streams {
		st.mu.Lock()
		if st.status(now) == "" {
			delete(s.streams, key)
			s.deleted.Add(-1)
		}
		st.mu.Unlock()
	}
}

// shards returns how many shards the stream begins with.
func (in *CreateStreamInput) shards() int {
	if in.mode() == modeProvisioned {
		return int(*in.ShardCount)
	}
	return max(orDefault(in.ShardCount, onDemandShards), orDefault(in.WarmThroughputMiBps, 0))
}

// checkCreateStream refuses what the model allows and the service does not.
func (s *Service) checkCreateStream(scope wire.Scope, in *CreateStreamInput, now time.Time) error {
	if in.ShardCount == nil && in.mode() == modeProvisioned {
		return missing("shardCount")
	}
	if in.WarmThroughputMiBps != nil {
		if err := s.warmable(scope, in.mode(), *in.WarmThroughputMiBps, now); err != nil {
			return err
		}
	}
	if err := mayDistribute(in.RecordDistributionStrategy, in.mode()); err != nil {
		return err
	}
	if count := in.shards(); count > mostShards {
		return wire.Errorf("LimitExceededException", "Stream %s cannot have %d shards; the limit is %d.", in.StreamName, count, mostShards)
	}
	if s.options.Throttle && in.mode() == modeOnDemand && s.used(scope, now).onDemand >= accountOnDemandStreams {
		return wire.Errorf("LimitExceededException", "Account %s has %d on-demand streams already, which is the limit.", scope.Account, accountOnDemandStreams)
	}
	return s.checkShardLimit(scope, int64(in.shards()), now)
}
