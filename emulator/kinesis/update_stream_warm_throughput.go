package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// UpdateStreamWarmThroughput: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamWarmThroughput.html
// Kept: the account's commitment as its condition, 10 GiB a second at most, and shards for it at once: one for each MiB; UPDATING for Options.CreateDelay.
// Left out: the shards of throughput that is given back are merged only when the stream scales down.

// UpdateStreamWarmThroughputInput is what UpdateStreamWarmThroughput takes.
type UpdateStreamWarmThroughputInput struct {
	Target
	WarmThroughputMiBps int64
}

// UpdateStreamWarmThroughputOutput is what UpdateStreamWarmThroughput answers.
type UpdateStreamWarmThroughputOutput struct {
	StreamName, StreamARN string
	WarmThroughput        WarmThroughput
}

// WarmThroughput is what an on-demand stream is kept ready for, in MiB a second.
type WarmThroughput struct{ TargetMiBps, CurrentMiBps int64 }

func (s *Service) updateStreamWarmThroughput(scope wire.Scope, in *UpdateStreamWarmThroughputInput) (*UpdateStreamWarmThroughputOutput, error) {
	now := s.now()
	if err := s.mayWarm(scope, in.Target, "", in.WarmThroughputMiBps, now); err != nil {
		return nil, err
	}
	st, err := s.lockActive(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	st.warm(in.WarmThroughputMiBps, now)
	st.change(statusUpdating, now, s.options.CreateDelay)
	return &UpdateStreamWarmThroughputOutput{StreamName: st.name, StreamARN: st.arn(), WarmThroughput: *st.warmThroughput()}, s.keep(st)
}

// mostWarmMiB is 10 GiB a second.
const mostWarmMiB = 10 << 10

// mayWarm refuses warm throughput to accounts without a commitment, to streams whose mode (or, if given, whose mode to be) is not
// on-demand, and beyond the limit.
func (s *Service) mayWarm(scope wire.Scope, target Target, mode string, mib int64, now time.Time) error {
	st, err := s.lock(scope, target, now)
	if err != nil {
		return err
	}
	owner := st.scope
	if mode == "" {
		mode = st.mode
	}
	st.mu.Unlock()
	return s.warmable(owner, mode, mib, now)
}

func (s *Service) warmable(owner wire.Scope, mode string, mib int64, now time.Time) error {
	switch {
	case mode != modeOnDemand:
		return wire.Errorf("ValidationException", "Warm throughput is only supported for data streams with the on-demand capacity mode.")
	case !s.committed(owner, now):
		return wire.Errorf("ValidationException", "Warm throughput is only supported in accounts that have MinimumThroughputBillingCommitment enabled.")
	case mib > mostWarmMiB:
		return wire.Errorf("LimitExceededException", "Warm throughput cannot be more than %d MiB a second.", mostWarmMiB)
	default:
		return nil
	}
}
