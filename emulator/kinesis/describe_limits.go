package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// DescribeLimits: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeLimits.html
// Kept: the counts of open shards, on-demand streams and channels of the account and region, beside the service's default limits.
// Left out: nothing.

// DescribeLimitsInput is what DescribeLimits takes.
type DescribeLimitsInput struct{}

// DescribeLimitsOutput is what DescribeLimits answers.
type DescribeLimitsOutput struct {
	ShardLimit, OpenShardCount                    int64
	OnDemandStreamCount, OnDemandStreamCountLimit int64
	ChannelCount, ChannelCountLimit               int64
}

// The service's default limits for an account in a region (https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html);
// that of channels is not documented.
const (
	accountShards          = 20000
	accountOnDemandStreams = 50
	accountChannels        = 100
)

func (s *Service) describeLimits(scope wire.Scope, _ *DescribeLimitsInput) (*DescribeLimitsOutput, error) {
	used := s.used(scope, s.now())
	return &DescribeLimitsOutput{
		ShardLimit: accountShards, OpenShardCount: used.shards,
		OnDemandStreamCount: used.onDemand, OnDemandStreamCountLimit: accountOnDemandStreams,
		ChannelCount: used.channels, ChannelCountLimit: accountChannels,
	}, nil
}

// usage is what an account has in a region.
type usage struct{ shards, onDemand, channels int64 }

func (s *Service) used(scope wire.Scope, now time.Time) usage {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.usedLocked(scope, now)
}

func (s *Service) usedLocked(scope wire.Scope, now time.Time) usage {
	var used usage
	for key, st := range s.streams {
		if key.scope != scope {
			continue
		}
		st.mu.Lock()
		if st.status(now) != "" {
			used.shards += int64(len(st.open))
			used.channels += int64(len(st.channelsAt(now)))
			if st.mode == modeOnDemand {
				used.onDemand++
			}
		}
		st.mu.Unlock()
	}
	return used
}
