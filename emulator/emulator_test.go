package emulator_test

import (
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"clickstream/emulator"
)

// answer is what came back for a request.
type answer struct {
	status   int
	protocol string
	header   http.Header
	body     string
}

// send makes one request.
func send(t *testing.T, client *http.Client, url, body string, header ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return exchange(t, client, request)
}

// exchange sends a request, and returns what came back with its whole body.
func exchange(t *testing.T, client *http.Client, request *http.Request) answer {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Proto, response.Header, string(text)}
}

func signed(service string) string {
	return "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
}

func TestRouting(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	const form = "application/x-www-form-urlencoded"
	tests := []struct {
		name, path, body string
		header           []string
		status           int
		want             string
	}{
		{"kinesis", "/", `{}`, []string{"X-Amz-Target", "Kinesis_20131202.ListStreams"}, 200, `"StreamNames":[]`},
		{"dynamodb", "/", `{}`, []string{"X-Amz-Target", "DynamoDB_20120810.ListTables"}, 200, `"TableNames":[]`},
		{"dynamodb's own error type", "/", `{}`, []string{"X-Amz-Target", "DynamoDB_20120810.Nonsense"}, 400, `com.amazon.coral.service#UnknownOperationException`},
		{"unknown operation", "/", `{}`, []string{"X-Amz-Target", "Kinesis_20131202.Nonsense"}, 400, `"__type":"UnknownOperationException"`},
		{"unknown service", "/", `{}`, []string{"X-Amz-Target", "Firehose_20150804.PutRecord"}, 400, `Firehose_20150804.PutRecord`},
		{"no target, but a scope", "/", `{}`, []string{"Authorization", signed("kinesis")}, 400, `UnknownOperationException`},
		{"sts, unsigned", "/", "Action=GetCallerIdentity&Version=2011-06-15", []string{"Content-Type", form}, 200, "<Account>000000000000</Account>"},
		{"sts, signed", "/", "Action=GetCallerIdentity&Version=2011-06-15", []string{"Content-Type", form, "Authorization", signed("sts")}, 200, "<Arn>arn:aws:iam::000000000000:user/clickstream</Arn>"},
		{"sts, by query", "/?Action=GetCallerIdentity", "", nil, 200, "GetCallerIdentityResponse"},
		{"sts, another action", "/", "Action=GetSessionToken", []string{"Content-Type", form}, 400, "<Code>InvalidAction</Code>"},
		{"sts, no form", "/", "%zz", []string{"Content-Type", form}, 400, "<Code>InvalidAction</Code>"},
		{"cloudwatch, unsigned", "/", "Action=ListMetrics&Version=2010-08-01", []string{"Content-Type", form}, 200, "<ListMetricsResult><Metrics></Metrics></ListMetricsResult>"},
		{"cloudwatch, signed", "/", "Action=ListMetrics", []string{"Content-Type", form, "Authorization", signed("monitoring")}, 200, "ListMetricsResponse"},
		{"cloudwatch, JSON", "/", "{}", []string{"X-Amz-Target", "GraniteServiceVersion20100801.ListMetrics"}, 200, `{"Metrics":[]}`},
		{"cloudwatch, RPC", "/service/GraniteServiceVersion20100801/operation/ListMetrics", "", []string{"Smithy-Protocol", "rpc-v2-cbor"}, 200, "\xa1gMetrics\x80"},
		{"RPC of an unknown service", "/service/Logs/operation/ListMetrics", "", []string{"Smithy-Protocol", "rpc-v2-cbor"}, 400, "UnknownOperationException"},
		{"s3, signed", "/", "", []string{"Authorization", signed("s3")}, 405, "MethodNotAllowed"},
		{"s3, unsigned", "/bucket/key?uploads", "", nil, 404, "NoSuchBucket"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := send(t, e.Client(), e.URL+test.path, test.body, test.header...); got.status != test.status || !strings.Contains(got.body, test.want) {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

// TestBothVersionsOfHTTP speaks HTTP/1.1 and HTTP/2 by prior knowledge to one port.
func TestBothVersionsOfHTTP(t *testing.T) {
	t.Parallel()
	e := emulator.ServeT(t)
	for version, set := range map[string]func(*http.Protocols){
		"HTTP/1.1": func(p *http.Protocols) { p.SetHTTP1(true) }, "HTTP/2.0": func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) },
	} {
		var protocols http.Protocols
		set(&protocols)
		transport := &http.Transport{Protocols: &protocols}
		defer transport.CloseIdleConnections()
		got := send(t, &http.Client{Transport: transport}, e.URL, `{}`, "X-Amz-Target", "Kinesis_20131202.ListStreams")
		if got.protocol != version || got.status != http.StatusOK {
			t.Errorf("%s: %+v", version, got)
		}
	}
}

// TestAllServicesInVirtualTime has the SDK's clients talk to every service within a bubble, of which nothing may be left.
func TestAllServicesInVirtualTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := emulator.RunT(t)
		cfg := config(e)
		create(t, kinesis.NewFromConfig(cfg), "clicks", 2)
		buckets := s3.NewFromConfig(cfg)
		if _, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{
			Bucket: aws.String("bucket"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(cfg.Region)},
		}); err != nil {
			t.Error(err)
		}
		large := strings.Repeat("x", 1<<20)
		if _, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("a/b c"), Body: strings.NewReader(large)}); err != nil {
			t.Error(err)
		}
		if body, ok := e.S3().Object("bucket", "a/b c"); !ok || string(body) != large {
			t.Errorf("the object has %d bytes, %v", len(body), ok)
		}
		if _, err := dynamodb.NewFromConfig(cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
			t.Error(err)
		}
		if tables, streams := e.DynamoDB().Tables(), e.Kinesis().Streams(); len(tables) != 0 || len(streams) != 1 {
			t.Errorf("tables %v, streams %v", tables, streams)
		}
	})
}

func TestFail(t *testing.T) {
	t.Parallel()
	e := emulator.RunT(t)
	client := kinesis.NewFromConfig(config(e), func(o *kinesis.Options) { o.Retryer = aws.NopRetryer{} })
	e.Fail("Kinesis.ListStreams", 1, &emulator.Error{Code: "LimitExceededException", Message: "not now"})
	e.Fail("Kinesis.ListStreams", 1, errors.New("broken"))
	_, err := client.ListStreams(t.Context(), &kinesis.ListStreamsInput{})
	if refused, ok := errors.AsType[*types.LimitExceededException](err); !ok || refused.ErrorMessage() != "not now" {
		t.Errorf("first: %v", err)
	}
	if _, err = client.ListStreams(t.Context(), &kinesis.ListStreamsInput{}); err == nil || !strings.Contains(err.Error(), "InternalFailure: broken") {
		t.Errorf("second: %v", err)
	}
	if _, err = client.ListStreams(t.Context(), &kinesis.ListStreamsInput{}); err != nil {
		t.Errorf("third: %v", err)
	}
}

// TestCloseDoesNotWaitForClients keeps an idle, a silent and a busy connection open.
func TestCloseDoesNotWaitForClients(t *testing.T) {
	t.Parallel()
	e := emulator.ServeT(t)
	send(t, http.DefaultClient, e.URL, `{}`, "X-Amz-Target", "Kinesis_20131202.ListStreams")
	var dialer net.Dialer
	for _, text := range []string{"", "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\nContent-Length: 10\r\n\r\n{"} {
		connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(e.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = connection.Close() }()
		if _, err := io.WriteString(connection, text); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(e.URL, "http://")); err == nil {
		_ = connection.Close()
		t.Error("the port is still open")
	}
	if err := e.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// TestTLSInMemory speaks TLS under the emulator's own address and under a name of AWS, in virtual time.
func TestTLSInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(emulator.Options{TLS: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}()
		for _, url := range []string{e.URL, "https://kinesis.us-east-1.amazonaws.com"} {
			if got := send(t, e.Client(), url, `{}`, "X-Amz-Target", "Kinesis_20131202.ListStreams"); got.status != http.StatusOK || !strings.HasPrefix(url, "https://") {
				t.Errorf("%s: %d %s", url, got.status, got.body)
			}
		}
		if block, _ := pem.Decode(e.CA()); block == nil || block.Type != "CERTIFICATE" {
			t.Errorf("the certificate is %q", e.CA())
		}
	})
}
