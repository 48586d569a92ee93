package emulator_test

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
)

// inject adds rules that are written as users write them.
func inject(t *testing.T, e *emulator.Emulator, lines ...string) {
	t.Helper()
	for _, line := range lines {
		rule, err := emulator.ParseFault(line)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Inject(rule); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFaultsReachTheSDK lets each kind happen to calls of the AWS SDK, which goes on trying as it would with the service.
func TestFaultsReachTheSDK(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		rule    string
		matched int // how often the SDK called
		stored  int // how often the record is there
	}{
		{"throttle", "kinesis:PutRecord first=2 throttle", 3, 1},
		{"error", "kinesis:PutRecord first=2 error=InternalFailure", 3, 1},
		{"status", "kinesis:PutRecord first=1 error=Unheard status=503", 2, 1},
		{"delay", "kinesis:PutRecord delay=3s", 1, 1},
		{"before", "kinesis:PutRecord first=1 drop-before", 2, 1},
		{"after", "kinesis:PutRecord first=1 drop-after", 2, 2},
		{"duplicate", "kinesis:PutRecord first=1 duplicate", 1, 2},
		{"all", "* first=1 throttle", 2, 1},
		{"other stream", "kinesis:PutRecord resource=other throttle", 0, 1},
		{"this stream", "kinesis:PutRecord resource=clicks first=1 throttle", 2, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := emulator.RunT(t)
				client := kinesis.NewFromConfig(config(e), func(o *kinesis.Options) { o.RetryMaxAttempts = 5 })
				create(t, client, "clicks", 1)
				inject(t, e, test.rule)
				began := time.Now()
				_, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("clicks"), Data: []byte("x"), PartitionKey: aws.String("k")})
				if err != nil {
					t.Error(err)
				}
				if test.name == "delay" && time.Since(began) != 3*time.Second {
					t.Errorf("took %v", time.Since(began))
				}
				records, err := e.Kinesis().Records("clicks")
				if err != nil || len(records) != test.stored {
					t.Errorf("%d records, %v", len(records), err)
				}
				if count := e.Faults()[0]; count.Matched != test.matched {
					t.Errorf("counted %d of %d", count.Fired, count.Matched)
				}
			})
		})
	}
}

// TestFaultsByProtocol refuses a call of each service, in its own form and with its own throttle.
func TestFaultsByProtocol(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	cfg := config(e)
	cfg.RetryMaxAttempts = 1
	ctx := t.Context()
	put := func(o *s3.Options) { o.UsePathStyle = true }
	calls := map[string]func() error{
		"kinesis":    func() error { _, err := kinesis.NewFromConfig(cfg).ListStreams(ctx, nil); return err },
		"dynamodb":   func() error { _, err := dynamodb.NewFromConfig(cfg).ListTables(ctx, nil); return err },
		"cloudwatch": func() error { _, err := cloudwatch.NewFromConfig(cfg).ListMetrics(ctx, nil); return err },
		"s3":         func() error { _, err := s3.NewFromConfig(cfg, put).ListBuckets(ctx, nil); return err },
		"sts":        func() error { _, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil); return err },
	}
	want := map[string][3]string{ // throttle, a failure of the service's own, and one that was asked for
		"kinesis":    {"LimitExceededException", "InternalFailure", "Unheard"},
		"dynamodb":   {"ThrottlingException", "InternalServerError", "Unheard"},
		"cloudwatch": {"Throttling", "InternalFailure", "Unheard"},
		"s3":         {"SlowDown", "InternalError", "Unheard"},
		"sts":        {"Throttling", "InternalFailure", "Unheard"},
	}
	for service, call := range calls {
		for i, rule := range []string{" throttle", " error", " error=Unheard message=said, so"} {
			if err := e.SetFaults(1); err != nil {
				t.Fatal(err)
			}
			inject(t, e, service+rule)
			refusal, ok := errors.AsType[smithy.APIError](call())
			if !ok || refusal.ErrorCode() != want[service][i] {
				t.Errorf("%s%s: %v", service, rule, refusal)
			} else if i == 2 && refusal.ErrorMessage() != "said, so" {
				t.Errorf("%s said %q", service, refusal.ErrorMessage())
			}
		}
		if err := e.SetFaults(1); err != nil {
			t.Fatal(err)
		}
		if err := call(); err != nil {
			t.Errorf("%s does not recover: %v", service, err)
		}
	}
}

// TestRecordsRefused refuses some records of a request; those that are put again are all there, once.
func TestRecordsRefused(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	client := kinesis.NewFromConfig(config(e))
	create(t, client, "clicks", 2)
	inject(t, e, "kinesis:PutRecords first=4 throttle records=0.4")
	var left []types.PutRecordsRequestEntry
	var want []string
	for i := range 100 {
		text := strconv.Itoa(1000 + i)
		want = append(want, text)
		left = append(left, types.PutRecordsRequestEntry{Data: []byte(text), PartitionKey: &text})
	}
	requests := 0
	for ; len(left) > 0; requests++ {
		out, err := client.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: aws.String("clicks"), Records: left})
		if err != nil {
			t.Fatal(err)
		}
		var again []types.PutRecordsRequestEntry
		for i, result := range out.Records {
			switch {
			case result.ErrorCode == nil && result.SequenceNumber != nil:
			case aws.ToString(result.ErrorCode) == "ProvisionedThroughputExceededException":
				again = append(again, left[i])
			default:
				t.Fatalf("record %d: %+v", i, result)
			}
		}
		if int(*out.FailedRecordCount) != len(again) || len(out.Records) != len(left) {
			t.Errorf("%d failed of %d, %d said so", len(again), len(left), *out.FailedRecordCount)
		}
		left = again
	}
	stored, err := e.Kinesis().Records("clicks")
	if err != nil || requests < 3 {
		t.Errorf("%d requests, %v", requests, err)
	}
	var got []string
	for _, record := range stored {
		got = append(got, string(record.Data))
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestFaultsOfOneShard fails reading one shard and not the other.
func TestFaultsOfOneShard(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	client := kinesis.NewFromConfig(config(e), func(o *kinesis.Options) { o.RetryMaxAttempts = 1 })
	create(t, client, "clicks", 2)
	inject(t, e, "kinesis:GetRecords resource=clicks shard=shardId-000000000001 throttle")
	for i, throttled := range []bool{false, true} {
		from := iterator(t, client, kinesis.GetShardIteratorInput{
			StreamName: aws.String("clicks"), ShardId: aws.String("shardId-00000000000" + strconv.Itoa(i)), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		_, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: from})
		if _, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err); ok != throttled {
			t.Errorf("shard %d: %v", i, err)
		}
	}
}

// TestFaultsOfS3 fails puts into one bucket, and by Fail those into any.
func TestFaultsOfS3(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := emulator.RunT(t)
		client := s3.NewFromConfig(config(e), func(o *s3.Options) { o.Region, o.UsePathStyle, o.RetryMaxAttempts = "us-east-1", true, 5 })
		for _, bucket := range []string{"batches", "others"} {
			in := &s3.CreateBucketInput{Bucket: &bucket}
			if _, err := client.CreateBucket(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		inject(t, e, "s3:PutObject resource=batches first=1 drop-after", "s3:PutObject resource=batches first=1 drop-before",
			"s3:PutObject resource=batches first=1 throttle", "s3:PutObject resource=batches first=1 duplicate")
		e.Fail("S3.PutObject", 1, &emulator.Error{Code: "InternalError"})
		for _, bucket := range []string{"batches", "others"} {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("a"), Body: strings.NewReader("clicks")})
			if body, _ := e.S3().Object(bucket, "a"); err != nil || string(body) != "clicks" {
				t.Errorf("%s: %q, %v", bucket, body, err)
			}
		}
		for i, want := range []int{4, 3, 2, 1} {
			if count := e.Faults()[i]; count.Matched != want || count.Fired != 1 {
				t.Errorf("rule %d fired %d of %d", i, count.Fired, count.Matched)
			}
		}
		_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("batches"), Key: aws.String("b")})
		if err == nil || e.Faults()[0].Matched != 4 {
			t.Errorf("%v", err)
		}
	})
}

// TestFaultsOfEventStreams ends a subscription by an error, by the end of the connection, and not at all, each after two events. The
// next one goes on to the end.
func TestFaultsOfEventStreams(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"error=InternalFailureException", "drop-after", "stall"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := emulator.RunT(t)
				client := kinesis.NewFromConfig(config(e))
				create(t, client, "clicks", 1)
				consumer := register(t, client, "app")
				beginning := types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}
				inject(t, e, "kinesis:SubscribeToShard resource=clicks shard=shardId-000000000000 first=1 events=2 "+kind)
				events, err := count(subscribe(t, e, consumer, 0, beginning))
				if events != 2 {
					t.Errorf("%d events", events)
				}
				if refusal, ok := errors.AsType[smithy.APIError](err); strings.HasPrefix(kind, "error") && (!ok || refusal.ErrorCode() != "InternalFailureException") {
					t.Errorf("ended by %v", err)
				}
				time.Sleep(6 * time.Second) // a consumer may subscribe again after five
				if events, err := count(subscribe(t, e, consumer, 0, beginning)); events < 50 || err != nil {
					t.Errorf("the next one ended by %v after %d events", err, events)
				}
			})
		})
	}
}

// count reads events until none comes for longer than the service is ever silent.
func count(stream *kinesis.SubscribeToShardEventStream) (int, error) {
	defer func() { _ = stream.Close() }()
	for events := 0; ; events++ {
		select {
		case _, ok := <-stream.Events():
			if !ok {
				return events, stream.Err()
			}
		case <-time.After(20 * time.Second):
			return events, nil
		}
	}
}

// TestFaultsByHTTP sets rules, sees them count, and takes them away.
func TestFaultsByHTTP(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	ask := func(method, path, body string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), method, e.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got := exchange(t, e.Client(), request)
		return got.status, got.body
	}
	const set = `{"seed": 7, "faults": ["kinesis:ListStreams every=2 throttle"]}`
	_, shown := ask(http.MethodPut, emulator.FaultsPath, set)
	client := kinesis.NewFromConfig(config(e), func(o *kinesis.Options) { o.RetryMaxAttempts = 1 })
	for range 5 {
		_, _ = client.ListStreams(t.Context(), nil) // every other call fails
	}
	_, counted := ask(http.MethodGet, emulator.FaultsPath, "")
	_, removed := ask(http.MethodDelete, emulator.FaultsPath, "")
	if diff := cmp.Diff([]string{
		`{"faults":[{"fault":"kinesis:ListStreams every=2 throttle","matched":0,"fired":0}],"seed":7}` + "\n",
		`{"faults":[{"fault":"kinesis:ListStreams every=2 throttle","matched":5,"fired":2}],"seed":7}` + "\n",
		`{"faults":[],"seed":0}` + "\n",
	}, []string{shown, counted, removed}); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct{ method, body, message string }{
		{http.MethodPut, `{"faults": ["s3 explode"]}`, `the kind \"explode\" is none of`},
		{http.MethodPut, "{\n \"rules\": []}", `2:`},
		{http.MethodPut, `{} {}`, "something follows the document"},
		{http.MethodPut, ``, "1:1: there is no document"},
		{http.MethodPost, set, "set by PUT"},
	} {
		if status, text := ask(test.method, emulator.FaultsPath, test.body); status < 400 || !strings.Contains(text, test.message) {
			t.Errorf("%s %s: %d %s", test.method, test.body, status, text)
		}
	}
}
