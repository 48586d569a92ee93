package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// UpdateStreamMode: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html
// Kept: both ways; the shards stay, an on-demand stream has to have committed to warm throughput to be given any; UPDATING for Options.CreateDelay. With Options.Throttle, two changes in 24 hours.
// Left out: nothing.

// UpdateStreamModeInput is what UpdateStreamMode takes.
type UpdateStreamModeInput struct {
	StreamARN           string
	StreamId            string `json:",omitempty"` //nolint:revive // the wire's name
	StreamModeDetails   StreamModeDetails
	WarmThroughputMiBps *int64 `json:",omitempty"`
}

func (s *Service) updateStreamMode(scope wire.Scope, in *UpdateStreamModeInput) (*wire.Nothing, error) {
	now := s.now()
	target := Target{StreamARN: in.StreamARN}
	wanted := in.StreamModeDetails.StreamMode
	if in.WarmThroughputMiBps != nil {
		if err := s.mayWarm(scope, target, wanted, *in.WarmThroughputMiBps, now); err != nil {
			return nil, err
		}
	}
	st, err := s.lockActive(scope, target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	const day, mostChanges = 24 * time.Hour, 2
	if s.options.Throttle && st.mode != wanted && !st.modeChanges.take(now, day, mostChanges) {
		return nil, wire.Errorf("LimitExceededException", "Stream %s under account %s has switched its mode %d times in the last 24 hours.",
			st.name, st.scope.Account, mostChanges)
	}
	if wanted == modeProvisioned {
		if len(st.channelsAt(now)) > 0 {
			return nil, wire.Errorf("ResourceInUseException", "Stream %s under account %s has channels, which need the on-demand mode.", st.name, st.scope.Account)
		}
		st.auto, st.warmMiB = false, 0
	}
	st.mode = wanted
	if in.WarmThroughputMiBps != nil {
		st.warm(*in.WarmThroughputMiBps, now)
	}
	st.change(statusUpdating, now, s.options.CreateDelay)
	return nil, s.keep(st)
}
