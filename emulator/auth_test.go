package emulator_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"clickstream/emulator"
)

// withAuth runs a test in virtual time with an emulator that knows one key.
func withAuth(t *testing.T, test func(*testing.T, *emulator.Emulator, aws.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(emulator.Options{Credentials: map[string]string{"AKIAME": "secret/+="}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}()
		cfg := config(e)
		cfg.Credentials = credentials.NewStaticCredentialsProvider("AKIAME", "secret/+=", "")
		cfg.Retryer = func() aws.Retryer { return retry.AddWithMaxAttempts(retry.NewStandard(), 1) }
		test(t, e, cfg)
	})
}

// calls makes one call of each service and returns their errors by service.
func calls(t *testing.T, cfg aws.Config) map[string]error {
	t.Helper()
	failed := map[string]error{}
	_, failed["kinesis"] = kinesis.NewFromConfig(cfg).ListStreams(t.Context(), &kinesis.ListStreamsInput{})
	_, failed["dynamodb"] = dynamodb.NewFromConfig(cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	_, failed["cloudwatch"] = cloudwatch.NewFromConfig(cfg).ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
	_, failed["sts"] = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	_, failed["s3"] = s3.NewFromConfig(cfg).ListBuckets(t.Context(), &s3.ListBucketsInput{})
	return failed
}

func TestAuth(t *testing.T) {
	t.Parallel()
	withAuth(t, func(t *testing.T, e *emulator.Emulator, cfg aws.Config) {
		t.Helper()
		for service, err := range calls(t, cfg) {
			if err != nil {
				t.Errorf("%s: %v", service, err)
			}
		}
		for _, test := range []struct {
			name        string
			credentials aws.CredentialsProvider
			json, query string
			s3          string
		}{
			{"another secret", credentials.NewStaticCredentialsProvider("AKIAME", "other", ""), "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"},
			{"a key of nobody", credentials.NewStaticCredentialsProvider("AKIAYOU", "secret/+=", ""), "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"},
			{"no signature", aws.AnonymousCredentials{}, "MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"},
		} {
			cfg.Credentials = test.credentials
			for service, err := range calls(t, cfg) {
				want := map[string]string{"sts": test.query, "s3": test.s3}[service]
				if want == "" {
					want = test.json
				}
				if refusal, ok := errors.AsType[smithy.APIError](err); !ok || refusal.ErrorCode() != want {
					t.Errorf("%s, %s: %v, want %s", test.name, service, err, want)
				}
			}
		}
		if streams := e.Kinesis().Streams(); len(streams) > 0 {
			t.Error(streams)
		}
	})
}

// TestAuthOfRoles uses the keys that AssumeRole gives, until they expire.
func TestAuthOfRoles(t *testing.T) {
	t.Parallel()
	withAuth(t, func(t *testing.T, _ *emulator.Emulator, cfg aws.Config) {
		t.Helper()
		out, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("me"), DurationSeconds: aws.Int32(900),
		})
		if err != nil {
			t.Fatal(err)
		}
		given := out.Credentials
		use := func(token string) error {
			cfg.Credentials = credentials.NewStaticCredentialsProvider(*given.AccessKeyId, *given.SecretAccessKey, token)
			return calls(t, cfg)["kinesis"]
		}
		if err := use(*given.SessionToken); err != nil {
			t.Errorf("with the token: %v", err)
		}
		if err := use("another"); err == nil || !strings.Contains(err.Error(), "UnrecognizedClientException") {
			t.Errorf("with another token: %v", err)
		}
		time.Sleep(15 * time.Minute)
		cfg.Credentials = credentials.NewStaticCredentialsProvider(*given.AccessKeyId, *given.SecretAccessKey, *given.SessionToken)
		for service, err := range calls(t, cfg) {
			want := map[string]string{"sts": "ExpiredToken", "s3": "ExpiredToken"}[service]
			if want == "" {
				want = "ExpiredTokenException"
			}
			if refusal, ok := errors.AsType[smithy.APIError](err); !ok || refusal.ErrorCode() != want {
				t.Errorf("after a quarter of an hour, %s: %v, want %s", service, err, want)
			}
		}
	})
}

// TestAuthOfObjects stores and reads objects with awkward names, also by presigned addresses.
func TestAuthOfObjects(t *testing.T) {
	t.Parallel()
	withAuth(t, func(t *testing.T, e *emulator.Emulator, cfg aws.Config) {
		t.Helper()
		cfg.Region = "us-east-1"
		client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"plain", "a b+c/ü&=?#/..//%41", "x~_-.!*'()"} {
			if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: &key, Body: strings.NewReader("body")}); err != nil {
				t.Errorf("put %q: %v", key, err)
				continue
			}
			if _, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("bucket"), Prefix: &key}); err != nil {
				t.Errorf("list %q: %v", key, err)
			}
			presigned, err := s3.NewPresignClient(client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: &key}, s3.WithPresignExpires(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if status, body := fetch(t, e, presigned.URL); status != http.StatusOK || body != "body" {
				t.Errorf("presigned %q: %d %s", key, status, body)
			}
			if status, body := fetch(t, e, strings.Replace(presigned.URL, "X-Amz-Expires=60", "X-Amz-Expires=600", 1)); status != http.StatusForbidden || !strings.Contains(body, "SignatureDoesNotMatch") {
				t.Errorf("presigned and changed: %d %s", status, body)
			}
			if status, body := fetch(t, e, strings.Replace(presigned.URL, "X-Amz-Expires=60", "X-Amz-Expires=often", 1)); status != http.StatusBadRequest || !strings.Contains(body, "AuthorizationQueryParametersError") {
				t.Errorf("presigned in another form: %d %s", status, body)
			}
			time.Sleep(61 * time.Second)
			if status, body := fetch(t, e, presigned.URL); status != http.StatusForbidden || !strings.Contains(body, "Request has expired") {
				t.Errorf("presigned long ago: %d %s", status, body)
			}
		}
	})
}

func fetch(t *testing.T, e *emulator.Emulator, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := exchange(t, e.Client(), request)
	return got.status, got.body
}

// TestAuthOfTimes signs at other times than now, and a body other than the one that is sent.
func TestAuthOfTimes(t *testing.T) {
	t.Parallel()
	withAuth(t, func(t *testing.T, e *emulator.Emulator, cfg aws.Config) {
		t.Helper()
		me, err := cfg.Credentials.Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			service string
			at      time.Duration
			signed  string
			want    string
		}{
			{"dynamodb", 0, "{}", "Credential should be scoped to correct service: 'kinesis'."},
			{"firehose", 0, "{}", "UnknownOperationException"},
			{"kinesis", -5 * time.Minute, "{}", `"StreamNames"`},
			{"kinesis", -6 * time.Minute, "{}", "Signature expired: 19991231T235400Z is now earlier than 19991231T235500Z (20000101T000000Z - 5 min.)"},
			{"kinesis", 6 * time.Minute, "{}", "Signature not yet current: 20000101T000600Z is still later than 20000101T000500Z (20000101T000000Z + 5 min.)"},
			{"kinesis", 0, `{"Limit":1}`, "InvalidSignatureException"},
			{"s3", 15 * time.Minute, "{}", "NoSuchBucket"},
			{"s3", 16 * time.Minute, "{}", "RequestTimeTooSkewed"},
		} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL, bytes.NewReader([]byte("{}")))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(test.signed))
			hash := hex.EncodeToString(sum[:])
			if test.service != "s3" {
				request.Header.Set("X-Amz-Target", map[bool]string{true: "Firehose_20150804", false: "Kinesis_20131202"}[test.service == "firehose"]+".ListStreams")
			} else {
				request.Header.Set("X-Amz-Content-Sha256", hash)
				request.Method, request.URL.Path = http.MethodPut, "/bucket/key"
			}
			if err := v4.NewSigner().SignHTTP(t.Context(), me, request, hash, test.service, "us-east-1", time.Now().Add(test.at)); err != nil {
				t.Fatal(err)
			}
			if got := exchange(t, e.Client(), request); !strings.Contains(got.body, test.want) {
				t.Errorf("%s signed %v from now: %d %s", test.service, test.at, got.status, got.body)
			}
		}
	})
}
