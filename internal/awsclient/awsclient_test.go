package awsclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/properties"
)

// isolate takes away what the machine says about AWS.
func isolate(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") || strings.HasSuffix(strings.ToUpper(name), "_PROXY") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func load(t *testing.T, cfg *properties.Config) *awsclient.Clients {
	t.Helper()
	clients, err := awsclient.Load(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return clients
}

func listStreams(ctx context.Context, clients *awsclient.Clients) error {
	_, err := clients.Kinesis.ListStreams(ctx, &kinesis.ListStreamsInput{})
	return err
}

// recorder answers every request and keeps what was asked.
type recorder struct {
	*httptest.Server
	requests []*http.Request
}

func record(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *recorder {
	t.Helper()
	r := &recorder{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		r.requests = append(r.requests, request)
		answer(w, request)
	}))
	t.Cleanup(r.Close)
	return r
}

func empty(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }

func TestRegion(t *testing.T) {
	isolate(t)
	if got := load(t, &properties.Config{}).Region; got != "us-east-1" {
		t.Errorf("nothing set: %s, want us-east-1", got)
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	if got := load(t, &properties.Config{}).Region; got != "eu-west-1" {
		t.Errorf("AWS_REGION set: %s, want eu-west-1", got)
	}
	if got := load(t, &properties.Config{RegionName: "ap-south-1"}).Region; got != "ap-south-1" {
		t.Errorf("regionName set: %s, want ap-south-1", got)
	}
}

func TestEndpoints(t *testing.T) {
	isolate(t)
	everything, own := record(t, empty), record(t, empty)
	t.Setenv("AWS_ENDPOINT_URL", everything.URL)
	clients := load(t, &properties.Config{KinesisEndpoint: own.URL, BucketRegion: "eu-west-1"})
	if err := listStreams(t.Context(), clients); err != nil {
		t.Fatal(err)
	}
	if _, err := clients.DynamoDB.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
		t.Fatal(err)
	}
	put := &s3.PutObjectInput{Bucket: aws.String("clicks"), Key: aws.String("k"), Body: strings.NewReader("x")}
	if _, err := clients.S3.PutObject(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	if len(own.requests) != 1 || len(everything.requests) != 2 {
		t.Fatalf("%d requests at kinesisEndpoint and %d at AWS_ENDPOINT_URL, want 1 and 2", len(own.requests), len(everything.requests))
	}
	object := everything.requests[1]
	if object.URL.Path != "/clicks/k" {
		t.Errorf("S3 path %s, want the bucket in it", object.URL.Path)
	}
	if got := object.Header.Get("X-Amz-Trailer") + object.Header.Get("X-Amz-Checksum-Crc32"); got != "" {
		t.Errorf("the object was sent with checksum %q", got)
	}
	authorization := object.Header.Get("Authorization")
	if !strings.Contains(authorization, "Credential=test/") || !strings.Contains(authorization, "/eu-west-1/s3/") {
		t.Errorf("authorization %q, want the credentials test in bucketRegion", authorization)
	}
}

func TestSettingsThatCannotWork(t *testing.T) {
	for name, test := range map[string]struct{ variable, value, text string }{
		"no URL":         {"AWS_ENDPOINT_URL", "foo", `environment variable AWS_ENDPOINT_URL must be a URL like http://127.0.0.1:4567, not "foo"`},
		"no scheme":      {"AWS_ENDPOINT_URL_S3", "localhost:4567", "environment variable AWS_ENDPOINT_URL_S3 must be a URL"},
		"no such scheme": {"AWS_ENDPOINT_URL_STS", "ftp://localhost", "environment variable AWS_ENDPOINT_URL_STS must be a URL"},
		"no profile":     {"AWS_PROFILE", "nope", "read the AWS settings: "},
	} {
		t.Run(name, func(t *testing.T) {
			isolate(t)
			t.Setenv(test.variable, test.value)
			_, err := awsclient.Load(t.Context(), &properties.Config{})
			if err == nil || !strings.HasPrefix(err.Error(), test.text) || exit.Code(err) != exit.Usage {
				t.Errorf("error %v with code %d", err, exit.Code(err))
			}
		})
	}
}

func TestLoopbackTakesConfiguredCredentials(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "mine")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	server := record(t, empty)
	if err := listStreams(t.Context(), load(t, &properties.Config{KinesisEndpoint: server.URL})); err != nil {
		t.Fatal(err)
	}
	if got := server.requests[0].Header.Get("Authorization"); !strings.Contains(got, "Credential=mine/") {
		t.Errorf("authorization %q, want the configured credentials", got)
	}
}

func TestNoCredentialsElsewhere(t *testing.T) {
	isolate(t)
	err := listStreams(t.Context(), load(t, &properties.Config{KinesisEndpoint: "http://kinesis.invalid"}))
	if _, ok := errors.AsType[*awsclient.NoCredentialsError](err); !ok || !awsclient.Permanent(err) {
		t.Errorf("error %v, want a permanent NoCredentialsError", err)
	}
	if text := awsclient.Explain(err, "list the streams").Error(); !strings.HasPrefix(text, "list the streams: no AWS credentials were found; set AWS_ACCESS_KEY_ID") {
		t.Errorf("explained as %q", text)
	}
}

func TestNothingListens(t *testing.T) {
	isolate(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	err = listStreams(t.Context(), load(t, &properties.Config{KinesisEndpoint: endpoint}))
	text := awsclient.Explain(err, "list the streams").Error()
	if !strings.HasPrefix(text, "list the streams: nothing listens at "+endpoint+"; check AWS_ENDPOINT_URL") || awsclient.Permanent(err) {
		t.Errorf("explained as %q, permanent %v", text, awsclient.Permanent(err))
	}
}

func TestExplainAnswers(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for name, test := range map[string]struct {
		status    int
		body      string
		sentence  string
		permanent bool
	}{
		"denied":        {400, `{"__type":"AccessDeniedException","message":"User x is not authorized"}`, "access denied: these credentials may not call Kinesis ListStreams (AccessDeniedException: User x is not authorized)", true},
		"any 403":       {403, `{"__type":"SomethingNew","message":"no"}`, "access denied: these credentials may not call Kinesis ListStreams (SomethingNew: no)", true},
		"unknown key":   {400, `{"__type":"UnrecognizedClientException","message":"The security token is invalid."}`, "AWS does not know these credentials", true},
		"wrong secret":  {400, `{"__type":"InvalidSignatureException","message":"m"}`, "the signature is wrong", true},
		"expired":       {400, `{"__type":"ExpiredTokenException","message":"m"}`, "the credentials have expired", true},
		"no stream":     {400, `{"__type":"ResourceNotFoundException","message":"Stream a under account b not found."}`, "there is no such stream in this region and account", false},
		"other":         {400, `{"__type":"LimitExceededException","message":"too many"}`, "LimitExceededException: too many", false},
		"passing fault": {500, `{"__type":"InternalFailure"}`, "HTTP 500 InternalFailure", false},
		"not AWS":       {404, "<html>not here</html>", "HTTP 404", false},
	} {
		t.Run(name, func(t *testing.T) {
			server := record(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			err := listStreams(t.Context(), load(t, &properties.Config{KinesisEndpoint: server.URL}))
			explained := awsclient.Explain(err, "list the streams")
			if !strings.HasPrefix(explained.Error(), "list the streams: ") || !strings.Contains(explained.Error(), test.sentence) {
				t.Errorf("explained as %q, want %q", explained, test.sentence)
			}
			if strings.Contains(explained.Error(), "\n") {
				t.Errorf("explained in several lines: %q", explained)
			}
			if got := awsclient.Permanent(explained); got != test.permanent {
				t.Errorf("permanent %v, want %v", got, test.permanent)
			}
			again := awsclient.Explain(explained, "do more")
			if want := "do more: " + explained.Error(); again.Error() != want {
				t.Errorf("explained again as %q, want %q", again, want)
			}
		})
	}
}

func TestExplainBuckets(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for name, test := range map[string]struct {
		status         int
		code, sentence string
	}{
		"none":         {404, "NoSuchBucket", "the bucket does not exist"},
		"other region": {301, "PermanentRedirect", "the bucket is in region eu-central-1; set bucketRegion to it"},
		"others'":      {403, "AccessDenied", "access denied: these credentials may not call S3 ListObjectsV2"},
	} {
		t.Run(name, func(t *testing.T) {
			server := record(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amz-Bucket-Region", "eu-central-1")
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, "<Error><Code>"+test.code+"</Code><Message>m</Message></Error>")
			})
			t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
			_, err := load(t, &properties.Config{}).S3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("clicks")})
			if text := awsclient.Explain(err, "list bucket clicks").Error(); !strings.Contains(text, test.sentence) || !awsclient.Permanent(err) {
				t.Errorf("explained as %q, permanent %v", text, awsclient.Permanent(err))
			}
		})
	}
}

func TestExplainLeavesCancellation(t *testing.T) {
	isolate(t)
	ctx, cancel := context.WithCancel(t.Context())
	server := record(t, func(_ http.ResponseWriter, request *http.Request) {
		cancel()
		<-request.Context().Done()
	})
	err := awsclient.Explain(listStreams(ctx, load(t, &properties.Config{KinesisEndpoint: server.URL})), "list the streams")
	if !errors.Is(err, context.Canceled) || awsclient.Permanent(err) {
		t.Errorf("error %v, want a cancelled context", err)
	}
	if awsclient.Explain(nil, "x") != nil || awsclient.Permanent(nil) {
		t.Error("nil was explained")
	}
}

func TestBucket(t *testing.T) {
	isolate(t)
	server := record(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
			<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	})
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	for want, cfg := range map[string]*properties.Config{
		"mine":                                  {Bucket: "mine"},
		"clickstream-123456789012-us-east-1":    {},
		"clickstream-123456789012-eu-central-1": {RegionName: "us-west-2", BucketRegion: "eu-central-1"},
	} {
		got, err := load(t, cfg).Bucket(t.Context(), cfg)
		if err != nil || got != want {
			t.Errorf("bucket %q, %v, want %q", got, err, want)
		}
	}
	if len(server.requests) != 2 {
		t.Errorf("%d requests, want 2: none for a bucket that is set", len(server.requests))
	}
}
