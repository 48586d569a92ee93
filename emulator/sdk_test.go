package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
)

func config(e *emulator.Emulator) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: &e.URL, HTTPClient: e.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

func create(t *testing.T, client *kinesis.Client, name string, shards int32) {
	t.Helper()
	if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: &name, ShardCount: &shards}); err != nil {
		t.Fatal(err)
	}
	if err := kinesis.NewStreamExistsWaiter(client).Wait(t.Context(), &kinesis.DescribeStreamInput{StreamName: &name}, time.Hour); err != nil {
		t.Fatal(err)
	}
}

func iterator(t *testing.T, client *kinesis.Client, in kinesis.GetShardIteratorInput) *string {
	t.Helper()
	out, err := client.GetShardIterator(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	return out.ShardIterator
}

// drain reads from an iterator until nothing more comes, and returns the data.
func drain(t *testing.T, client *kinesis.Client, from *string) []string {
	t.Helper()
	var data []string
	for from != nil {
		out, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: from, Limit: aws.Int32(7)})
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range out.Records {
			data = append(data, string(record.Data))
		}
		if *out.MillisBehindLatest == 0 {
			return data
		}
		from = out.NextShardIterator
	}
	return data
}

func TestSDKReadsWhatItPut(t *testing.T) {
	t.Parallel()
	client := kinesis.NewFromConfig(config(emulator.RunT(t)))
	create(t, client, "clicks", 1)
	data := []string{"", "a", "\x00\xff", "ünï", string(bytes.Repeat([]byte("x"), 100_000))}
	keys := []string{"k", "ключ", `"quoted\"`, "<&>", "\u2028"}
	in := &kinesis.PutRecordsInput{StreamARN: aws.String("arn:aws:kinesis:eu-west-1:000000000000:stream/clicks")}
	for i := range data {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: []byte(data[i]), PartitionKey: &keys[i]})
	}
	put, err := client.PutRecords(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	single, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("clicks"), Data: []byte("last"), PartitionKey: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	start := iterator(t, client, kinesis.GetShardIteratorInput{
		StreamName: aws.String("clicks"), ShardId: single.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	got, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: start})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Records) != len(data)+1 {
		t.Fatalf("read %d records", len(got.Records))
	}
	for i, record := range got.Records[:len(data)] {
		if string(record.Data) != data[i] || *record.PartitionKey != keys[i] || *record.SequenceNumber != *put.Records[i].SequenceNumber {
			t.Errorf("record %d: %q %q %s", i, record.Data, *record.PartitionKey, *record.SequenceNumber)
		}
		if age := time.Since(*record.ApproximateArrivalTimestamp); age < 0 || age > time.Minute {
			t.Errorf("record %d arrived %v ago", i, age)
		}
	}
	if *got.Records[len(data)].SequenceNumber != *single.SequenceNumber {
		t.Errorf("last is %s, want %s", *got.Records[len(data)].SequenceNumber, *single.SequenceNumber)
	}
}

func TestTimePasses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(emulator.Options{CreateDelay: 45 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}()
		client := kinesis.NewFromConfig(config(e))
		began := time.Now()
		create(t, client, "clicks", 1)
		if took := time.Since(began); took < 45*time.Second {
			t.Errorf("CREATING lasted %v", took)
		}
		put := func(data string) string {
			out, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("clicks"), Data: []byte(data), PartitionKey: aws.String("k")})
			if err != nil {
				t.Fatal(err)
			}
			return *out.SequenceNumber
		}
		horizon := kinesis.GetShardIteratorInput{
			StreamName: aws.String("clicks"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		}
		first := put("first")
		old := iterator(t, client, horizon)

		time.Sleep(5 * time.Minute)
		if got := drain(t, client, old); !cmp.Equal(got, []string{"first"}) {
			t.Errorf("an iterator of five minutes reads %q", got)
		}
		time.Sleep(time.Second)
		_, err = client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: old})
		if _, expired := errors.AsType[*types.ExpiredIteratorException](err); !expired {
			t.Errorf("an older iterator: %v", err)
		}

		time.Sleep(time.Hour)
		put("second")
		behind, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: iterator(t, client, horizon), Limit: aws.Int32(1)})
		if err != nil {
			t.Fatal(err)
		}
		if *behind.MillisBehindLatest != 1 {
			t.Errorf("one record that just came is left, %d ms behind", *behind.MillisBehindLatest)
		}
		time.Sleep(22 * time.Hour)
		if got := drain(t, client, iterator(t, client, horizon)); !cmp.Equal(got, []string{"first", "second"}) {
			t.Errorf("within 24 hours: %q", got)
		}
		time.Sleep(time.Hour)
		if got := drain(t, client, iterator(t, client, horizon)); !cmp.Equal(got, []string{"second"}) {
			t.Errorf("after 24 hours: %q", got)
		}
		trimmed := horizon
		trimmed.ShardIteratorType, trimmed.StartingSequenceNumber = types.ShardIteratorTypeAtSequenceNumber, &first
		if got := drain(t, client, iterator(t, client, trimmed)); !cmp.Equal(got, []string{"second"}) {
			t.Errorf("from a record that is gone: %q", got)
		}
	})
}

func TestCallerIdentity(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	for key, account := range map[string]string{"test": "000000000000", "123456789012": "123456789012"} {
		cfg := config(e)
		cfg.Credentials = credentials.NewStaticCredentialsProvider(key, "test", "")
		out, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil {
			t.Fatal(err)
		}
		if *out.Account != account || *out.Arn != "arn:aws:iam::"+account+":user/clickstream" || *out.UserId == "" {
			t.Errorf("key %s: %v %v %v", key, *out.Account, *out.Arn, *out.UserId)
		}
	}
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := emulator.RunT(t)
		cfg := config(e)
		out, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::123456789012:role/path/reader"), RoleSessionName: aws.String("me"), DurationSeconds: aws.Int32(900),
		})
		if err != nil {
			t.Fatal(err)
		}
		if until := time.Until(*out.Credentials.Expiration); until != 15*time.Minute {
			t.Errorf("credentials are good for %v", until)
		}
		cfg.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
		who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil {
			t.Fatal(err)
		}
		if *who.Arn != "arn:aws:sts::123456789012:assumed-role/reader/me" || *who.Account != "123456789012" || *who.UserId != *out.AssumedRoleUser.AssumedRoleId {
			t.Errorf("the session is %s of %s, %s", *who.Arn, *who.Account, *who.UserId)
		}
		if _, err = kinesis.NewFromConfig(cfg).CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Kinesis().Shards("arn:aws:kinesis:eu-west-1:123456789012:stream/s"); err != nil {
			t.Errorf("the session's stream: %v", err)
		}
		_, err = sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("m")})
		if err == nil || !strings.Contains(err.Error(), "ValidationError") || !strings.Contains(err.Error(), "'roleSessionName'") {
			t.Errorf("a name that is too short: %v", err)
		}
	})
}

// BenchmarkSDK puts and reads records through a real port with the SDK's client, both ends on this machine.
func BenchmarkSDK(b *testing.B) {
	e := emulator.ServeT(b)
	cfg := config(e)
	cfg.HTTPClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	client := kinesis.NewFromConfig(cfg)
	if _, err := client.CreateStream(b.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(2)}); err != nil {
		b.Fatal(err)
	}
	in := &kinesis.PutRecordsInput{StreamName: aws.String("s")}
	for i := range 500 {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{
			Data: fmt.Appendf(nil, `{"resource":"resource-%d","referrer":"http://www.amazon.com/"}`, i), PartitionKey: aws.String("resource-" + strconv.Itoa(i)),
		})
	}
	b.Run("PutRecords", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := client.PutRecords(context.Background(), in); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)*500/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("GetRecords", func(b *testing.B) {
		b.ReportAllocs()
		start, err := client.GetShardIterator(b.Context(), &kinesis.GetShardIteratorInput{
			StreamName: aws.String("s"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			b.Fatal(err)
		}
		records := 0
		for b.Loop() {
			out, err := client.GetRecords(b.Context(), &kinesis.GetRecordsInput{ShardIterator: start.ShardIterator})
			if err != nil {
				b.Fatal(err)
			}
			records += len(out.Records)
		}
		b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	})
}
