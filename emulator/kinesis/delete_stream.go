package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// DeleteStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html
// Kept: DELETING for Options.CreateDelay, after which the stream is gone.
// Left out: EnforceConsumerDeletion, as there are no registered consumers.

// DeleteStreamInput is what DeleteStream takes.
type DeleteStreamInput struct {
	Target
	EnforceConsumerDeletion bool `json:",omitempty"`
}

// Check checks the stream's name.
func (in *DeleteStreamInput) Check(c *wire.Check) { in.check(c) }

func (s *Service) deleteStream(scope wire.Scope, in *DeleteStreamInput) (*wire.Nothing, error) {
	now := time.Now()
	st, err := s.lock(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if st.status(now) != statusDeleting {
		st.change(statusDeleting, now, s.options.CreateDelay)
		st.shards, st.open = nil, nil // the memory is given back at once, whoever still holds the stream
	}
	return nil, nil
}
