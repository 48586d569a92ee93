package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// DeregisterStreamConsumer: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeregisterStreamConsumer.html
// Kept: consumers by ARN or by name and stream, DELETING for Options.CreateDelay, the end of the consumer's subscriptions.
// Left out: nothing.

// DeregisterStreamConsumerInput is what DeregisterStreamConsumer takes.
type DeregisterStreamConsumerInput struct{ ConsumerTarget }

func (s *Service) deregisterStreamConsumer(scope wire.Scope, in *DeregisterStreamConsumerInput) (*wire.Nothing, error) {
	now := s.now()
	st, one, err := s.lockConsumer(scope, &in.ConsumerTarget, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if one.status(now) != statusDeleting {
		one.change(statusDeleting, now, s.options.CreateDelay)
		if err := s.keep(st); err != nil {
			return nil, err
		}
		one.stop(wire.Errorf("ResourceNotFoundException", "Consumer %s under stream %s was deregistered.", one.name, st.name))
	}
	return nil, nil
}
