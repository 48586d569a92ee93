package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/bootstrap/policy"
	"clickstream/internal/delivery"
)

// errNotAsked is a trial's answer where nothing could be asked.
var errNotAsked = errors.New("not asked")

// nothing is the key of an item that no table has.
const nothing = "clickstream-bootstrap-doctor"

// trials are the calls, by the statement and the action that they need.
func (e *examination) trials(names *policy.Names, wanted *policy.Document) []trial {
	all := e.streamTrials()
	for _, table := range []struct{ sid, name, key string }{
		{policy.LeaseTable, e.tables.Leases, leaseKey},
		{policy.Coordinator, e.tables.Coordinator, "key"},
		{policy.Workers, e.tables.Metrics, "wid"},
	} {
		all = append(all, e.tableTrials(table.sid, table.name, table.key)...)
	}
	all = append(all, trial{policy.LeaseIndex, "dynamodb:Query", func(ctx context.Context) error {
		_, err := e.clients.DynamoDB.Query(ctx, &dynamodb.QueryInput{
			TableName: &e.tables.Leases, IndexName: aws.String(policy.IndexName), KeyConditionExpression: aws.String("leaseOwner = :owner"),
			ExpressionAttributeValues: map[string]dynamodbtypes.AttributeValue{":owner": &dynamodbtypes.AttributeValueMemberS{Value: nothing}},
		})
		return err
	}})
	all = append(all, trial{policy.Metrics, "cloudwatch:PutMetricData", func(context.Context) error { return e.measured }})
	if !e.bucketThere {
		return all // S3 says that there is none to anybody
	}
	return append(all, e.bucketTrials(names.Bucket, sampleKey(names.Bucket, wanted))...)
}

// sampleKey is a key like those of data objects, which none has.
func sampleKey(bucket string, wanted *policy.Document) string {
	for _, statement := range wanted.Statement {
		if statement.Sid == policy.Objects {
			_, key, _ := strings.Cut(statement.Resource[0], bucket+"/")
			return strings.ReplaceAll(key, "*", nothing)
		}
	}
	return nothing
}

func (e *examination) streamTrials() []trial {
	name, arn := e.ids()
	iterator := func(ctx context.Context) (*string, error) {
		shard := "shardId-000000000000"
		if len(e.shards) > 0 {
			shard = e.shards[0]
		}
		out, err := e.clients.Kinesis.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: name, StreamARN: arn, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeLatest,
		})
		if err != nil {
			return nil, err
		}
		return out.ShardIterator, nil
	}
	return []trial{
		{policy.Stream, "kinesis:DescribeStreamSummary", func(ctx context.Context) error {
			_, err := e.clients.Kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: name, StreamARN: arn})
			return err
		}},
		{policy.Stream, "kinesis:ListShards", func(ctx context.Context) error {
			_, err := e.clients.Kinesis.ListShards(ctx, &kinesis.ListShardsInput{StreamName: name, StreamARN: arn, MaxResults: aws.Int32(1)})
			return err
		}},
		{policy.Stream, "kinesis:GetShardIterator", func(ctx context.Context) error {
			_, err := iterator(ctx)
			return err
		}},
		{policy.Stream, "kinesis:GetRecords", func(ctx context.Context) error {
			at, err := iterator(ctx)
			if err != nil {
				return errNotAsked
			}
			_, err = e.clients.Kinesis.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: at, Limit: aws.Int32(1)})
			return err
		}},
	}
}

// tableTrials never change a table: the condition of each write is one that no item meets.
func (e *examination) tableTrials(sid, table, key string) []trial {
	client := e.clients.DynamoDB
	item := map[string]dynamodbtypes.AttributeValue{key: &dynamodbtypes.AttributeValueMemberS{Value: nothing}}
	unmet, names := aws.String("attribute_exists(#key)"), map[string]string{"#key": key}
	return []trial{
		{sid, "dynamodb:DescribeTable", func(ctx context.Context) error {
			_, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
			return err
		}},
		{sid, "dynamodb:Scan", func(ctx context.Context) error {
			_, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &table, Limit: aws.Int32(1)})
			return err
		}},
		{sid, "dynamodb:GetItem", func(ctx context.Context) error {
			_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: item})
			return err
		}},
		{sid, "dynamodb:PutItem", func(ctx context.Context) error {
			_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item, ConditionExpression: unmet, ExpressionAttributeNames: names})
			return err
		}},
		{sid, "dynamodb:UpdateItem", func(ctx context.Context) error {
			_, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table, Key: item, ConditionExpression: unmet, ExpressionAttributeNames: names})
			return err
		}},
		{sid, "dynamodb:DeleteItem", func(ctx context.Context) error {
			_, err := client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: item, ConditionExpression: unmet, ExpressionAttributeNames: names})
			return err
		}},
	}
}

// bucketTrials only read. Whether objects may be written the probe has shown, under its own prefix.
func (e *examination) bucketTrials(bucket, sample string) []trial {
	get := func(key string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := e.clients.S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
			return err
		}
	}
	application := e.settings.ApplicationName
	all := []trial{
		{policy.Bucket, "s3:ListBucket", func(ctx context.Context) error {
			_, err := e.clients.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
			return err
		}},
		{policy.Bucket, "s3:GetLifecycleConfiguration", func(ctx context.Context) error {
			_, err := e.clients.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &bucket})
			return err
		}},
		{policy.Objects, "s3:GetObject", get(sample)},
		{policy.Claims, "s3:GetObject", get(delivery.ClaimKey(application, "shardId-"+nothing, delivery.Position{}))},
		{policy.Markers, "s3:GetObject", get(delivery.OwnerKey)},
		{policy.Probe, "s3:GetObject", get(delivery.ProbePrefix + nothing)},
		{policy.Probe, "s3:PutObject", func(context.Context) error { return e.wrote }},
		{policy.Probe, "s3:DeleteObject", func(context.Context) error { return e.removed }},
	}
	if template, err := delivery.ParseTemplate(e.settings.KeyTemplate); err == nil && template.Separates() {
		all = append(all, trial{policy.Markers, "s3:GetObject", get(delivery.ApplicationKey(application))})
	}
	return all
}
