package daemon

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/sirupsen/logrus"

	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// httpClient is a function as the SDK's HTTP client.
type httpClient func(*http.Request) (*http.Response, error)

func (f httpClient) Do(r *http.Request) (*http.Response, error) { return f(r) }

// refused is what an HTTP client says where nothing listens.
func refused() error {
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	return &url.Error{Op: "Post", URL: "http://127.0.0.1:1/", Err: dial}
}

// lonely returns a daemon whose endpoints are a function.
func lonely(t *testing.T, client httpClient) *daemon {
	t.Helper()
	settings, err := properties.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	streams := kinesis.New(kinesis.Options{
		Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: client, Retryer: aws.NopRetryer{},
	})
	tables := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: client, Retryer: aws.NopRetryer{},
	})
	return &daemon{
		settings: settings, stream: newStream(streams, settings), table: leases.NewTable(tables, "app"), worker: "me",
		log: logrus.NewEntry(log), out: &lineWriter{w: io.Discard}, wake: make(chan struct{}, 1), running: map[string]bool{},
	}
}

// Where nobody ever answers, a daemon that starts says so and gives up.
func TestNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := lonely(t, func(*http.Request) (*http.Response, error) {
			return nil, refused()
		})
		start := time.Now()
		err := d.coordinate(t.Context(), func(leases.Lease) {})
		if exit.Code(err) != exit.Failed || !strings.Contains(err.Error(), "nothing listens") {
			t.Errorf("exit code %d: %v", exit.Code(err), err)
		}
		if took := time.Since(start); took < startPatience || took > 3*startPatience {
			t.Errorf("it took %s", took)
		}
	})
}

// Where somebody has answered, the daemon waits for as long as it takes.
func TestEndpointAwayForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answered := false
		d := lonely(t, func(*http.Request) (*http.Response, error) {
			if !answered {
				answered = true
				return &http.Response{
					StatusCode: http.StatusInternalServerError, Body: io.NopCloser(strings.NewReader(`{"__type":"InternalFailure"}`)),
				}, nil
			}
			return nil, refused()
		})
		ctx, cancel := context.WithTimeoutCause(t.Context(), 24*time.Hour, errors.New("enough"))
		defer cancel()
		if err := d.coordinate(ctx, func(leases.Lease) {}); err != nil {
			t.Error(err)
		}
		if ctx.Err() == nil {
			t.Error("the daemon gave up")
		}
	})
}
