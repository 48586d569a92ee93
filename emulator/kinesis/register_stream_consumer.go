package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// RegisterStreamConsumer: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
// Kept: names that are unique within the stream, 20 consumers a stream, CREATING for Options.CreateDelay, tags; with
// Options.Throttle, five consumers a stream that are CREATING.
// Left out: nothing.

// RegisterStreamConsumerInput is what RegisterStreamConsumer takes.
type RegisterStreamConsumerInput struct {
	StreamARN    string
	ConsumerName string
	Tags         map[string]string `json:",omitempty"`
	StreamId     string            `json:",omitempty"` //nolint:revive // the wire's name; the service reserves it for later and heeds it not
}

// RegisterStreamConsumerOutput is what RegisterStreamConsumer answers.
type RegisterStreamConsumerOutput struct{ Consumer Consumer }

func (s *Service) registerStreamConsumer(scope wire.Scope, in *RegisterStreamConsumerInput) (*RegisterStreamConsumerOutput, error) {
	now := s.now()
	st, err := s.lockActive(scope, Target{StreamARN: in.StreamARN}, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	tags, err := addTags(nil, in.Tags, "consumer "+in.ConsumerName)
	if err != nil {
		return nil, err
	}
	if err := st.admitConsumer(in.ConsumerName, now, s.options.Throttle); err != nil {
		return nil, err
	}
	made := st.addConsumer(in.ConsumerName, tags, now)
	made.change(statusCreating, now, s.options.CreateDelay)
	if err := s.keep(st); err != nil {
		return nil, err
	}
	described := st.describeConsumer(made, now)
	described.ConsumerStatus = statusCreating // what the service answers, however soon it will be ACTIVE
	return &RegisterStreamConsumerOutput{described}, nil
}

const mostCreating = 5 // consumers of a stream that are CREATING

// admitConsumer says whether another consumer may have a name.
func (st *stream) admitConsumer(name string, now time.Time, throttle bool) error {
	present := st.consumersAt(now)
	creating := 0
	for _, one := range present {
		if one.name == name {
			return wire.Errorf("ResourceInUseException", "Consumer %s under stream %s already exists for account %s.", one.name, st.name, st.scope.Account)
		}
		if one.status(now) == statusCreating {
			creating++
		}
	}
	switch {
	case len(present) >= mostConsumers:
		return wire.Errorf("LimitExceededException", "Stream %s under account %s has %d consumers already; the limit is %d.",
			st.name, st.scope.Account, len(present), mostConsumers)
	case throttle && creating >= mostCreating:
		return wire.Errorf("LimitExceededException", "Stream %s under account %s has %d consumers that are CREATING; the limit is %d.",
			st.name, st.scope.Account, creating, mostCreating)
	}
	return nil
}
