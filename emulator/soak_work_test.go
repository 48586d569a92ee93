package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	soakShards  = 4
	soakPuts    = 10
	soakRecords = 100 // of each put
)

// prepare makes what all rounds use.
func (s *soak) prepare(ctx context.Context) error {
	_, err := kinesis.NewFromConfig(s.cfg).CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("clicks"), ShardCount: aws.Int32(soakShards)})
	return errors.Join(err, s.table(ctx, "items"))
}

func (s *soak) table(ctx context.Context, name string) error {
	_, err := dynamodb.NewFromConfig(s.cfg).CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: "S"}, {AttributeName: aws.String("r"), AttributeType: "N"}},
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: "HASH"}, {AttributeName: aws.String("r"), KeyType: "RANGE"}},
	})
	return err
}

func shardName(number int) *string { return aws.String(fmt.Sprintf("shardId-%012d", number)) }

// putRecords puts so many records of 512 bytes into a stream.
func putRecords(ctx context.Context, client *kinesis.Client, stream *string, records int) error {
	in := &kinesis.PutRecordsInput{StreamName: stream}
	for i := range records {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: bytes.Repeat([]byte{byte(i)}, 512), PartitionKey: aws.String(strconv.Itoa(i))})
	}
	out, err := client.PutRecords(ctx, in)
	if err == nil && *out.FailedRecordCount > 0 {
		err = fmt.Errorf("%d records were refused", *out.FailedRecordCount)
	}
	return err
}

// readShard reads until so many records came, or to the end of a closed shard.
func readShard(ctx context.Context, client *kinesis.Client, stream, shard *string, enough func(int) bool) error {
	out, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{StreamName: stream, ShardId: shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		return err
	}
	for next, read := out.ShardIterator, 0; next != nil && !enough(read); {
		page, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: next})
		if err != nil {
			return err
		}
		next, read = page.NextShardIterator, len(page.Records)
	}
	return nil
}

func (s *soak) putAndRead(ctx context.Context, _ int) error {
	client := kinesis.NewFromConfig(s.cfg)
	for range soakPuts {
		if err := putRecords(ctx, client, aws.String("clicks"), soakRecords); err != nil {
			return err
		}
	}
	for i := range soakShards {
		if err := readShard(ctx, client, aws.String("clicks"), shardName(i), func(read int) bool { return read > 0 }); err != nil {
			return err
		}
	}
	return nil
}

// fanOut sees all records of the round, pushed by a subscription to each shard.
func (s *soak) fanOut(ctx context.Context, number int) error {
	client := kinesis.NewFromConfig(s.cfg)
	arn := aws.String("arn:aws:kinesis:eu-west-1:000000000000:stream/clicks")
	made, err := client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: arn, ConsumerName: aws.String(fmt.Sprintf("fan%d", number))})
	if err != nil {
		return err
	}
	type push struct{ shard, records int }
	seen := make(chan push)
	reading, cancel := context.WithCancelCause(ctx)
	var pushes sync.WaitGroup
	defer pushes.Wait()
	defer cancel(nil)
	for i := range soakShards {
		pushes.Go(func() {
			// A client for each: those of one client share a decoder, which the race detector reports.
			out, err := kinesis.NewFromConfig(s.cfg).SubscribeToShard(reading, &kinesis.SubscribeToShardInput{
				ConsumerARN: made.Consumer.ConsumerARN, ShardId: shardName(i), StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon},
			})
			if err != nil {
				cancel(err)
				return
			}
			defer func() { _ = out.GetStream().Close() }()
			for event := range out.GetStream().Events() {
				if pushed, ok := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); ok {
					select {
					case seen <- push{i, len(pushed.Value.Records)}:
					case <-reading.Done():
						return
					}
				}
			}
			cancel(fmt.Errorf("the subscription to %s ended: %w", *shardName(i), out.GetStream().Err()))
		})
	}
	var pushed [soakShards]int
	for left := soakPuts * soakRecords; left > 0; {
		select {
		case one := <-seen:
			left -= one.records
			pushed[one.shard] += one.records
		case <-reading.Done(): // after five minutes at the latest
			return fmt.Errorf("of %d records %d were not pushed; of each shard %v were: %w", soakPuts*soakRecords, left, pushed, context.Cause(reading))
		}
	}
	_, err = client.DeregisterStreamConsumer(ctx, &kinesis.DeregisterStreamConsumerInput{ConsumerARN: made.Consumer.ConsumerARN})
	return err
}

// reshard makes a stream, splits and merges its shards, and deletes it.
func (s *soak) reshard(ctx context.Context, number int) error {
	client := kinesis.NewFromConfig(s.cfg)
	name := aws.String(fmt.Sprintf("stream%d", number))
	call := func(calls ...func() error) error {
		for i, one := range calls {
			if err := one(); err != nil {
				return fmt.Errorf("step %d: %w", i, err)
			}
		}
		return nil
	}
	put := func() error { return putRecords(ctx, client, name, soakRecords) }
	return call(
		func() error {
			_, err := client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)})
			return err
		}, put,
		func() error {
			_, err := client.SplitShard(ctx, &kinesis.SplitShardInput{StreamName: name, ShardToSplit: shardName(0), NewStartingHashKey: aws.String("12345")})
			return err
		}, put,
		func() error {
			_, err := client.MergeShards(ctx, &kinesis.MergeShardsInput{StreamName: name, ShardToMerge: shardName(1), AdjacentShardToMerge: shardName(2)})
			return err
		},
		func() error { return readShard(ctx, client, name, shardName(0), func(int) bool { return false }) },
		func() error {
			_, err := client.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{StreamName: name, TargetShardCount: aws.Int32(2), ScalingType: types.ScalingTypeUniformScaling})
			return err
		},
		func() error {
			_, err := client.IncreaseStreamRetentionPeriod(ctx, &kinesis.IncreaseStreamRetentionPeriodInput{StreamName: name, RetentionPeriodHours: aws.Int32(48)})
			return err
		}, put,
		func() error {
			_, err := client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: name})
			return err
		},
		func() error {
			_, err := client.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: name})
			return err
		},
	)
}

// items counts up on conditions, and writes, looks for and deletes items.
func (s *soak) items(ctx context.Context, number int) error {
	client := dynamodb.NewFromConfig(s.cfg)
	key := map[string]dynamodbtypes.AttributeValue{"k": &dynamodbtypes.AttributeValueMemberS{Value: "lease"}, "r": &dynamodbtypes.AttributeValueMemberN{Value: "0"}}
	for i := range 20 {
		if _, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String("items"), Key: key, UpdateExpression: aws.String("SET leaseCounter = :next"),
			ConditionExpression: aws.String("attribute_not_exists(leaseCounter) OR leaseCounter < :next"), ExpressionAttributeValues: map[string]dynamodbtypes.AttributeValue{
				":next": &dynamodbtypes.AttributeValueMemberN{Value: strconv.Itoa(number*20 + i + 1)},
			},
		}); err != nil {
			return err
		}
	}
	for _, write := range []func(map[string]dynamodbtypes.AttributeValue) dynamodbtypes.WriteRequest{
		func(item map[string]dynamodbtypes.AttributeValue) dynamodbtypes.WriteRequest {
			item["text"] = &dynamodbtypes.AttributeValueMemberS{Value: string(bytes.Repeat([]byte("x"), 1000))}
			return dynamodbtypes.WriteRequest{PutRequest: &dynamodbtypes.PutRequest{Item: item}}
		},
		func(item map[string]dynamodbtypes.AttributeValue) dynamodbtypes.WriteRequest {
			return dynamodbtypes.WriteRequest{DeleteRequest: &dynamodbtypes.DeleteRequest{Key: item}}
		},
	} {
		var requests []dynamodbtypes.WriteRequest
		for i := range 25 {
			requests = append(requests, write(map[string]dynamodbtypes.AttributeValue{
				"k": &dynamodbtypes.AttributeValueMemberS{Value: "many"}, "r": &dynamodbtypes.AttributeValueMemberN{Value: strconv.Itoa(number*25 + i)},
			}))
		}
		if _, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]dynamodbtypes.WriteRequest{"items": requests}}); err != nil {
			return err
		}
		if _, err := client.Query(ctx, &dynamodb.QueryInput{
			TableName: aws.String("items"), KeyConditionExpression: aws.String("k = :k AND r > :r"), ExpressionAttributeValues: map[string]dynamodbtypes.AttributeValue{
				":k": &dynamodbtypes.AttributeValueMemberS{Value: "many"}, ":r": &dynamodbtypes.AttributeValueMemberN{Value: "5"},
			},
		}); err != nil {
			return err
		}
		if _, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("items")}); err != nil {
			return err
		}
	}
	return nil
}

func (s *soak) tables(ctx context.Context, number int) error {
	name := fmt.Sprintf("table%d", number)
	if err := s.table(ctx, name); err != nil {
		return err
	}
	_, err := dynamodb.NewFromConfig(s.cfg).DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	return err
}

func (s *soak) s3() *s3.Client {
	return s3.NewFromConfig(s.cfg, func(o *s3.Options) { o.UsePathStyle = true })
}

// objects makes a bucket, fills, lists, reads and empties it, and deletes it.
func (s *soak) objects(ctx context.Context, number int) error {
	client, bucket := s.s3(), aws.String(fmt.Sprintf("bucket%d", number))
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}}); err != nil {
		return err
	}
	for i := range 20 {
		body := bytes.NewReader(bytes.Repeat([]byte{byte(i)}, 4096))
		if _, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprintf("a/%d", i)), Body: body, IfNoneMatch: aws.String("*")}); err != nil {
			return err
		}
	}
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("a/7"), Range: aws.String("bytes=100-1099")})
	if err != nil {
		return err
	}
	if text, err := io.ReadAll(got.Body); err != nil || len(text) != 1000 {
		return fmt.Errorf("%d bytes of 1000: %w", len(text), err)
	}
	_ = got.Body.Close()
	listed, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String("a/")})
	if err != nil {
		return err
	}
	gone := &s3types.Delete{}
	for _, object := range listed.Contents {
		gone.Objects = append(gone.Objects, s3types.ObjectIdentifier{Key: object.Key})
	}
	if _, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: gone}); err != nil {
		return err
	}
	_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	return err
}

// uploads completes an upload in parts and gives up another.
func (s *soak) uploads(ctx context.Context, number int) error {
	client, bucket := s.s3(), aws.String(fmt.Sprintf("uploads%d", number))
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}}); err != nil {
		return err
	}
	for _, key := range []string{"whole", "given up"} {
		begun, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: &key})
		if err != nil {
			return err
		}
		part, err := client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: bucket, Key: &key, UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: bytes.NewReader(make([]byte, 200<<10)),
		})
		if err != nil {
			return err
		}
		if key == "whole" {
			_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: &key, UploadId: begun.UploadId, MultipartUpload: &s3types.CompletedMultipartUpload{
				Parts: []s3types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1), ChecksumCRC32: part.ChecksumCRC32}},
			}})
		} else {
			_, err = client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: bucket, Key: &key, UploadId: begun.UploadId})
		}
		if err != nil {
			return err
		}
	}
	if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("whole")}); err != nil {
		return err
	}
	_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	return err
}

func (s *soak) metricsAndSessions(ctx context.Context, _ int) error {
	metrics := cloudwatch.NewFromConfig(s.cfg)
	if _, err := metrics.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{
		Namespace: aws.String("N"), MetricData: []cloudwatchtypes.MetricDatum{{MetricName: aws.String("m"), Value: aws.Float64(1)}},
	}); err != nil {
		return err
	}
	if _, err := metrics.ListMetrics(ctx, &cloudwatch.ListMetricsInput{}); err != nil {
		return err
	}
	for i := range 10 {
		if _, err := sts.NewFromConfig(s.cfg).AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String(fmt.Sprintf("session%d", i)),
		}); err != nil {
			return err
		}
	}
	return nil
}

// left makes calls that are never answered, and leaves.
func (s *soak) left(ctx context.Context, _ int) error {
	const patience = 30 * time.Millisecond
	streams := kinesis.NewFromConfig(s.cfg, func(o *kinesis.Options) { o.RetryMaxAttempts = 1 })
	tables := dynamodb.NewFromConfig(s.cfg, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	for range 6 {
		bounded, cancel := context.WithTimeout(ctx, patience)
		_, _ = streams.DescribeLimits(bounded, &kinesis.DescribeLimitsInput{}) // some are answered
		_, err := tables.DescribeLimits(bounded, &dynamodb.DescribeLimitsInput{})
		cancel()
		if err == nil {
			return errors.New("a dropped call was answered")
		}
	}
	return nil
}
