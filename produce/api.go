package produce

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/producer"
)

// API is what produce calls; *kinesis.Client is one.
type API interface {
	producer.API
	CreateStream(context.Context, *kinesis.CreateStreamInput, ...func(*kinesis.Options)) (*kinesis.CreateStreamOutput, error)
}

// target names the stream in a request: by ARN where one is set, which alone reaches a stream of another account.
type target struct{ name, arn string }

func (t target) ids() (name, arn *string) {
	if t.arn != "" {
		return nil, &t.arn
	}
	return &t.name, nil
}

// passes reports whether an error may go away by itself, so that the same call is worth making again.
func passes(err error) bool {
	return !awsclient.Permanent(err) && producer.Passes(err)
}

// refusal is the error of a request that cannot pass.
func (t target) refusal(err error) error {
	return exit.With(exit.Usage, awsclient.Explain(err, "put records into stream "+t.name))
}

// trouble says what a warning of the producer means.
func (t target) trouble(kind string, err error) error {
	switch kind {
	case "request":
		return fmt.Errorf("%w; sending the records again", awsclient.Explain(err, "put records into stream "+t.name))
	case "record":
		return fmt.Errorf("stream %s refuses records for now (%w); sending them again", t.name, err)
	default:
		return fmt.Errorf("stream %s: %w", t.name, err)
	}
}
