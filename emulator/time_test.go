package emulator_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
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
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
)

// advance puts the time forward, which takes none.
func advance(t *testing.T, e *emulator.Emulator, by time.Duration) {
	t.Helper()
	if err := e.Advance(by); err != nil {
		t.Fatal(err)
	}
}

// ofClicks are the places where an iterator of the only shard of the stream clicks can begin.
func ofClicks(kind types.ShardIteratorType) kinesis.GetShardIteratorInput {
	return kinesis.GetShardIteratorInput{StreamName: aws.String("clicks"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: kind}
}

// TestAdvance looks at what an advance does, in as little time as the calls take: the tests end where the bubble's clock began.
func TestAdvance(t *testing.T) {
	t.Parallel()
	type look func(*testing.T, *emulator.Emulator, *kinesis.Client) (before, after string)
	// shown is what look says, after an advance too.
	shown := func(t *testing.T, e *emulator.Emulator, by time.Duration, look func() string) (string, string) {
		t.Helper()
		before := look()
		advance(t, e, by)
		return before, look()
	}
	tests := []struct {
		name          string
		options       emulator.Options
		look          look
		before, after string
	}{
		{"records within retention", emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) (string, string) {
			t.Helper()
			putOne(t, client, "a")
			return shown(t, e, 24*time.Hour, func() string { return fmt.Sprint(drain(t, client, iterator(t, client, ofClicks("TRIM_HORIZON")))) })
		}, "[a]", "[a]"},
		{"records beyond retention", emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) (string, string) {
			t.Helper()
			putOne(t, client, "a")
			return shown(t, e, 25*time.Hour, func() string { return fmt.Sprint(drain(t, client, iterator(t, client, ofClicks("TRIM_HORIZON")))) })
		}, "[a]", "[]"},
		{"arrival", emulator.Options{TimeOffset: time.Hour}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) (string, string) {
			t.Helper()
			return shown(t, e, 25*time.Hour, func() string {
				putOne(t, client, "a")
				out, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: iterator(t, client, ofClicks("TRIM_HORIZON"))})
				if err != nil || len(out.Records) != 1 {
					t.Fatal(err, out)
				}
				return out.Records[0].ApproximateArrivalTimestamp.UTC().Format(time.DateTime)
			})
		}, "2000-01-01 01:00:00", "2000-01-02 02:00:00"},
		{"iterators", emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) (string, string) {
			t.Helper()
			old := iterator(t, client, ofClicks("LATEST"))
			return shown(t, e, 301*time.Second, func() string {
				_, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: old})
				_, expired := errors.AsType[*types.ExpiredIteratorException](err)
				return fmt.Sprint(expired)
			})
		}, "false", "true"},
		{"consumers", emulator.Options{CreateDelay: time.Minute}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) (string, string) {
			t.Helper()
			consumer := register(t, client, "fan")
			return shown(t, e, time.Minute, func() string {
				out, err := client.DescribeStreamConsumer(t.Context(), &kinesis.DescribeStreamConsumerInput{ConsumerARN: consumer})
				if err != nil {
					t.Fatal(err)
				}
				return string(out.ConsumerDescription.ConsumerStatus)
			})
		}, "CREATING", "ACTIVE"},
		{"limits", emulator.Options{Throttle: true}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) (string, string) {
			t.Helper()
			var full []types.PutRecordsRequestEntry
			for range 500 {
				full = append(full, types.PutRecordsRequestEntry{Data: []byte("x"), PartitionKey: aws.String("k")})
			}
			put := func() string {
				out, err := client.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: aws.String("clicks"), Records: full})
				if err != nil {
					t.Fatal(err)
				}
				return fmt.Sprint(*out.FailedRecordCount)
			}
			put()
			put()
			return shown(t, e, time.Second, put)
		}, "500", "0"},
		{"tables", emulator.Options{}, func(t *testing.T, e *emulator.Emulator, _ *kinesis.Client) (string, string) {
			t.Helper()
			tables := 0
			return shown(t, e, time.Hour, func() string {
				tables++
				out, err := dynamodb.NewFromConfig(config(e)).CreateTable(t.Context(), &dynamodb.CreateTableInput{
					TableName: aws.String(fmt.Sprintf("table%d", tables)), BillingMode: dynamodbtypes.BillingModePayPerRequest,
					AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: "S"}},
					KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: "HASH"}},
				})
				if err != nil {
					t.Fatal(err)
				}
				return out.TableDescription.CreationDateTime.UTC().Format(time.TimeOnly)
			})
		}, "00:00:00", "01:00:00"},
		{"metrics", emulator.Options{}, func(t *testing.T, e *emulator.Emulator, _ *kinesis.Client) (string, string) {
			t.Helper()
			client := cloudwatch.NewFromConfig(config(e))
			if _, err := client.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{
				Namespace: aws.String("N"), MetricData: []cloudwatchtypes.MetricDatum{{MetricName: aws.String("m"), Value: aws.Float64(1)}},
			}); err != nil {
				t.Fatal(err)
			}
			return shown(t, e, 4*time.Hour, func() string {
				out, err := client.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{RecentlyActive: cloudwatchtypes.RecentlyActivePt3h})
				if err != nil {
					t.Fatal(err)
				}
				return fmt.Sprint(len(out.Metrics))
			})
		}, "1", "0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, test.options, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
				t.Helper()
				began := time.Now()
				before, after := test.look(t, e, client)
				if before != test.before || after != test.after {
					t.Errorf("%s, then %s; want %s, then %s", before, after, test.before, test.after)
				}
				if took := time.Since(began); took != 0 {
					t.Errorf("took %v of the bubble's time", took)
				}
			})
		})
	}
}

// TestAdvanceOfStreams finds a stream ACTIVE that was to be CREATING for an hour.
func TestAdvanceOfStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(emulator.Options{CreateDelay: time.Hour, TimeOffset: 24 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = e.Close() }()
		client := kinesis.NewFromConfig(config(e))
		if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("clicks"), ShardCount: aws.Int32(1)}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []types.StreamStatus{types.StreamStatusCreating, types.StreamStatusActive} {
			out, err := client.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("clicks")})
			if err != nil {
				t.Fatal(err)
			}
			stream := out.StreamDescriptionSummary
			if made := stream.StreamCreationTimestamp.UTC().Format(time.DateTime); stream.StreamStatus != want || made != "2000-01-02 00:00:00" {
				t.Errorf("%s, made at %s", stream.StreamStatus, made)
			}
			advance(t, e, time.Hour)
		}
		if now := e.Now().UTC().Format(time.DateTime); now != "2000-01-02 02:00:00" {
			t.Errorf("now is %s", now)
		}
		for _, by := range []time.Duration{-1, 101 * 365 * 24 * time.Hour, 1<<63 - 1} {
			if err := e.Advance(by); err == nil {
				t.Errorf("advanced by %v", by)
			}
		}
		if _, err := emulator.New(emulator.Options{TimeOffset: -time.Second}); err == nil {
			t.Error("began in the past")
		}
	})
}

// TestAdvanceEndsSubscriptions wakes a subscription that waits: for its end, and before that for the event that is due.
func TestAdvanceEndsSubscriptions(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		stream := subscribe(t, e, register(t, client, "fan"), 0, horizon())
		event(t, stream)
		began := time.Now()
		for range 3 {
			synctest.Wait()
			advance(t, e, 5*time.Second)
			event(t, stream)
		}
		synctest.Wait()
		advance(t, e, 5*time.Minute)
		for range stream.Events() {
			t.Error("an event after the end")
		}
		if took := time.Since(began); took != 0 || stream.Err() != nil {
			t.Errorf("ended after %v by %v", took, stream.Err())
		}
	})
}

// TestAdvanceLeavesSignaturesAlone advances by a day: clients, who sign by their own clocks, are let in as before, but sessions are over.
func TestAdvanceLeavesSignaturesAlone(t *testing.T) {
	t.Parallel()
	withAuth(t, func(t *testing.T, e *emulator.Emulator, cfg aws.Config) {
		t.Helper()
		cfg.Region = "us-east-1"
		assume := func() (aws.Config, time.Duration) {
			out, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{
				RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("me"),
			})
			if err != nil {
				t.Fatal(err)
			}
			session := cfg.Copy()
			session.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
			return session, time.Until(*out.Credentials.Expiration)
		}
		client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("batches")}); err != nil {
			t.Fatal(err)
		}
		presigned, err := s3.NewPresignClient(client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("batches"), Key: aws.String("a")})
		if err != nil {
			t.Fatal(err)
		}
		old, _ := assume()
		advance(t, e, 24*time.Hour)
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("batches"), Key: aws.String("a"), Body: strings.NewReader("clicks")}); err != nil {
			t.Fatal(err)
		}
		if status, body := fetch(t, e, presigned.URL); status != http.StatusOK || body != "clicks" {
			t.Errorf("presigned: %d %s", status, body)
		}
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("batches"), Key: aws.String("a")})
		if err != nil || !head.LastModified.Equal(time.Now().Add(24*time.Hour)) {
			t.Errorf("modified %v, %v", head, err)
		}
		for service, err := range calls(t, cfg) {
			if err != nil {
				t.Errorf("%s: %v", service, err)
			}
		}
		for service, err := range calls(t, old) {
			if err == nil {
				t.Errorf("%s takes a session of yesterday", service)
			}
		}
		young, lasts := assume()
		if err := calls(t, young)["kinesis"]; err != nil || lasts != time.Hour {
			t.Errorf("a new session lasts %v: %v", lasts, err)
		}
	})
}

// TestAdvanceByRule lets time pass between a reader's calls: its iterator is too old for the third.
func TestAdvanceByRule(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		inject(t, e, "kinesis:GetRecords every=3 advance=4m", "kinesis:GetRecords every=3 advance=2m")
		putOne(t, client, "a")
		from := iterator(t, client, ofClicks("TRIM_HORIZON"))
		var answers []string
		for range 4 {
			out, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: from})
			if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired {
				answers = append(answers, "expired")
				from = iterator(t, client, ofClicks("TRIM_HORIZON"))
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			answers, from = append(answers, fmt.Sprint(len(out.Records))), out.NextShardIterator
		}
		if diff := cmp.Diff([]string{"1", "0", "expired", "1"}, answers); diff != "" {
			t.Error(diff)
		}
		if ahead := time.Until(e.Now()); ahead != 6*time.Minute {
			t.Errorf("%v ahead", ahead)
		}
	})
}

func TestTimeByHTTP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := emulator.RunT(t)
		for _, test := range []struct {
			method, body string
			status       int
			want         string
		}{
			{http.MethodGet, "", 200, `{"time":"2000-01-01T00:00:00Z","offset":"0s"}`},
			{http.MethodPost, `{"advance": "25h"}`, 200, `{"time":"2000-01-02T01:00:00Z","offset":"25h0m0s"}`},
			{http.MethodPost, `{"advance": "0s"}`, 200, `{"time":"2000-01-02T01:00:00Z","offset":"25h0m0s"}`},
			{http.MethodPost, `{"advance": "-1s"}`, 400, `{"error":"the emulated time goes forward only, not by -1s"}`},
			{http.MethodPost, `{"advance": "900000h"}`, 400, `{"error":"the emulated time cannot be more than 876000h0m0s ahead"}`},
			{http.MethodPost, `{"advance": "a day"}`, 400, `{"error":"advance \"a day\" is no time such as 25h or 90s"}`},
			{http.MethodPost, `{"advance": 25}`, 400, `{"error":"the time to advance by cannot be read: 1:14: \"advance\" is a number, not a string"}`},
			{http.MethodPost, `{"back": "1h"}`, 400, `{"error":"the time to advance by cannot be read: 1:2: there is no member \"back\""}`},
			{http.MethodPost, "", 400, `{"error":"the time to advance by cannot be read: 1:1: there is no document"}`},
			{http.MethodPut, `{"advance": "1h"}`, 405, `{"error":"the time is shown by GET and put forward by POST"}`},
			{http.MethodGet, "", 200, `{"time":"2000-01-02T01:00:00Z","offset":"25h0m0s"}`},
		} {
			request, err := http.NewRequestWithContext(t.Context(), test.method, e.URL+emulator.TimePath, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			got := exchange(t, e.Client(), request)
			if got.status != test.status || got.body != test.want+"\n" {
				t.Errorf("%s %s: %d %s", test.method, test.body, got.status, got.body)
			}
			if date := got.header.Get("Date"); date != "Sat, 01 Jan 2000 00:00:00 GMT" {
				t.Errorf("clients that compare their clocks find %s", date)
			}
		}
	})
}
