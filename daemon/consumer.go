package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/properties"
)

// consumerInterval is how often a consumer that is not ACTIVE is looked at; AWS allows 20 calls a second.
const consumerInterval = time.Second

// errNoConsumer marks errors of the stream's consumer that no retry mends.
var errNoConsumer = errors.New("no consumer to read the stream by fan-out")

// consumer is what subscriptions belong to: the stream's consumer that the settings name, found or registered once for all shards. As in
// KCL it stays registered when the daemon stops.
type consumer struct {
	stream    *stream
	name, arn string // arn is "" unless the settings name it
	tell      func(format string, args ...any)

	turn chan struct{} // holds a value while somebody looks for it

	mu    sync.Mutex
	found string // its ARN, "" while it is not known
}

func newConsumer(stream *stream, settings *properties.Config, tell func(string, ...any)) *consumer {
	c := &consumer{stream: stream, name: settings.ConsumerName, arn: settings.ConsumerArn, tell: tell, turn: make(chan struct{}, 1)}
	if c.name == "" {
		c.name = settings.ApplicationName
	}
	return c
}

// get returns the ARN of the consumer when it is ACTIVE. It waits for it as long as ctx lasts.
func (c *consumer) get(ctx context.Context) (string, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { <-c.turn }()
	if found := c.known(); found != "" {
		return found, nil
	}
	who, err := c.description(ctx)
	if err != nil {
		return "", err
	}
	for {
		found, err := c.look(ctx, who)
		if found != "" || err != nil {
			c.set("", found)
			return found, err
		}
		if !sleep(ctx.Done(), consumerInterval) {
			return "", context.Cause(ctx)
		}
	}
}

// gone tells that the consumer with this ARN is not there any more. Another shard may have found that out before, and found the next.
func (c *consumer) gone(arn string) { c.set(arn, "") }

func (c *consumer) known() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.found
}

// set replaces what is known.
func (c *consumer) set(known, found string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found == known {
		c.found = found
	}
}

// description says which consumer is looked for.
func (c *consumer) description(ctx context.Context) (*kinesis.DescribeStreamConsumerInput, error) {
	if c.arn != "" {
		return &kinesis.DescribeStreamConsumerInput{ConsumerARN: &c.arn}, nil
	}
	stream, err := c.stream.resourceARN(ctx)
	return &kinesis.DescribeStreamConsumerInput{StreamARN: stream, ConsumerName: &c.name}, err
}

// look returns the consumer's ARN, "" while it is not ACTIVE. It registers it when it is not there.
func (c *consumer) look(ctx context.Context, who *kinesis.DescribeStreamConsumerInput) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	out, err := c.stream.client.DescribeStreamConsumer(ctx, who)
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		if c.arn != "" {
			return "", fmt.Errorf("%w: there is no consumer %s; correct fanoutConfig.consumerArn, or leave it out (%w)", errNoConsumer, c.arn, err)
		}
		return c.register(ctx, who.StreamARN)
	}
	if err != nil {
		return "", fmt.Errorf("describe consumer %s of stream %s: %w", c.name, c.stream.label(), err)
	}
	if out.ConsumerDescription == nil || out.ConsumerDescription.ConsumerStatus != types.ConsumerStatusActive {
		return "", nil
	}
	return aws.ToString(out.ConsumerDescription.ConsumerARN), nil
}

// register registers the consumer, which becomes ACTIVE later.
func (c *consumer) register(ctx context.Context, streamARN *string) (string, error) {
	_, err := c.stream.client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: streamARN, ConsumerName: &c.name})
	_, raced := errors.AsType[*types.ResourceInUseException](err)
	_, full := errors.AsType[*types.LimitExceededException](err)
	_, invalid := errors.AsType[*types.InvalidArgumentException](err)
	switch {
	case err == nil:
		c.tell("registered consumer %s of stream %s; AWS charges for it until it is deregistered", c.name, c.stream.label())
		return "", nil
	case raced: // somebody else registers it
		return "", nil
	case full:
		return "", fmt.Errorf("register consumer %s of stream %s: there are as many consumers as AWS allows; deregister one, "+
			"or set retrievalMode to POLLING (%w)", c.name, c.stream.label(), err)
	case invalid:
		return "", fmt.Errorf("%w: %s cannot be a consumer's name; set fanoutConfig.consumerName (%w)", errNoConsumer, c.name, err)
	default:
		return "", fmt.Errorf("register consumer %s of stream %s: %w", c.name, c.stream.label(), err)
	}
}
