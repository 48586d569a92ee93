package kinesis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"clickstream/emulator/internal/wire"
)

// consumer is a registered consumer of a stream, to which shards are pushed. Its stream's lock guards it.
type consumer struct {
	lifecycle
	name    string
	number  uint64    // counts the stream's consumers
	created time.Time // its second is part of the ARN
	policy  string
	tags    map[string]string
	latest  map[uint32]latestSubscription // by shard
}

// mostConsumers of one stream (https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html).
const mostConsumers = 20

// ConsumerTarget is how operations name a consumer: by its ARN, by its name and its stream's ARN, or by both.
type ConsumerTarget struct {
	ConsumerARN  string `json:",omitempty"`
	ConsumerName string `json:",omitempty"`
	StreamARN    string `json:",omitempty"`
	StreamId     string `json:",omitempty"` //nolint:revive // the wire's name; the service reserves it for later and heeds it not
}

// consumerName is what a consumer's ARN says.
type consumerName struct {
	stream string // ARN
	name   string
	second int64
}

// parseConsumerARN takes apart arn:aws:kinesis:region:account:stream/name/consumer/name:second.
func parseConsumerARN(arn string) (consumerName, bool) {
	stream, rest, ok := strings.Cut(arn, "/consumer/")
	name, digits, counted := strings.Cut(rest, ":")
	second, err := strconv.ParseInt(digits, 10, 64)
	return consumerName{stream, name, second}, ok && counted && err == nil && arnPattern.MatchString(stream)
}

// wanted returns what the consumer is found by.
func (t *ConsumerTarget) wanted() (consumerName, error) {
	given := consumerName{stream: t.StreamARN, name: t.ConsumerName}
	if t.ConsumerARN == "" {
		if given.stream == "" || given.name == "" {
			return given, wire.Errorf("InvalidArgumentException", "Either ConsumerARN or both StreamARN and ConsumerName must be given.")
		}
		return given, nil
	}
	named, ok := parseConsumerARN(t.ConsumerARN)
	if !ok || given.stream != "" && given.stream != named.stream || given.name != "" && given.name != named.name {
		return given, wire.Errorf("InvalidArgumentException", "ConsumerARN %s does not match the consumer's name and the stream's ARN.", t.ConsumerARN)
	}
	return named, nil
}

// lockConsumer finds a consumer and locks its stream; the caller unlocks it.
func (s *Service) lockConsumer(scope wire.Scope, target *ConsumerTarget, now time.Time) (*stream, *consumer, error) {
	wanted, err := target.wanted()
	if err != nil {
		return nil, nil, err
	}
	st, err := s.lock(scope, Target{StreamARN: wanted.stream}, now)
	if err != nil {
		return nil, nil, err
	}
	for _, one := range st.consumersAt(now) {
		if one.name == wanted.name && (wanted.second == 0 || wanted.second == one.created.Unix()) {
			return st, one, nil
		}
	}
	st.mu.Unlock()
	return nil, nil, wire.Errorf("ResourceNotFoundException", "Consumer %s under stream %s not found for account %s.", wanted.name, st.name, st.scope.Account)
}

// consumersAt returns the consumers that exist at a time, in the order of their registration.
func (st *stream) consumersAt(now time.Time) []*consumer {
	present := make([]*consumer, 0, len(st.consumers))
	for _, one := range st.consumers {
		if one.status(now) != "" {
			present = append(present, one)
		}
	}
	return present
}

// addConsumer registers a consumer whose name is free. It is never of the same second as one of its name before, which would have
// the same ARN.
func (st *stream) addConsumer(name string, tags map[string]string, now time.Time) *consumer {
	made := &consumer{name: name, number: 1, created: now, tags: tags, latest: map[uint32]latestSubscription{}}
	if last := len(st.consumers) - 1; last >= 0 {
		made.number = st.consumers[last].number + 1
	}
	for _, one := range st.consumers {
		if one.name == name && one.created.Unix() >= made.created.Unix() {
			made.created = time.Unix(one.created.Unix()+1, 0)
		}
	}
	st.consumers = slices.DeleteFunc(st.consumers, func(one *consumer) bool {
		return one.status(now) == "" && (one.name == name || one.created.Unix() < now.Unix())
	})
	st.consumers = append(st.consumers, made)
	return made
}

func (st *stream) consumerARN(one *consumer) string {
	return fmt.Sprintf("%s/consumer/%s:%d", st.arn(), one.name, one.created.Unix())
}

// Consumer describes a registered consumer.
type Consumer struct {
	ConsumerName, ConsumerARN, ConsumerStatus string
	ConsumerCreationTimestamp                 *wire.Timestamp
}

func (st *stream) describeConsumer(one *consumer, now time.Time) Consumer {
	return Consumer{
		ConsumerName: one.name, ConsumerARN: st.consumerARN(one), ConsumerStatus: one.status(now), ConsumerCreationTimestamp: stamp(one.created),
	}
}
