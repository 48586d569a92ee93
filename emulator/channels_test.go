package emulator_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/klauspost/compress/zstd"

	"clickstream/emulator"
)

// channels is a stream, a bucket, and clients for both.
type channels struct {
	e       *emulator.Emulator
	kinesis *kinesis.Client
	s3      *s3.Client
	stream  string // ARN
}

func newChannels(t *testing.T) channels {
	t.Helper()
	e := emulator.RunT(t)
	cfg := config(e)
	cfg.Region = "us-east-1"
	c := channels{e, kinesis.NewFromConfig(cfg), s3.NewFromConfig(cfg), "arn:aws:kinesis:us-east-1:000000000000:stream/clicks"}
	if _, err := c.kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{
		StreamName: aws.String("clicks"), StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("clicks")}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c channels) create(t *testing.T, name string, format types.RecordFormatType, change func(*types.S3DestinationConfiguration)) string {
	t.Helper()
	destination := &types.S3DestinationConfiguration{
		DataFreshnessInSeconds: aws.Int32(60),
		StorageConfiguration: &types.S3StorageConfiguration{
			BucketARN: aws.String("arn:aws:s3:::clicks"), ExpectedBucketOwner: aws.String("000000000000"), CompressionType: types.S3CompressionTypeNone,
		},
	}
	change(destination)
	made, err := c.kinesis.CreateChannel(t.Context(), &kinesis.CreateChannelInput{
		ChannelName: &name, ServiceExecutionRoleARN: aws.String("arn:aws:iam::000000000000:role/channel"), S3DestinationConfiguration: destination,
		StreamConfigurationList: []types.ChannelStreamConfiguration{{
			StreamARN: &c.stream, RecordConfiguration: &types.RecordConfiguration{RecordFormatType: format},
		}},
		Tags: map[string]string{"team": "clicks"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := made.ChannelDescription.ChannelStatus; got != types.ChannelStatusCreating {
		t.Errorf("a channel that was just made is %s", got)
	}
	return *made.ChannelDescription.ChannelARN
}

func (c channels) put(t *testing.T, data string) {
	t.Helper()
	if _, err := c.kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamARN: &c.stream, PartitionKey: &data, Data: []byte(data)}); err != nil {
		t.Fatal(err)
	}
}

func (c channels) describe(t *testing.T, arn string) types.ChannelDescription {
	t.Helper()
	described, err := c.kinesis.DescribeChannel(t.Context(), &kinesis.DescribeChannelInput{ChannelARN: &arn})
	if err != nil {
		t.Fatal(err)
	}
	return *described.ChannelDescription
}

// objects returns what lies in the bucket below a prefix, end to end.
func (c channels) objects(t *testing.T, prefix string) string {
	t.Helper()
	listed, err := c.s3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("clicks"), Prefix: &prefix})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, one := range listed.Contents {
		body, _ := c.e.S3().Object("clicks", *one.Key)
		all.Write(body)
	}
	return all.String()
}

func TestChannelDelivers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChannels(t)
		c.put(t, `"before the channel"`)
		arn := c.create(t, "json", types.RecordFormatTypeJson, func(*types.S3DestinationConfiguration) {})
		c.put(t, `{"n":1}`)
		time.Sleep(40 * time.Second)
		c.put(t, `no JSON`)
		c.put(t, `{"n":2}`)
		if got := c.objects(t, ""); got != "" {
			t.Errorf("after 40 s: %s", got)
		}
		time.Sleep(20 * time.Second)
		c.put(t, `{"n":3}`)
		if got := c.objects(t, "json/2000/01/01/00/"); got != "{\"n\":1}\n{\"n\":2}\n" {
			t.Errorf("after a minute: %s", got)
		}
		if got := c.objects(t, "errors/json/"); !strings.Contains(got, `"rawData":"bm8gSlNPTg=="`) {
			t.Errorf("dead letters: %s", got)
		}
		if _, err := c.kinesis.UpdateChannel(t.Context(), &kinesis.UpdateChannelInput{
			ChannelARN: &arn, S3DestinationConfiguration: &types.S3DestinationUpdateInput{DataFreshnessInSeconds: aws.Int32(10)},
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if got := c.objects(t, "json/"); !strings.HasSuffix(got, "{\"n\":3}\n") {
			t.Errorf("after ten seconds more: %s", got)
		}
		c.remove(t, arn)
	})
}

// remove deletes a channel, which must stop delivering.
func (c channels) remove(t *testing.T, arn string) {
	t.Helper()
	if _, err := c.kinesis.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamARN: &c.stream}); err == nil {
		t.Error("a stream with a channel was deleted")
	}
	summary, err := c.kinesis.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamARN: &c.stream})
	if err != nil || *summary.StreamDescriptionSummary.ChannelCount != 1 {
		t.Errorf("summary %+v, %v", summary, err)
	}
	if _, err := c.kinesis.DeleteChannel(t.Context(), &kinesis.DeleteChannelInput{ChannelARN: &arn}); err != nil {
		t.Fatal(err)
	}
	before := c.objects(t, "")
	c.put(t, `{"n":4}`)
	time.Sleep(time.Hour)
	if got := c.objects(t, ""); got != before {
		t.Errorf("a deleted channel delivered: %s", strings.TrimPrefix(got, before))
	}
	if _, err := c.kinesis.DescribeChannel(t.Context(), &kinesis.DescribeChannelInput{ChannelARN: &arn}); err == nil {
		t.Error("a deleted channel is described")
	}
	if _, err := c.kinesis.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamARN: &c.stream}); err != nil {
		t.Error(err)
	}
}

func TestChannelForms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChannels(t)
		c.create(t, "gzip", types.RecordFormatTypeString, func(d *types.S3DestinationConfiguration) {
			d.StorageConfiguration.CompressionType = types.S3CompressionTypeGzip
			d.StorageConfiguration.OutputKeyTemplate = aws.String("by-{streamName}/{channelName}")
		})
		c.create(t, "zstd", types.RecordFormatTypeByteArray, func(d *types.S3DestinationConfiguration) {
			d.StorageConfiguration.CompressionType = types.S3CompressionTypeZstd
			d.StorageConfiguration.StorageClass = types.S3StorageClassGlacierIr
		})
		long := strings.Repeat("x", 300<<10)
		c.put(t, "one")
		if _, err := c.kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamARN: &c.stream, PartitionKey: aws.String("k"), Data: []byte(long)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		unzipped, err := gzip.NewReader(strings.NewReader(c.objects(t, "by-clicks/gzip-000000000001")))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := io.ReadAll(unzipped)
		if err != nil || !strings.Contains(string(lines), "one\n") || !strings.Contains(string(lines), long+"\n") {
			t.Errorf("%d bytes, %v", len(lines), err)
		}
		decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		defer decoder.Close()
		body, err := decoder.DecodeAll([]byte(c.objects(t, "zstd/")), nil)
		if err != nil || len(body) != len(long)+len("one") || !bytes.Contains(body, []byte("one")) {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	})
}

func TestChannelFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChannels(t)
		arn := c.create(t, "lost", types.RecordFormatTypeString, func(d *types.S3DestinationConfiguration) {
			d.StorageConfiguration.BucketARN = aws.String("arn:aws:s3:::nowhere")
		})
		c.create(t, "found", types.RecordFormatTypeString, func(*types.S3DestinationConfiguration) {})
		if got := c.describe(t, arn); got.ChannelStatus != types.ChannelStatusActive {
			t.Errorf("at first %s", got.ChannelStatus)
		}
		c.put(t, "one")
		time.Sleep(time.Minute)
		if got := c.describe(t, arn); got.ChannelStatus != types.ChannelStatusFailed || !strings.Contains(aws.ToString(got.ChannelStatusReason), "NoSuchBucket") {
			t.Errorf("then %s: %s", got.ChannelStatus, aws.ToString(got.ChannelStatusReason))
		}
		if got := c.objects(t, "found/"); got != "one\n" {
			t.Errorf("the other channel delivered %q", got)
		}
		listed, err := c.kinesis.ListChannels(t.Context(), &kinesis.ListChannelsInput{MaxResults: aws.Int32(1), StreamFilter: []types.StreamFilter{{StreamARN: &c.stream}}})
		if err != nil || len(listed.ChannelSummaries) != 1 || *listed.ChannelSummaries[0].ChannelName != "found" || listed.NextToken == nil {
			t.Fatalf("first page %+v, %v", listed, err)
		}
		listed, err = c.kinesis.ListChannels(t.Context(), &kinesis.ListChannelsInput{NextToken: listed.NextToken})
		if err != nil || len(listed.ChannelSummaries) != 1 || listed.ChannelSummaries[0].ChannelDestinationType != types.ChannelDestinationTypeS3 || listed.NextToken != nil {
			t.Errorf("second page %+v, %v", listed, err)
		}
		tags, err := c.kinesis.ListTagsForResource(t.Context(), &kinesis.ListTagsForResourceInput{ResourceARN: &arn})
		if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "team" {
			t.Errorf("tags %+v, %v", tags, err)
		}
	})
}
