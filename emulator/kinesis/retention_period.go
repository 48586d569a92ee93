package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// IncreaseStreamRetentionPeriod: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html
// DecreaseStreamRetentionPeriod: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html
// Kept: 24 to 8760 hours; records beyond a shorter period can no longer be read from that moment on.
// Left out: nothing.

// RetentionPeriodInput is what both operations take.
type RetentionPeriodInput struct {
	Target
	RetentionPeriodHours *int64
}

func (s *Service) increaseStreamRetentionPeriod(scope wire.Scope, in *RetentionPeriodInput) (*wire.Nothing, error) {
	return s.setRetention(scope, in, func(st *stream, hours, present int64) error {
		if hours < present {
			return wire.Errorf("InvalidArgumentException", "Requested retention period (%d hours) for stream %s can not be shorter than existing "+
				"retention period (%d hours). Use DecreaseRetentionPeriod API.", hours, st.name, present)
		}
		return nil
	})
}

func (s *Service) decreaseStreamRetentionPeriod(scope wire.Scope, in *RetentionPeriodInput) (*wire.Nothing, error) {
	return s.setRetention(scope, in, func(st *stream, hours, present int64) error {
		if hours > present {
			return wire.Errorf("InvalidArgumentException", "Requested retention period (%d hours) for stream %s can not be longer than existing "+
				"retention period (%d hours). Use IncreaseRetentionPeriod API.", hours, st.name, present)
		}
		return nil
	})
}

func (s *Service) setRetention(scope wire.Scope, in *RetentionPeriodInput, allow func(st *stream, hours, present int64) error) (*wire.Nothing, error) {
	hours := *in.RetentionPeriodHours
	if least := int64(defaultRetention / time.Hour); hours < least {
		return nil, wire.Errorf("InvalidArgumentException", "Minimum allowed retention period is %d hours. Requested retention period (%d hours) is "+
			"too short.", least, hours)
	}
	if most := int64(longestRetention / time.Hour); hours > most {
		return nil, wire.Errorf("InvalidArgumentException", "Maximum allowed retention period is %d hours. Requested retention period (%d hours) is "+
			"too long.", most, hours)
	}
	now := s.now()
	st, err := s.lockActive(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if err := allow(st, hours, int64(st.retention/time.Hour)); err != nil {
		return nil, err
	}
	st.retention = time.Duration(hours) * time.Hour
	st.change(statusUpdating, now, s.options.CreateDelay)
	return nil, s.keep(st)
}
