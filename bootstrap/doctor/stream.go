package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/awsclient"
)

const iamRemedy = "allow what clickstream bootstrap iam prints"

// ids are how requests name the stream: by its ARN where that is set.
func (e *examination) ids() (name, arn *string) {
	if e.settings.StreamArn != "" {
		return nil, &e.settings.StreamArn
	}
	return &e.settings.StreamName, nil
}

// stream looks whether the stream is there and can be read.
func (e *examination) stream(ctx context.Context) []Finding {
	if e.noCredentials {
		return one("stream", Skipped, "there are no credentials", "")
	}
	name, arn := e.ids()
	out, err := e.clients.Kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: name, StreamARN: arn})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return one("stream", Fails, fmt.Sprintf("there is no stream %s in %s of this account", e.settings.StreamName, e.clients.Region),
			"clickstream produce creates it; or correct streamName and regionName")
	}
	if err != nil {
		return one("stream", Fails, awsclient.Explain(err, "look at stream "+e.settings.StreamName).Error(), remedyFor(err, "correct the endpoint or the network"))
	}
	summary := out.StreamDescriptionSummary
	e.retention = aws.ToInt32(summary.RetentionPeriodHours)
	text := fmt.Sprintf("%s is %s, %d open shards, keeps records for %d hours, made %s",
		e.settings.StreamName, summary.StreamStatus, aws.ToInt32(summary.OpenShardCount), e.retention, since(summary.StreamCreationTimestamp))
	switch summary.StreamStatus {
	case types.StreamStatusActive, types.StreamStatusUpdating:
	case types.StreamStatusCreating, types.StreamStatusDeleting:
		return one("stream", Fails, text, "wait until it is ACTIVE; one that is being deleted comes back by clickstream produce")
	}
	if e.shards, err = e.listShards(ctx, name, arn); err != nil {
		return one("stream", Fails, awsclient.Explain(err, "list the shards of stream "+e.settings.StreamName).Error(), remedyFor(err, "see the message"))
	}
	return one("stream", OK, text, "")
}

func (e *examination) listShards(ctx context.Context, name, arn *string) ([]string, error) {
	var ids []string
	for in := (&kinesis.ListShardsInput{StreamName: name, StreamARN: arn}); ; {
		out, err := e.clients.Kinesis.ListShards(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, shard := range out.Shards {
			ids = append(ids, aws.ToString(shard.ShardId))
		}
		if out.NextToken == nil {
			return ids, nil
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

// remedyFor is the remedy for want of permission or for bad credentials, or another.
func remedyFor(err error, otherwise string) string {
	if denied(err) {
		return iamRemedy
	}
	return credentialsOr(err, otherwise)
}

// credentialsOr is the remedy for bad credentials, or another.
func credentialsOr(err error, otherwise string) string {
	if awsclient.BadCredentials(err) {
		return "correct the credentials: access key, secret and session token belong together, and to this endpoint"
	}
	return otherwise
}

// since says how long ago something was, as far as one wants to know.
func since(t *time.Time) string {
	if t == nil {
		return "at a time that is not known"
	}
	age := time.Since(*t)
	switch {
	case age < time.Minute:
		return "less than a minute ago"
	case age < 48*time.Hour:
		return age.Truncate(time.Minute).String() + " ago"
	}
	return fmt.Sprintf("%d days ago", int(age.Hours()/24))
}
