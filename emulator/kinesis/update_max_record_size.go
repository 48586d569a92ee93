package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// UpdateMaxRecordSize: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateMaxRecordSize.html
// Kept: records of 1 to 10 MiB, counted with their partition key, from the next put on; UPDATING for Options.CreateDelay.
// Left out: nothing.

// UpdateMaxRecordSizeInput is what UpdateMaxRecordSize takes.
type UpdateMaxRecordSizeInput struct {
	StreamARN          string `json:",omitempty"`
	StreamId           string `json:",omitempty"` //nolint:revive // the wire's name
	MaxRecordSizeInKiB int64
}

const defaultRecordKiB = 1024

func (s *Service) updateMaxRecordSize(scope wire.Scope, in *UpdateMaxRecordSizeInput) (*wire.Nothing, error) {
	if in.StreamARN == "" {
		return nil, missing("streamARN")
	}
	now := s.now()
	st, err := s.lockActive(scope, Target{StreamARN: in.StreamARN}, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	st.maxRecordKiB = int(in.MaxRecordSizeInKiB)
	st.change(statusUpdating, now, s.options.CreateDelay)
	return nil, s.keep(st)
}

// missing is the error of a member that the model does not ask for and the operation cannot do without.
func missing(path string) error {
	var check wire.Check
	check.Required(path, false)
	return check.Err()
}
