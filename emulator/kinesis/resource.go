package kinesis

import (
	"strings"
	"time"

	"clickstream/emulator/internal/wire"
)

// resource is what has tags and a policy of its own: a stream, a consumer or a channel.
type resource struct {
	name   string // for messages
	stream *stream
	tags   *map[string]string
	policy *string // nil where there can be none
	unlock func()
}

// lockResource finds what an ARN names and locks it; the caller unlocks it.
func (s *Service) lockResource(scope wire.Scope, arn string, now time.Time) (*resource, error) {
	switch {
	case strings.Contains(arn, ":channel/"):
		one, err := s.lockChannel(scope, arn, now)
		if err != nil {
			return nil, err
		}
		return &resource{name: "channel " + one.name, stream: one.stream, tags: &one.tags, unlock: one.stream.mu.Unlock}, nil
	case strings.Contains(arn, "/consumer/"):
		st, one, err := s.lockConsumer(scope, &ConsumerTarget{ConsumerARN: arn}, now)
		if err != nil {
			return nil, err
		}
		return &resource{name: "consumer " + one.name, stream: st, tags: &one.tags, policy: &one.policy, unlock: st.mu.Unlock}, nil
	case strings.Contains(arn, ":stream/"):
		st, err := s.lock(scope, Target{StreamARN: arn}, now)
		if err != nil {
			return nil, err
		}
		return &resource{name: "stream " + st.name, stream: st, tags: &st.tags, policy: &st.policy, unlock: st.mu.Unlock}, nil
	default: // a queue
		return nil, wire.Errorf("ResourceNotFoundException", "Resource %s not found.", arn)
	}
}
