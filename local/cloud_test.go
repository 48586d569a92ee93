package local

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/internal/awsclient"
	"clickstream/internal/leases"
	"clickstream/internal/process"
	"clickstream/properties"
)

// TestNothingToStoreWaitsForTheDaemon has a run of no records, whose daemon makes its lease table and then its bucket.
func TestNothingToStoreWaitsForTheDaemon(t *testing.T) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	settings, err := properties.Load("", map[string]string{"streamName": "clicks", "applicationName": "app", "bucket": "objects"})
	if err != nil {
		t.Fatal(err)
	}
	here(settings)
	cloud, err := startCloud(Config{Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.stop()
	t.Setenv("AWS_ENDPOINT_URL", cloud.endpoint) // which makes the credentials of nobody do
	clients, err := awsclient.Load(t.Context(), settings, config.WithHTTPClient(cloud.emulator.Client()))
	if err != nil {
		t.Fatal(err)
	}
	r := &run{pipeline: pipeline{daemon: &process.Child{}}, cloud: cloud, progress: newProgress(t.Output(), 0, false)}
	for _, step := range []struct {
		makes string
		call  func(context.Context) error
		done  bool
	}{
		{"stream", func(ctx context.Context) error {
			_, err := clients.Kinesis.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("clicks"), ShardCount: aws.Int32(1)})
			return err
		}, false},
		{"lease table", leases.NewTable(clients.DynamoDB, "app").Ensure, false},
		{"bucket", func(ctx context.Context) error {
			_, err := clients.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("objects")})
			return err
		}, true},
	} {
		if err := step.call(t.Context()); err != nil {
			t.Fatal(err)
		}
		if done, err := r.look(time.Now()); done != step.done || err != nil {
			t.Errorf("with its %s the run is over: %v, %v, want %v", step.makes, done, err, step.done)
		}
	}
}
