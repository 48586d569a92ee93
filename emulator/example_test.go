package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/emulator"
)

// start makes an emulator and the SDK's settings for it. In a test, RunT does it and closes the emulator at the end.
func start() (*emulator.Emulator, aws.Config) {
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return e, aws.Config{
		Region: "us-east-1", BaseEndpoint: &e.URL, HTTPClient: e.Client(), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// What an application puts by the SDK, a test reads directly.
func ExampleEmulator_Kinesis() {
	e, cfg := start()
	defer func() { _ = e.Close() }()
	client := kinesis.NewFromConfig(cfg)
	ctx := context.Background()
	if _, err := client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("clicks"), ShardCount: aws.Int32(2)}); err != nil {
		log.Fatal(err)
	}
	for _, page := range []string{"home", "offers", "home"} {
		in := &kinesis.PutRecordInput{StreamName: aws.String("clicks"), PartitionKey: &page, Data: []byte("a click on " + page)}
		if _, err := client.PutRecord(ctx, in); err != nil {
			log.Fatal(err)
		}
	}
	records, err := e.Kinesis().Records("clicks")
	if err != nil {
		log.Fatal(err)
	}
	for _, record := range records {
		fmt.Printf("%s: %s\n", record.ShardID, record.Data)
	}
	// Output:
	// shardId-000000000000: a click on home
	// shardId-000000000000: a click on home
	// shardId-000000000001: a click on offers
}

// The next calls of an operation fail as a test wants it. The SDK tries again where it would with the service.
func ExampleEmulator_Fail() {
	e, cfg := start()
	defer func() { _ = e.Close() }()
	client := kinesis.NewFromConfig(cfg)
	e.Fail("Kinesis.CreateStream", 1, &emulator.Error{Code: "LimitExceededException", Message: "Too many at once."})
	in := &kinesis.CreateStreamInput{StreamName: aws.String("clicks"), ShardCount: aws.Int32(1)}
	_, err := client.CreateStream(context.Background(), in, func(o *kinesis.Options) { o.RetryMaxAttempts = 1 })
	limit, ok := errors.AsType[*types.LimitExceededException](err)
	fmt.Println(ok, *limit.Message)
	_, err = client.CreateStream(context.Background(), in)
	fmt.Println(err, e.Kinesis().Streams())
	// Output:
	// true Too many at once.
	// <nil> [clicks]
}

// An object as S3 holds it.
func ExampleEmulator_S3() {
	e, cfg := start()
	defer func() { _ = e.Close() }()
	client := s3.NewFromConfig(cfg)
	ctx := context.Background()
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("batches")}); err != nil {
		log.Fatal(err)
	}
	if _, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("batches"), Key: aws.String("first"), Body: strings.NewReader("clicks")}); err != nil {
		log.Fatal(err)
	}
	body, ok := e.S3().Object("batches", "first")
	fmt.Printf("%s %v\n", body, ok)
	// Output: clicks true
}

// Metrics are summed up as they are put.
func ExampleEmulator_CloudWatch() {
	e, cfg := start()
	defer func() { _ = e.Close() }()
	client := cloudwatch.NewFromConfig(cfg)
	for _, records := range []float64{3, 4} {
		in := &cloudwatch.PutMetricDataInput{
			Namespace:  aws.String("clicks"),
			MetricData: []cloudwatchtypes.MetricDatum{{MetricName: aws.String("stored"), Value: &records}},
		}
		if _, err := client.PutMetricData(context.Background(), in); err != nil {
			log.Fatal(err)
		}
	}
	for _, metric := range e.CloudWatch().Metrics() {
		fmt.Println(metric.Namespace, metric.Name, metric.SampleCount, metric.Sum, metric.Maximum)
	}
	// Output: clicks stored 2 7 4
}
