package sdks_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// script is the conformance script by aws-sdk-go-v2.
type script struct {
	*testing.T
	kinesis    *kinesis.Client
	dynamodb   *dynamodb.Client
	s3         *s3.Client
	cloudwatch *cloudwatch.Client
	transcript strings.Builder
}

const (
	stream = "clicks"
	first  = "shardId-000000000000"
	middle = "170141183460469231731687303715884105728"
)

func runGo(t *testing.T, endpoint string) string {
	t.Helper()
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	s := &script{
		T: t, kinesis: kinesis.NewFromConfig(config), dynamodb: dynamodb.NewFromConfig(config), cloudwatch: cloudwatch.NewFromConfig(config),
		s3: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
	}
	arn := s.putAndGet()
	s.reshard()
	s.fanOut(arn)
	s.leases()
	s.objects()
	s.metrics()
	s.clean()
	return s.transcript.String()
}

// say writes a line of what is not empty.
func (s *script) say(words ...any) {
	var shown []string
	for _, word := range words {
		if text := fmt.Sprint(word); text != "" {
			shown = append(shown, text)
		}
	}
	s.transcript.WriteString(strings.Join(shown, " ") + "\n")
}

// done returns a reply, or ends the test.
func done[Out any](s *script) func(*Out, error) *Out {
	return func(out *Out, err error) *Out {
		s.Helper()
		if err != nil {
			s.Fatal(err)
		}
		return out
	}
}

func refused(err error) string {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		return refusal.ErrorCode()
	}
	return fmt.Sprint(err)
}

func data(records []types.Record) string {
	var all []string
	for _, record := range records {
		all = append(all, string(record.Data))
	}
	return strings.Join(all, " ")
}

func children(shards []types.ChildShard) string {
	if len(shards) == 0 {
		return ""
	}
	text := "then"
	for _, child := range shards {
		text += " " + *child.ShardId
	}
	return text
}

func (s *script) put(content, at string) string {
	in := &kinesis.PutRecordInput{StreamName: aws.String(stream), Data: []byte(content), PartitionKey: aws.String("k"), ExplicitHashKey: &at}
	return *done[kinesis.PutRecordOutput](s)(s.kinesis.PutRecord(s.Context(), in)).ShardId
}

func (s *script) iterator(in kinesis.GetShardIteratorInput) *string {
	in.StreamName = aws.String(stream)
	if in.ShardId == nil {
		in.ShardId = aws.String(first)
	}
	return done[kinesis.GetShardIteratorOutput](s)(s.kinesis.GetShardIterator(s.Context(), &in)).ShardIterator
}

func (s *script) records(iterator *string) *kinesis.GetRecordsOutput {
	return done[kinesis.GetRecordsOutput](s)(s.kinesis.GetRecords(s.Context(), &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(3)}))
}

func (s *script) putAndGet() *string {
	name := aws.String(stream)
	done[kinesis.CreateStreamOutput](s)(s.kinesis.CreateStream(s.Context(), &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(2)}))
	if err := kinesis.NewStreamExistsWaiter(s.kinesis).Wait(s.Context(), &kinesis.DescribeStreamInput{StreamName: name}, time.Minute); err != nil {
		s.Fatal(err)
	}
	summary := done[kinesis.DescribeStreamSummaryOutput](s)(
		s.kinesis.DescribeStreamSummary(s.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: name})).StreamDescriptionSummary
	s.say("create", summary.StreamStatus, *summary.OpenShardCount)
	s.say("put", s.put("one", "0"))
	in := &kinesis.PutRecordsInput{StreamName: name}
	for _, entry := range [][2]string{{"two", "0"}, {"three", middle}, {"four", "0"}} {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: []byte(entry[0]), PartitionKey: aws.String("k"), ExplicitHashKey: &entry[1]})
	}
	batch := done[kinesis.PutRecordsOutput](s)(s.kinesis.PutRecords(s.Context(), in))
	s.say("put batch", *batch.FailedRecordCount, *batch.Records[0].ShardId, *batch.Records[1].ShardId, *batch.Records[2].ShardId)
	second := batch.Records[0].SequenceNumber
	for _, in := range []kinesis.GetShardIteratorInput{
		{ShardIteratorType: types.ShardIteratorTypeTrimHorizon},
		{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: second},
		{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: second},
		{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: aws.Time(time.Unix(1, 0))},
	} {
		s.say("get", in.ShardIteratorType, data(s.records(s.iterator(in)).Records))
	}
	latest := s.iterator(kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest})
	s.put("five", "0")
	s.say("get LATEST", data(s.records(latest).Records))
	return summary.StreamARN
}

func (s *script) listShards() {
	for _, shard := range done[kinesis.ListShardsOutput](s)(s.kinesis.ListShards(s.Context(), &kinesis.ListShardsInput{StreamName: aws.String(stream)})).Shards {
		orDash := func(name *string) string {
			if name == nil {
				return "-"
			}
			return *name
		}
		state := "open"
		if shard.SequenceNumberRange.EndingSequenceNumber != nil {
			state = "closed"
		}
		s.say("shard", *shard.ShardId, orDash(shard.ParentShardId), orDash(shard.AdjacentParentShardId), state,
			*shard.HashKeyRange.StartingHashKey+"-"+*shard.HashKeyRange.EndingHashKey)
	}
}

func (s *script) reshard() {
	done[kinesis.SplitShardOutput](s)(s.kinesis.SplitShard(s.Context(), &kinesis.SplitShardInput{
		StreamName: aws.String(stream), ShardToSplit: aws.String(first), NewStartingHashKey: aws.String("1000"),
	}))
	s.say("split")
	s.listShards()
	done[kinesis.MergeShardsOutput](s)(s.kinesis.MergeShards(s.Context(), &kinesis.MergeShardsInput{
		StreamName: aws.String(stream), ShardToMerge: aws.String("shardId-000000000002"), AdjacentShardToMerge: aws.String("shardId-000000000003"),
	}))
	s.say("merge")
	s.listShards()
	s.put("six", "0")
	for _, number := range []int{0, 2, 3, 4} {
		shard := fmt.Sprintf("shardId-%012d", number)
		words := []any{"read", shard}
		at := s.iterator(kinesis.GetShardIteratorInput{ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		for at != nil {
			reply := s.records(at)
			words = append(words, data(reply.Records), children(reply.ChildShards))
			at = reply.NextShardIterator
			if *reply.MillisBehindLatest == 0 && len(reply.Records) == 0 {
				break
			}
		}
		s.say(words...)
	}
}

func (s *script) fanOut(arn *string) {
	done[kinesis.RegisterStreamConsumerOutput](s)(
		s.kinesis.RegisterStreamConsumer(s.Context(), &kinesis.RegisterStreamConsumerInput{StreamARN: arn, ConsumerName: aws.String("fan")}))
	var consumer *types.ConsumerDescription
	for consumer == nil || consumer.ConsumerStatus != types.ConsumerStatusActive {
		consumer = done[kinesis.DescribeStreamConsumerOutput](s)(
			s.kinesis.DescribeStreamConsumer(s.Context(), &kinesis.DescribeStreamConsumerInput{StreamARN: arn, ConsumerName: aws.String("fan")})).ConsumerDescription
	}
	s.say("consumer", *consumer.ConsumerName, consumer.ConsumerStatus)
	events := done[kinesis.SubscribeToShardOutput](s)(s.kinesis.SubscribeToShard(s.Context(), &kinesis.SubscribeToShardInput{
		ConsumerARN: consumer.ConsumerARN, ShardId: aws.String(first), StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon},
	})).GetStream()
	for event := range events.Events() {
		if pushed, ok := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); ok {
			s.say("fan-out", data(pushed.Value.Records), children(pushed.Value.ChildShards))
		}
	}
	if err := events.Err(); err != nil {
		s.Fatal(err)
	}
	done[kinesis.DeregisterStreamConsumerOutput](s)(
		s.kinesis.DeregisterStreamConsumer(s.Context(), &kinesis.DeregisterStreamConsumerInput{ConsumerARN: consumer.ConsumerARN}))
	_, err := s.kinesis.DescribeStreamSummary(s.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("nowhere")})
	if missing, ok := errors.AsType[smithy.APIError](err); ok {
		s.say("missing", missing.ErrorCode(), missing.ErrorMessage())
	}
}

func (s *script) leases() {
	name := aws.String("leases")
	key := map[string]dynamodbtypes.AttributeValue{"leaseKey": &dynamodbtypes.AttributeValueMemberS{Value: "a"}}
	number := func(text string) dynamodbtypes.AttributeValue {
		return &dynamodbtypes.AttributeValueMemberN{Value: text}
	}
	done[dynamodb.CreateTableOutput](s)(s.dynamodb.CreateTable(s.Context(), &dynamodb.CreateTableInput{
		TableName: name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("leaseKey"), KeyType: dynamodbtypes.KeyTypeHash}},
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("leaseKey"), AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
	}))
	s.say("table", done[dynamodb.DescribeTableOutput](s)(s.dynamodb.DescribeTable(s.Context(), &dynamodb.DescribeTableInput{TableName: name})).Table.TableStatus)
	done[dynamodb.PutItemOutput](s)(s.dynamodb.PutItem(s.Context(), &dynamodb.PutItemInput{
		TableName: name, Item: map[string]dynamodbtypes.AttributeValue{"leaseKey": key["leaseKey"], "leaseCounter": number("1")},
	}))
	update := &dynamodb.UpdateItemInput{
		TableName: name, Key: key, UpdateExpression: aws.String("SET leaseCounter = :new"), ConditionExpression: aws.String("leaseCounter = :old"),
		ExpressionAttributeValues: map[string]dynamodbtypes.AttributeValue{":old": number("1"), ":new": number("2")}, ReturnValues: dynamodbtypes.ReturnValueAllNew,
	}
	show := func(value dynamodbtypes.AttributeValue) string {
		switch value := value.(type) {
		case *dynamodbtypes.AttributeValueMemberN:
			return value.Value
		case *dynamodbtypes.AttributeValueMemberS:
			return value.Value
		default:
			return fmt.Sprintf("%T", value)
		}
	}
	s.say("update won", show(done[dynamodb.UpdateItemOutput](s)(s.dynamodb.UpdateItem(s.Context(), update)).Attributes["leaseCounter"]))
	_, err := s.dynamodb.UpdateItem(s.Context(), update)
	s.say("update lost", refused(err))
	item := done[dynamodb.GetItemOutput](s)(s.dynamodb.GetItem(s.Context(), &dynamodb.GetItemInput{TableName: name, Key: key, ConsistentRead: aws.Bool(true)})).Item
	s.say("item", show(item["leaseKey"]), show(item["leaseCounter"]))
}

func (s *script) objects() {
	bucket, key := aws.String("batches"), aws.String("a/key")
	put := func(content string, ifNoneMatch, ifMatch *string) (*s3.PutObjectOutput, error) {
		return s.s3.PutObject(s.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader(content), IfNoneMatch: ifNoneMatch, IfMatch: ifMatch})
	}
	done[s3.CreateBucketOutput](s)(s.s3.CreateBucket(s.Context(), &s3.CreateBucketInput{Bucket: bucket}))
	etag := done[s3.PutObjectOutput](s)(put("first", aws.String("*"), nil)).ETag
	s.say("object won")
	_, err := put("second", aws.String("*"), nil)
	s.say("object lost", refused(err))
	got := done[s3.GetObjectOutput](s)(s.s3.GetObject(s.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key}))
	body, err := io.ReadAll(got.Body)
	if err = errors.Join(err, got.Body.Close()); err != nil {
		s.Fatal(err)
	}
	s.say("object", string(body))
	done[s3.PutObjectOutput](s)(put("third", nil, etag))
	s.say("object replaced")
	_, err = put("fourth", nil, etag)
	s.say("object not replaced", refused(err))
	words := []any{"keys"}
	for _, found := range done[s3.ListObjectsV2Output](s)(s.s3.ListObjectsV2(s.Context(), &s3.ListObjectsV2Input{Bucket: bucket})).Contents {
		words = append(words, *found.Key)
	}
	s.say(words...)
}

func (s *script) metrics() {
	done[cloudwatch.PutMetricDataOutput](s)(s.cloudwatch.PutMetricData(s.Context(), &cloudwatch.PutMetricDataInput{
		Namespace: aws.String("clicks"), MetricData: []cloudwatchtypes.MetricDatum{{
			MetricName: aws.String("stored"), Value: aws.Float64(1.5), Dimensions: []cloudwatchtypes.Dimension{{Name: aws.String("shard"), Value: aws.String("0")}},
		}},
	}))
	for _, metric := range done[cloudwatch.ListMetricsOutput](s)(s.cloudwatch.ListMetrics(s.Context(), &cloudwatch.ListMetricsInput{Namespace: aws.String("clicks")})).Metrics {
		s.say("metric", *metric.MetricName, *metric.Dimensions[0].Name, *metric.Dimensions[0].Value)
	}
}

func (s *script) clean() {
	bucket := aws.String("batches")
	done[s3.DeleteObjectOutput](s)(s.s3.DeleteObject(s.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("a/key")}))
	done[s3.DeleteBucketOutput](s)(s.s3.DeleteBucket(s.Context(), &s3.DeleteBucketInput{Bucket: bucket}))
	done[dynamodb.DeleteTableOutput](s)(s.dynamodb.DeleteTable(s.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("leases")}))
	name := aws.String(stream)
	done[kinesis.DeleteStreamOutput](s)(s.kinesis.DeleteStream(s.Context(), &kinesis.DeleteStreamInput{StreamName: name}))
	if err := kinesis.NewStreamNotExistsWaiter(s.kinesis).Wait(s.Context(), &kinesis.DescribeStreamInput{StreamName: name}, time.Minute); err != nil {
		s.Fatal(err)
	}
	streams := done[kinesis.ListStreamsOutput](s)(s.kinesis.ListStreams(s.Context(), &kinesis.ListStreamsInput{})).StreamNames
	tables := done[dynamodb.ListTablesOutput](s)(s.dynamodb.ListTables(s.Context(), &dynamodb.ListTablesInput{})).TableNames
	buckets := done[s3.ListBucketsOutput](s)(s.s3.ListBuckets(s.Context(), &s3.ListBucketsInput{})).Buckets
	s.say("left", len(streams), len(tables), len(buckets))
}
