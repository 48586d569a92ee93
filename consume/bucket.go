package consume

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"
	"github.com/sirupsen/logrus"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/properties"
)

// Claims must outlive every worker that could still walk by them: the stream's retention, and a week in reserve.
const (
	reserveDays      = 7
	longestRetention = 365 // days, the service's limit; taken where the stream's own is not known
	bucketWait       = 30 * time.Second
	usEast1          = "us-east-1" // the region that CreateBucket takes only unnamed
)

// bucket is the bucket of a run while it is being made ready.
type bucket struct {
	clients  *awsclient.Clients
	settings *properties.Config
	name     string
	log      *logrus.Entry
}

// ensure creates the bucket if it does not exist and createBucketIfNotPresent allows it, with a lifecycle rule for claims. Several
// processes may do so at once. It reports whether this one made the bucket.
func (b *bucket) ensure(ctx context.Context) (created bool, err error) {
	_, err = b.clients.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.name})
	if err == nil || status(err) != http.StatusNotFound || !b.settings.CreateBucketIfNotPresent {
		if status(err) == http.StatusNotFound {
			err = fmt.Errorf("%w: %w", &types.NoSuchBucket{}, err) // HEAD's answer does not say so
		}
		return false, awsclient.Explain(err, "look for bucket "+b.name)
	}
	in := &s3.CreateBucketInput{Bucket: &b.name}
	if region := b.region(); region != usEast1 {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	_, err = b.clients.S3.CreateBucket(ctx, in)
	if answer, ok := errors.AsType[smithy.APIError](err); ok && answer.ErrorCode() == "BucketAlreadyOwnedByYou" {
		err = nil // another child was faster
	} else {
		created = err == nil
	}
	if err != nil {
		return false, awsclient.Explain(err, "create bucket "+b.name)
	}
	waiter := s3.NewBucketExistsWaiter(b.clients.S3)
	if err := waiter.Wait(ctx, &s3.HeadBucketInput{Bucket: &b.name}, bucketWait); err != nil {
		return false, fmt.Errorf("wait for the new bucket %s: %w", b.name, err)
	}
	if created {
		b.log.Infof("bucket %s created in %s", b.name, b.region())
		b.limitClaims(ctx)
	}
	return created, nil
}

func (b *bucket) region() string {
	if b.settings.BucketRegion != "" {
		return b.settings.BucketRegion
	}
	return b.clients.Region
}

// limitClaims sets the rule that removes old claims. Without it they only take up room, so a failure is a warning.
func (b *bucket) limitClaims(ctx context.Context) {
	days := b.claimDays(ctx)
	_, err := b.clients.S3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &b.name,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
			ID:         aws.String("clickstream-claims"),
			Status:     types.ExpirationStatusEnabled,
			Filter:     &types.LifecycleRuleFilter{Prefix: aws.String(delivery.ClaimPrefix)},
			Expiration: &types.LifecycleExpiration{Days: &days},
		}}},
	})
	if err != nil {
		b.log.Warnf("%v; %s", awsclient.Explain(err, "set the rule that removes old claims"), ruleAdvice(days))
	}
}

// adviseClaims is for a bucket that somebody else made: it says which rule claims need, and warns of one that would remove them early.
func (b *bucket) adviseClaims(ctx context.Context) {
	days := b.claimDays(ctx)
	out, err := b.clients.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &b.name})
	if status(err) == http.StatusNotFound {
		out, err = &s3.GetBucketLifecycleConfigurationOutput{}, nil
	}
	if err != nil {
		b.log.Warnf("%v; %s", awsclient.Explain(err, "read the bucket's lifecycle rules"), ruleAdvice(days))
		return
	}
	limited := false
	for _, rule := range out.Rules {
		after, ok := removesClaims(rule)
		if limited = limited || ok; ok && after < days {
			b.log.Errorf("a lifecycle rule of bucket %s removes claims after %d days, but a stopped worker may need them for %d: "+
				"records could be stored twice; %s", b.name, after, days, ruleAdvice(days))
		}
	}
	if !limited {
		b.log.Warnf("bucket %s was not made by clickstream and has no lifecycle rule for claims, which stay for ever; %s", b.name, ruleAdvice(days))
	}
}

// removesClaims tells after how many days a rule removes claims, if it does. Claims have no tags, so a rule for tags does not.
func removesClaims(rule types.LifecycleRule) (days int32, ok bool) {
	if rule.Status != types.ExpirationStatusEnabled || rule.Expiration == nil || rule.Expiration.Days == nil {
		return 0, false
	}
	prefix := aws.ToString(rule.Prefix) //nolint:staticcheck // old rules carry it there
	if rule.Filter != nil {
		prefix = aws.ToString(rule.Filter.Prefix)
		tagged := rule.Filter.Tag != nil
		if and := rule.Filter.And; and != nil {
			prefix, tagged = aws.ToString(and.Prefix), len(and.Tags) > 0
		}
		if tagged {
			return 0, false
		}
	}
	return *rule.Expiration.Days, strings.HasPrefix(delivery.ClaimPrefix, prefix) || strings.HasPrefix(prefix, delivery.ClaimPrefix)
}

func ruleAdvice(days int32) string {
	return fmt.Sprintf("set a lifecycle rule that expires objects under the prefix %s after %d days", delivery.ClaimPrefix, days)
}

// claimDays is how long claims must live.
func (b *bucket) claimDays(ctx context.Context) int32 {
	in := &kinesis.DescribeStreamSummaryInput{StreamName: &b.settings.StreamName}
	if b.settings.StreamArn != "" {
		in = &kinesis.DescribeStreamSummaryInput{StreamARN: &b.settings.StreamArn}
	}
	out, err := b.clients.Kinesis.DescribeStreamSummary(ctx, in)
	if err != nil || out.StreamDescriptionSummary == nil {
		return longestRetention + reserveDays
	}
	hours := aws.ToInt32(out.StreamDescriptionSummary.RetentionPeriodHours)
	return (hours+23)/24 + reserveDays
}
