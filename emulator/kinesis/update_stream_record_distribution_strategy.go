package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// UpdateStreamRecordDistributionStrategy: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamRecordDistributionStrategy.html
// Kept: AUTO, which gives each shard every so-manieth record whatever its keys, and USER_PARTITION_KEY, from the next put on; on-demand streams only.
// Left out: nothing.

// UpdateStreamRecordDistributionStrategyInput is what UpdateStreamRecordDistributionStrategy takes.
type UpdateStreamRecordDistributionStrategyInput struct {
	StreamARN                  string
	StreamId                   string `json:",omitempty"` //nolint:revive // the wire's name
	RecordDistributionStrategy string
}

const (
	distributionAuto = "AUTO"
	distributionKeys = "USER_PARTITION_KEY"
)

func (s *Service) updateStreamRecordDistributionStrategy(scope wire.Scope, in *UpdateStreamRecordDistributionStrategyInput) (*wire.Nothing, error) {
	st, err := s.lockActive(scope, Target{StreamARN: in.StreamARN}, s.now())
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if err := mayDistribute(in.RecordDistributionStrategy, st.mode); err != nil {
		return nil, err
	}
	st.auto = in.RecordDistributionStrategy == distributionAuto
	return nil, s.keep(st)
}

// mayDistribute refuses a strategy that a stream's mode does not have.
func mayDistribute(strategy, mode string) error {
	if strategy != "" && mode != modeOnDemand {
		return wire.Errorf("InvalidArgumentException", "The record distribution strategy is only supported for streams that use the on-demand capacity mode.")
	}
	return nil
}

// distribution names the strategy of an on-demand stream; others have none.
func (st *stream) distribution() string {
	switch {
	case st.mode != modeOnDemand:
		return ""
	case st.auto:
		return distributionAuto
	default:
		return distributionKeys
	}
}
