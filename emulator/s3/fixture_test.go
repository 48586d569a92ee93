package s3_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"clickstream/emulator/s3"
	"clickstream/internal/wholebody"
)

// fixture is a store behind a real server.
type fixture struct {
	*s3.Store
	server *httptest.Server
}

func start(t *testing.T) fixture {
	t.Helper()
	store := s3.New(nil)
	server := httptest.NewServer(store.Handler())
	t.Cleanup(server.Close)
	return fixture{store, server}
}

// startTLS serves https, over which SDKs send checksums as trailers.
func startTLS(t *testing.T) fixture {
	t.Helper()
	store := s3.New(nil)
	server := httptest.NewTLSServer(store.Handler())
	t.Cleanup(server.Close)
	return fixture{store, server}
}

// client makes an SDK client of an access key.
func (f fixture) client(key, region string, change ...func(*sdk.Options)) *sdk.Client {
	transport := f.server.Client().Transport.(*http.Transport) //nolint:forcetypeassert // it is one
	return sdk.New(sdk.Options{
		Region:           region,
		Credentials:      credentials.NewStaticCredentialsProvider(key, "secret", ""),
		BaseEndpoint:     aws.String(f.server.URL),
		UsePathStyle:     true,
		HTTPClient:       &http.Client{Transport: wholebody.Transport{Transport: transport}},
		RetryMaxAttempts: 1,
		// What aws/config sets by default.
		RequestChecksumCalculation:                aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation:                aws.ResponseChecksumValidationWhenSupported,
		DisableLogOutputChecksumValidationSkipped: true,
	}, change...)
}

// bucket makes a client and a bucket for it.
func (f fixture) bucket(t *testing.T, name string, change ...func(*sdk.Options)) *sdk.Client {
	t.Helper()
	c := f.client("test", "us-east-1", change...)
	if _, err := c.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	return c
}

func whenRequired(o *sdk.Options) {
	o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
}

// put stores an object and gives its entity tag.
func put(t *testing.T, c *sdk.Client, bucket, key, body string) string {
	t.Helper()
	out, err := c.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	if err != nil {
		t.Fatalf("PutObject %q: %v", key, err)
	}
	return *out.ETag
}

// read gives an object's body.
func read(t *testing.T, c *sdk.Client, bucket, key string) string {
	t.Helper()
	out, err := c.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatalf("GetObject %q: %v", key, err)
	}
	return body(t, out.Body)
}

func body(t *testing.T, in io.ReadCloser) string {
	t.Helper()
	defer func() { _ = in.Close() }()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantCode fails unless err is an API error of that code; "" wants no error.
func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	got := ""
	if apiErr, ok := errors.AsType[smithy.APIError](err); ok {
		got = apiErr.ErrorCode()
	} else if err != nil {
		got = err.Error()
	}
	if got != code {
		t.Errorf("%s: error %q, want %q (%v)", what, got, code, err)
	}
}

// answer is a response read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// errorDocument is what S3 answers to what it refuses.
type errorDocument struct {
	XMLName                            xml.Name `xml:"Error"`
	Code, Message, Resource, Condition string
	RequestID                          string `xml:"RequestId"`
	HostID                             string `xml:"HostId"`
}

func (a answer) error(t *testing.T) errorDocument {
	t.Helper()
	var doc errorDocument
	if err := xml.Unmarshal([]byte(a.body), &doc); err != nil {
		t.Fatalf("error document %q: %v", a.body, err)
	}
	return doc
}

// request is one raw HTTP request, its target sent as it stands.
type request struct {
	method, target, host, body string
	header                     map[string]string
}

// do runs a request against the handler without a network.
func do(store *s3.Store, rq request) answer {
	r := httptest.NewRequestWithContext(context.Background(), rq.method, "http://"+orDefault(rq.host, "127.0.0.1:4567"), bytes.NewReader([]byte(rq.body)))
	path, query, _ := strings.Cut(rq.target, "?")
	if u, err := r.URL.Parse("http://h" + path); err == nil {
		r.URL.Path, r.URL.RawPath = u.Path, u.RawPath
	}
	r.URL.RawQuery = query
	for name, value := range rq.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	store.Handler().ServeHTTP(w, r)
	res := w.Result()
	text, _ := io.ReadAll(res.Body)
	header := http.Header{}
	for name, values := range res.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	return answer{res.StatusCode, header, string(text)}
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// newStore makes a store with one bucket called "bbb".
func newStore(tb testing.TB) *s3.Store {
	tb.Helper()
	store := s3.New(nil)
	if a := do(store, request{method: "PUT", target: "/bbb"}); a.status != http.StatusOK {
		tb.Fatalf("CreateBucket: %d %s", a.status, a.body)
	}
	return store
}
