package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// DeleteStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html
// Kept: DELETING for Options.CreateDelay, after which the stream is gone; EnforceConsumerDeletion, without which a stream that has
// consumers is not deleted.
// A stream that has channels is not deleted.
// Left out: nothing.

// DeleteStreamInput is what DeleteStream takes.
type DeleteStreamInput struct {
	Target
	EnforceConsumerDeletion bool `json:",omitempty"`
}

func (s *Service) deleteStream(scope wire.Scope, in *DeleteStreamInput) (*wire.Nothing, error) {
	now := s.now()
	st, err := s.lock(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if channels := len(st.channelsAt(now)); channels > 0 {
		return nil, wire.Errorf("ResourceInUseException", "Stream %s under account %s has %d channels. Delete them first.", st.name, st.scope.Account, channels)
	}
	if consumers := len(st.consumersAt(now)); consumers > 0 && !in.EnforceConsumerDeletion {
		return nil, wire.Errorf("ResourceInUseException", "Stream %s under account %s has %d registered consumers. Deregister them first, or "+
			"delete the stream with EnforceConsumerDeletion.", st.name, st.scope.Account, consumers)
	}
	if st.status(now) != statusDeleting {
		st.change(statusDeleting, now, s.options.CreateDelay)
		if err := s.keep(st); err != nil {
			return nil, err
		}
		for _, one := range st.consumers {
			one.stop(notFound(streamKey{st.scope, st.name}))
		}
		s.deleted.Add(1)
		for _, one := range st.shards {
			one.records.clear()
		}
		st.shards, st.open, st.consumers = nil, nil, nil // the memory is given back at once, whoever still holds the stream
	}
	return nil, nil
}
