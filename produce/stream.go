package produce

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/producer"
)

// stream makes the stream ready for records.
type stream struct {
	api    API
	target target
	shards int32         // of the stream, if it is to be created
	wait   time.Duration // between two calls of DescribeStreamSummary
	say    func(format string, args ...any)

	answered bool               // by the service, once at least
	created  bool               // by us, or by somebody just before us
	status   types.StreamStatus // the last one seen that is not usable
}

// ready creates the stream if there is none and waits until it takes records. It returns the size of the largest record that
// the stream takes, in bytes. It ends with the context, and with the first error that does not pass by waiting.
func (s *stream) ready(ctx context.Context) (maxRecord int, err error) {
	for {
		summary, err := s.describe(ctx)
		if err == nil && usable(summary.StreamStatus) {
			if s.created || s.status != "" {
				s.say("Stream %s is %s", s.target.name, summary.StreamStatus)
			}
			return producer.RecordLimit(summary), nil
		}
		wait := s.wait
		if err == nil {
			s.see(summary.StreamStatus)
		} else if wait, err = s.recover(ctx, err); err != nil {
			return 0, err
		}
		s.answered = true
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// see tells of a state in which the stream takes no records. A stream that is being deleted will be created when it is gone.
func (s *stream) see(status types.StreamStatus) {
	if status != s.status {
		s.say("Stream %s is %s, waiting ..", s.target.name, status)
	}
	s.status = status
	if status == types.StreamStatusDeleting {
		s.created = false
	}
}

// recover does what can be done when the stream could not be described, and returns how long to wait before the next look. Of an
// endpoint that has never answered no patience is asked: it is more likely wrong than down.
func (s *stream) recover(ctx context.Context, err error) (time.Duration, error) {
	_, missing := errors.AsType[*types.ResourceNotFoundException](err)
	switch {
	case missing && !s.created:
		if err := s.create(ctx); err != nil {
			return 0, err
		}
		s.created = true
		return 0, nil // an emulator's stream is ready at once
	case missing || s.answered && passes(err) && ctx.Err() == nil:
		return s.wait, nil
	default:
		return 0, final(ctx, err, "look at stream "+s.target.name)
	}
}

// usable reports whether a stream in this state takes records.
func usable(status types.StreamStatus) bool {
	return status == types.StreamStatusActive || status == types.StreamStatusUpdating
}

func (s *stream) describe(ctx context.Context) (*types.StreamDescriptionSummary, error) {
	name, arn := s.target.ids()
	out, err := s.api.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: name, StreamARN: arn})
	if err != nil {
		return nil, err
	}
	if out.StreamDescriptionSummary == nil {
		return nil, errors.New("the answer describes no stream")
	}
	return out.StreamDescriptionSummary, nil
}

// create creates the stream. That somebody else was faster is as good.
func (s *stream) create(ctx context.Context) error {
	if s.target.arn != "" {
		return exit.With(exit.Usage, fmt.Errorf("there is no stream %s, and only a stream that is named, not one given by its ARN, is created", s.target.arn))
	}
	_, err := s.api.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &s.target.name, ShardCount: &s.shards})
	if _, exists := errors.AsType[*types.ResourceInUseException](err); exists {
		return nil
	}
	if err != nil {
		return final(ctx, err, "create stream "+s.target.name)
	}
	noun := "shards"
	if s.shards == 1 {
		noun = "shard"
	}
	s.say("Created stream %s with %d %s", s.target.name, s.shards, noun)
	return nil
}

// final returns the error that ends a run: the signal's where there was one, else one sentence, with the exit code for errors
// that cannot pass where the error is such a one.
func final(ctx context.Context, err error, what string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	explained := awsclient.Explain(err, what)
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing || awsclient.Permanent(err) {
		return exit.With(exit.Usage, explained)
	}
	return explained
}
