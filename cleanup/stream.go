package cleanup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithy "github.com/aws/smithy-go"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
)

const namedConsumers = 3 // so many consumers are named in the plan, more are counted

// ids are how requests name the stream: by its ARN where that is set.
func (c *cleaner) ids() (name, arn *string) {
	if c.Settings.StreamArn != "" {
		return nil, &c.Settings.StreamArn
	}
	return &c.Settings.StreamName, nil
}

func (c *cleaner) summary(ctx context.Context) (*types.StreamDescriptionSummary, error) {
	name, arn := c.ids()
	out, err := c.clients.Kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: name, StreamARN: arn})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil, nil //nolint:nilnil // no stream is an answer, not a failure
	}
	if err != nil {
		return nil, awsclient.Explain(err, "look at stream "+c.Settings.StreamName)
	}
	return out.StreamDescriptionSummary, nil
}

// stream looks at the stream and says in the plan what shows whose it is: anybody may have made one of that name.
func (c *cleaner) stream(ctx context.Context) ([]step, error) {
	summary, err := c.summary(ctx)
	if err != nil || summary == nil || summary.StreamStatus == types.StreamStatusDeleting {
		return nil, err
	}
	detail := fmt.Sprintf("%d open shards with all their records", aws.ToInt32(summary.OpenShardCount))
	if made := summary.StreamCreationTimestamp; made != nil {
		detail += ", made " + made.UTC().Format(time.DateTime) + " UTC"
	}
	if aws.ToInt32(summary.ConsumerCount) > 0 {
		consumers, err := c.consumers(ctx, aws.ToString(summary.StreamARN))
		if err != nil {
			return nil, err
		}
		detail += fmt.Sprintf(", and its %d registered consumers: %s", aws.ToInt32(summary.ConsumerCount), consumers)
	}
	return []step{{
		name: "stream " + c.Settings.StreamName, detail: detail + c.origin(ctx), delete: c.deleteStream,
	}}, nil
}

// consumers names some of the consumers that go with the stream, which other applications may read by.
func (c *cleaner) consumers(ctx context.Context, arn string) (string, error) {
	out, err := c.clients.Kinesis.ListStreamConsumers(ctx, &kinesis.ListStreamConsumersInput{StreamARN: &arn})
	if err != nil {
		return "", awsclient.Explain(err, "list the consumers of stream "+c.Settings.StreamName)
	}
	var names []string
	for _, consumer := range out.Consumers {
		if len(names) == namedConsumers {
			names = append(names, "...")
			break
		}
		names = append(names, aws.ToString(consumer.ConsumerName))
	}
	return strings.Join(names, " "), nil
}

// origin says what shows that the stream is clickstream's: a tag that produce gave it, or the marker of the bucket that it is stored in. What
// may not be looked at shows nothing.
func (c *cleaner) origin(ctx context.Context) string {
	name, arn := c.ids()
	out, err := c.clients.Kinesis.ListTagsForStream(ctx, &kinesis.ListTagsForStreamInput{StreamName: name, StreamARN: arn})
	if err != nil {
		out = &kinesis.ListTagsForStreamOutput{}
	}
	for _, tag := range out.Tags {
		if aws.ToString(tag.Key) == delivery.StreamTag {
			return "; clickstream " + aws.ToString(tag.Value) + " made it, as its tag says"
		}
	}
	if c.stored(ctx) {
		return "; application " + c.Settings.ApplicationName + " stores it, as the bucket's marker says"
	}
	return "; nothing says that it is clickstream's: look whether it is the one that you mean"
}

// stored reports whether a marker in the bucket names this application and stream.
func (c *cleaner) stored(ctx context.Context) bool {
	name, err := c.clients.Bucket(ctx, c.Settings)
	if err != nil {
		return false
	}
	b := &objects{client: c.clients.S3, bucket: name}
	ours := delivery.Owner{Application: c.Settings.ApplicationName, Stream: c.Settings.StreamName}
	for _, key := range []string{delivery.OwnerKey, delivery.ApplicationKey(ours.Application)} {
		if owner, err := b.owner(ctx, key); err == nil && owner != nil && *owner == ours {
			return true
		}
	}
	return false
}

// deleteStream deletes the stream with its consumers and waits until it is gone.
func (c *cleaner) deleteStream(ctx context.Context) error {
	doing := "delete stream " + c.Settings.StreamName
	name, arn := c.ids()
	_, err := c.clients.Kinesis.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: name, StreamARN: arn, EnforceConsumerDeletion: aws.Bool(true)})
	if answer, ok := errors.AsType[smithy.APIError](err); ok && answer.ErrorCode() == "ResourceNotFoundException" {
		return nil
	}
	if err != nil {
		return awsclient.Explain(err, doing)
	}
	return awsclient.Explain(untilGone(ctx, func(ctx context.Context) (bool, error) {
		summary, err := c.summary(ctx)
		return summary == nil, err
	}), doing)
}
