package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"clickstream/e2e"
)

// question is a call whose answer a command depends on.
type question struct {
	name string
	// ask makes the call; what it returns, or the code of its error, is the answer.
	ask func(ctx context.Context, app *e2e.App) (string, error)
	// want is what AWS answers, and so does the emulator.
	want string
	// localstack is what LocalStack 4.14.0 answers where that is something else; docs/emulator.md explains it.
	localstack string
}

// testAnswers asks what the commands depend on, one question at a time.
func testAnswers(s *scene) {
	app := s.app(map[string]string{"shards": "2"})
	createStream(s.T, app, 2)
	createTable(s.T, app, app.Name, "leaseKey")
	_, err := app.S3.CreateBucket(s.Context(), &s3.CreateBucketInput{Bucket: &app.Name})
	if err != nil {
		s.Fatal(err)
	}
	put(s.T, app, "one")
	for _, q := range append(kinesisQuestions(), append(dynamoDBQuestions(), s3Questions()...)...) {
		s.Run(q.name, func(t *testing.T) {
			got := throttled
			for range 5 { // LocalStack refuses at random
				if got == throttled {
					got = answer(q.ask(t.Context(), app))
				}
			}
			want := q.want
			if s.at.Name == "localstack" && q.localstack != "" {
				want = q.localstack
			}
			if got != want {
				t.Errorf("the answer is %s, want %s", got, want)
			}
		})
	}
}

const throttled = "ProvisionedThroughputExceededException"

func answer(text string, err error) string {
	if failed, ok := errors.AsType[smithy.APIError](err); ok {
		return failed.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return text
}

func kinesisQuestions() []question {
	missing := aws.String("there-is-no-such-stream")
	iterator := func(ctx context.Context, app *e2e.App, in kinesis.GetShardIteratorInput) (string, error) {
		in.StreamName = &app.Name
		in.ShardId = aws.String("shardId-000000000000")
		_, err := app.Kinesis.GetShardIterator(ctx, &in)
		return "an iterator", err
	}
	return []question{
		{name: "stream that is not there", want: "ResourceNotFoundException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.Kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: missing})
			return "a stream", err
		}},
		{name: "stream that is there created", want: "ResourceInUseException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.Kinesis.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &app.Name, ShardCount: aws.Int32(1)})
			return "created", err
		}},
		{name: "open shard's end", want: "none", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			out, err := app.Kinesis.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &app.Name})
			if err != nil || out.Shards[0].SequenceNumberRange.EndingSequenceNumber == nil {
				return "none", err
			}
			return *out.Shards[0].SequenceNumberRange.EndingSequenceNumber, nil
		}},
		{name: "iterator that nobody made", want: "InvalidArgumentException", localstack: "500", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.Kinesis.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: aws.String("AAAA")})
			return "records", err
		}},
		{name: "iterator behind a sequence number that is none", want: "InvalidArgumentException", localstack: "ResourceNotFoundException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			return iterator(ctx, app, kinesis.GetShardIteratorInput{ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: aws.String("12")})
		}},
		{name: "iterator at no shard", want: "ResourceNotFoundException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.Kinesis.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
				StreamName: &app.Name, ShardId: aws.String("shardId-000000000009"), ShardIteratorType: "TRIM_HORIZON",
			})
			return "an iterator", err
		}},
		{name: "PutRecords of 501 records", want: "ValidationException", localstack: "stored", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			records := make([]kinesistypes.PutRecordsRequestEntry, 501)
			for i := range records {
				records[i] = kinesistypes.PutRecordsRequestEntry{Data: []byte("x"), PartitionKey: aws.String("k")}
			}
			_, err := app.Kinesis.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &app.Name, Records: records})
			return "stored", err
		}},
		{name: "hash key beyond the last", want: "InvalidArgumentException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.Kinesis.PutRecord(ctx, &kinesis.PutRecordInput{
				StreamName: &app.Name, Data: []byte("x"), PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("340282366920938463463374607431768211456"),
			})
			return "stored", err
		}},
		{
			name: "hash keys of the first of two shards", want: "0-170141183460469231731687303715884105727",
			localstack: "0-170141183460469231731687303715884105726", ask: func(ctx context.Context, app *e2e.App) (string, error) {
				out, err := app.Kinesis.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &app.Name})
				if err != nil {
					return "", err
				}
				return *out.Shards[0].HashKeyRange.StartingHashKey + "-" + *out.Shards[0].HashKeyRange.EndingHashKey, nil
			},
		},
		{name: "sequence numbers' digits", want: "56", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			out, err := app.Kinesis.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &app.Name})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(len(*out.Shards[0].SequenceNumberRange.StartingSequenceNumber)), nil
		}},
		{name: "shards at trim horizon", want: "2 shards", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			out, err := app.Kinesis.ListShards(ctx, &kinesis.ListShardsInput{
				StreamName: &app.Name, ShardFilter: &kinesistypes.ShardFilter{Type: kinesistypes.ShardFilterTypeAtTrimHorizon},
			})
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%d shards", len(out.Shards)), nil
		}},
		{name: "three times the shards", want: "InvalidArgumentException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.Kinesis.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{
				StreamName: &app.Name, TargetShardCount: aws.Int32(6), ScalingType: kinesistypes.ScalingTypeUniformScaling,
			})
			return "updating", err
		}},
		{name: "split at a shard's start", want: "InvalidArgumentException", localstack: "splitting", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.Kinesis.SplitShard(ctx, &kinesis.SplitShardInput{
				StreamName: &app.Name, ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: aws.String("0"),
			})
			return "splitting", err
		}},
		{name: "stream deleted that is not there", want: "ResourceNotFoundException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.Kinesis.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: missing})
			return "deleted", err
		}},
		{name: "record retention", want: "24", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			out, err := app.Kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &app.Name})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(aws.ToInt32(out.StreamDescriptionSummary.RetentionPeriodHours)), nil
		}},
	}
}

func dynamoDBQuestions() []question {
	key := map[string]dynamodbtypes.AttributeValue{"leaseKey": &dynamodbtypes.AttributeValueMemberS{Value: "shard"}}
	update := func(expression, condition string) *dynamodb.UpdateItemInput {
		return &dynamodb.UpdateItemInput{Key: key, UpdateExpression: &expression, ConditionExpression: &condition}
	}
	return []question{
		{name: "table that is not there", want: "ResourceNotFoundException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("there-is-no-such-table")})
			return "a table", err
		}},
		{name: "table that is there created", want: "ResourceInUseException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
				TableName: &app.Name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
				AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: "S"}},
				KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: "HASH"}},
			})
			return "created", err
		}},
		{name: "item put whose condition fails", want: "ConditionalCheckFailedException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{
				TableName: &app.Name, Item: key, ConditionExpression: aws.String("attribute_exists(leaseKey)"),
			})
			return "put", err
		}},
		{name: "item updated whose condition fails", want: "ConditionalCheckFailedException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			in := update("SET a = leaseKey", "attribute_exists(leaseKey)")
			in.TableName = &app.Name
			_, err := app.DynamoDB.UpdateItem(ctx, in)
			return "updated", err
		}},
		{name: "expression that is none", want: "ValidationException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			in := update("SETT a", "attribute_exists(leaseKey)")
			in.TableName = &app.Name
			_, err := app.DynamoDB.UpdateItem(ctx, in)
			return "updated", err
		}},
		{name: "scan of a table that is not there", want: "ResourceNotFoundException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.DynamoDB.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("there-is-no-such-table")})
			return "items", err
		}},
		{name: "table without a name deleted", want: "ResourceNotFoundException", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String("there-is-no-such-table")})
			return "deleted", err
		}},
	}
}

func s3Questions() []question {
	putObject := func(ctx context.Context, app *e2e.App, bucket string) error {
		_, err := app.S3.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &bucket, Key: aws.String("key"), Body: strings.NewReader("body"), IfNoneMatch: aws.String("*"), Metadata: map[string]string{"digest": "abc"},
		})
		return err
	}
	return []question{
		{name: "bucket that is not there", want: "NotFound", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(app.Name + "-none")})
			return "a bucket", err
		}},
		{name: "listing of a bucket that is not there", want: "NoSuchBucket", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.S3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String(app.Name + "-none")})
			return "objects", err
		}},
		{name: "object put into a bucket that is not there", want: "NoSuchBucket", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			return "stored", putObject(ctx, app, app.Name+"-none")
		}},
		{name: "own bucket created again in us-east-1", want: "created", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &app.Name})
			return "created", err
		}},
		{name: "object put with If-None-Match", want: "stored", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			return "stored", putObject(ctx, app, app.Name)
		}},
		{name: "object put with If-None-Match again", want: "PreconditionFailed", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			return "stored", putObject(ctx, app, app.Name)
		}},
		{name: "metadata of an object", want: "abc", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			out, err := app.S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &app.Name, Key: aws.String("key")})
			if err != nil {
				return "", err
			}
			return out.Metadata["digest"], nil
		}},
		{name: "object that is not there", want: "NoSuchKey", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &app.Name, Key: aws.String("none")})
			return "an object", err
		}},
		{name: "bucket deleted with objects in it", want: "BucketNotEmpty", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.S3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &app.Name})
			return "deleted", err
		}},
		{name: "lifecycle of a bucket without one", want: "NoSuchLifecycleConfiguration", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &app.Name})
			return "rules", err
		}},
		{name: "object of another account's bucket", want: "AccessDenied", localstack: "the object", ask: func(ctx context.Context, app *e2e.App) (string, error) {
			_, err := app.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &app.Name, Key: aws.String("key")}, func(o *s3.Options) {
				o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
					return aws.Credentials{AccessKeyID: "123456789012", SecretAccessKey: "test"}, nil
				})
			})
			return "the object", err
		}},
	}
}
