package emulator_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
)

const setup = `{
  "streams": [
    {"name": "clicks", "shards": 3, "retentionHours": 48},
    {"name": "views", "mode": "ON_DEMAND", "region": "eu-west-1", "account": "123456789012"}
  ],
  "tables": [{"name": "leases", "hashKey": {"name": "leaseKey"}, "rangeKey": {"name": "at", "type": "N"}}],
  "buckets": [{"name": "batches"}, {"name": "european", "region": "eu-west-1"}]
}`

// TestSetup finds what was set up, in its region and account, though signatures are checked, everything fails, and streams take time.
func TestSetup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wanted, err := emulator.ReadSetup(strings.NewReader(setup), "setup.json")
		if err != nil {
			t.Fatal(err)
		}
		e, err := emulator.New(emulator.Options{
			Setup: wanted, CreateDelay: 10 * time.Second, Faults: []emulator.Fault{{Kind: emulator.FaultThrottle}},
			Credentials: map[string]string{"test": "test", "123456789012": "test"},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}()
		if err := e.SetFaults(0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		cfg := config(e)
		cfg.Region = "us-east-1"
		clicks, err := kinesis.NewFromConfig(cfg).DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("clicks")})
		if err != nil || *clicks.StreamDescriptionSummary.OpenShardCount != 3 || *clicks.StreamDescriptionSummary.RetentionPeriodHours != 48 {
			t.Errorf("%+v, %v", clicks, err)
		}
		table, err := dynamodb.NewFromConfig(cfg).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("leases")})
		if err != nil || *table.Table.KeySchema[0].AttributeName != "leaseKey" || *table.Table.KeySchema[1].AttributeName != "at" {
			t.Errorf("%+v, %v", table, err)
		}
		location, err := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }).GetBucketLocation(t.Context(), &s3.GetBucketLocationInput{Bucket: aws.String("european")})
		if err != nil || location.LocationConstraint != "eu-west-1" {
			t.Errorf("%+v, %v", location, err)
		}
		if diff := cmp.Diff([]string{"batches", "european"}, e.S3().Buckets()); diff != "" {
			t.Error(diff)
		}
		cfg.Region, cfg.Credentials = "eu-west-1", credentials.NewStaticCredentialsProvider("123456789012", "test", "")
		views, err := kinesis.NewFromConfig(cfg).ListStreams(t.Context(), nil)
		if err != nil || len(views.StreamNames) != 1 || views.StreamNames[0] != "views" {
			t.Errorf("%+v, %v", views, err)
		}
	})
}

func TestSetupRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, message string }{
		{"{\n  \"streams\": [{\"name\": 3}]\n}", `setup.json:2:24: "streams.name" is a number, not a string`},
		{"{\n  \"stream\": []\n}", `setup.json:2:3: there is no member "stream"`},
		{`{"streams": [{"mode": "", "shrads": 1}], "buckets": [{"mode": ""}]}`, `setup.json:1:27: there is no member "shrads"`},
		{`{"streams": [{"mode": ""}], "buckets": [{"mode": ""}]}`, `setup.json: there is no member "mode"`},
		{"{\n  \"streams\": [,]\n}", "setup.json:2:15: invalid character"},
		{"{} {}", "something follows the document"},
		{"", "setup.json:1:1: there is no document"},
		{"{\n  \"streams\": [", "setup.json:2:14: the document ends too soon"},
		{"[]", "setup.json:1:1: the document is an array, not an object"},
		{`{"streams": {}}`, `setup.json:1:13: "streams" is an object, not an array`},
		{`{"streams": [{"shards": "4"}]}`, `"streams.shards" is a string, not a whole number`},
	} {
		if _, err := emulator.ReadSetup(strings.NewReader(test.text), "setup.json"); err == nil || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s: %v", test.text, err)
		}
	}
	for _, test := range []struct{ text, where, message string }{
		{`{"streams": [{"name": "ok"}, {"name": "not ok"}]}`, `streams[1], "not ok"`, "ValidationException"},
		{`{"streams": [{"name": "a", "account": "12"}]}`, `streams[0], "a"`, "twelve digits"},
		{`{"streams": [{"name": "a", "retentionHours": 1}]}`, `streams[0], "a"`, "InvalidArgumentException"},
		{`{"tables": [{"name": "leases"}]}`, `tables[0], "leases"`, "hashKey has no name"},
		{`{"buckets": [{"name": "A"}]}`, `buckets[0], "A"`, "InvalidBucketName"},
	} {
		wanted, err := emulator.ReadSetup(strings.NewReader(test.text), "setup.json")
		if err != nil {
			t.Fatal(err)
		}
		_, err = emulator.New(emulator.Options{Setup: wanted})
		refused, ok := errors.AsType[*emulator.SetupError](err)
		if !ok || refused.Where != test.where || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s: %v", test.text, err)
		}
	}
}

// FuzzReadSetup reads anything or says where it cannot.
func FuzzReadSetup(f *testing.F) {
	f.Add(setup)
	f.Add("{\n}\n{")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := emulator.ReadSetup(strings.NewReader(text), "setup.json"); err != nil && !strings.HasPrefix(err.Error(), "setup.json:") {
			t.Error(err)
		}
	})
}

// TestHealth answers at its own address and, when asked for, at LocalStack's; buckets and keys of these names stay what they are.
func TestHealth(t *testing.T) {
	t.Parallel()
	for _, localStack := range []bool{false, true} {
		e, err := emulator.New(emulator.Options{LocalStack: localStack, Setup: emulator.Setup{Buckets: []emulator.BucketSetup{{Name: "health"}}}})
		if err != nil {
			t.Fatal(err)
		}
		status := func(path, host, authorization string) int {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = host
			request.Header.Set("Authorization", authorization)
			response, err := e.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			if response.Header.Get("Content-Type") == "application/xml" {
				return -response.StatusCode // S3's
			}
			return response.StatusCode
		}
		const signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
		got := []int{
			status("/health", "", ""), status("/health", "", signed), status("/health", "other.localhost", ""), status("/healthy", "", ""),
			status("/_clickstream/faults", "", signed), status("/_clickstream/faults", "other.localhost", ""), status("/_localstack/health", "", ""),
			status("/_clickstream/fault", "", ""), status("/_clickstream/fault", "other.localhost", ""),
		}
		want := []int{200, -200, -404, -404, 200, -404, -404, 404, -404}
		if localStack {
			want[6] = 200
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("LocalStack %v: %s", localStack, diff)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
