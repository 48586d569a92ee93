package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// DescribeStreamConsumer: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamConsumer.html
// Kept: consumers by ARN or by name and stream.
// Left out: nothing.

// DescribeStreamConsumerInput is what DescribeStreamConsumer takes.
type DescribeStreamConsumerInput struct{ ConsumerTarget }

// DescribeStreamConsumerOutput is what DescribeStreamConsumer answers.
type DescribeStreamConsumerOutput struct{ ConsumerDescription ConsumerDescription }

// ConsumerDescription describes a consumer and says whose it is.
type ConsumerDescription struct {
	Consumer
	StreamARN string
}

func (s *Service) describeStreamConsumer(scope wire.Scope, in *DescribeStreamConsumerInput) (*DescribeStreamConsumerOutput, error) {
	now := s.now()
	st, one, err := s.lockConsumer(scope, &in.ConsumerTarget, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	return &DescribeStreamConsumerOutput{ConsumerDescription{Consumer: st.describeConsumer(one, now), StreamARN: st.arn()}}, nil
}
