package awsclient_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/internal/awsclient"
	"clickstream/properties"
)

// lateReader is an HTTP client that, as net/http's transport may, looks at the request's body once more after the SDK closed it.
type lateReader struct{ bodies []io.ReadCloser }

func (l *lateReader) Do(r *http.Request) (*http.Response, error) {
	l.bodies = append(l.bodies, r.Body)
	return nil, errors.New("no answer")
}

func TestAClosedBodyReadsAsEnded(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_CA_BUNDLE", "")
	settings, err := properties.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	late := &lateReader{}
	clients, err := awsclient.Load(t.Context(), settings, config.WithHTTPClient(late), config.WithRegion("us-east-1"))
	if err != nil {
		t.Fatal(err)
	}
	once := func(o *kinesis.Options) { o.RetryMaxAttempts = 1 }
	_, _ = clients.Kinesis.PutRecords(t.Context(), &kinesis.PutRecordsInput{
		StreamName: aws.String("s"), Records: []types.PutRecordsRequestEntry{{Data: []byte("d"), PartitionKey: aws.String("k")}},
	}, once)
	_, _ = clients.DynamoDB.ListTables(t.Context(), &dynamodb.ListTablesInput{}, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	_, _ = clients.S3.PutBucketLifecycleConfiguration(t.Context(),
		&s3.PutBucketLifecycleConfigurationInput{Bucket: aws.String("b")}, func(o *s3.Options) { o.RetryMaxAttempts = 1 })
	if len(late.bodies) < 2 {
		t.Fatalf("%d requests were sent, want one of each service", len(late.bodies))
	}
	for i, body := range late.bodies {
		if body == nil {
			continue
		}
		if err := body.Close(); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, body); n != 0 || err != nil {
			t.Errorf("request %d: a closed body gave %d bytes and %v: the transport would close the connection under the answer", i, n, err)
		}
	}
}
