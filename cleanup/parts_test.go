package cleanup_test

import (
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/urfave/cli/v2"

	"clickstream/cleanup"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

func TestOnlySomeParts(t *testing.T) {
	for only, left := range map[string]string{
		"stream":         "|app app-CoordinatorState app-WorkerMetricStats|objects",
		"tables":         "clicks||objects",
		"bucket":         "clicks|app app-CoordinatorState app-WorkerMetricStats|",
		"bucket,stream":  "|app app-CoordinatorState app-WorkerMetricStats|",
		" tables,bucket": "clicks||",
	} {
		t.Run(only, func(t *testing.T) {
			w := newWorld(t, nil)
			w.run()
			var out strings.Builder
			app := &cli.App{Writer: &out, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{cleanup.Command()}}
			run := func() error {
				return app.RunContext(t.Context(), []string{"clickstream", "cleanup", "--stream", "clicks", "--application", "app", "--bucket", "objects", "--yes", "--only", only})
			}
			if err := run(); err != nil || w.left() != left {
				t.Errorf("left %s, %v:\n%s", w.left(), err, out.String())
			}
			out.Reset()
			if err := run(); err != nil || !strings.HasPrefix(out.String(), "nothing to do: no ") || strings.Contains(out.String(), "bucket") != strings.Contains(only, "bucket") {
				t.Errorf("the second time: %v:\n%s", err, out.String())
			}
		})
	}
}

func TestOnlyKnowsItsParts(t *testing.T) {
	app := &cli.App{Writer: io.Discard, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{cleanup.Command()}}
	for _, nothing := range []string{"", " ", ","} {
		if err := app.RunContext(t.Context(), []string{"clickstream", "cleanup", "--yes", "--only", nothing}); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "--only names nothing") {
			t.Errorf("--only %q: exit code %d: %v", nothing, exit.Code(err), err)
		}
	}
	err := app.RunContext(t.Context(), []string{"clickstream", "cleanup", "--only", "stream,disk"})
	if exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), `--only knows no "disk", only stream, tables, bucket`) {
		t.Errorf("%v", err)
	}
}

// TestOneTableAgain has KCL 3.5's layout: all in the lease table.
func TestOneTableAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	for _, name := range []string{"app-CoordinatorState", "app-WorkerMetricStats"} {
		_, err := w.clients.DynamoDB.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name})
		w.must(err)
	}
	for _, entity := range []string{"COORDINATOR_STATE", "WORKER_METRICS"} {
		_, err := w.clients.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("app"), Item: map[string]types.AttributeValue{
			"leaseKey": &types.AttributeValueMemberS{Value: entity}, "entityType": &types.AttributeValueMemberS{Value: entity},
		}})
		w.must(err)
	}
	out, err := w.cleanup(cleanup.Config{Yes: true, Only: []string{"tables"}})
	if err != nil || !strings.Contains(out, "  table app: 3 leases and 2 other items of the Java daemon\n") || w.left() != "clicks||objects" {
		t.Errorf("left %s, %v:\n%s", w.left(), err, out)
	}
}

func TestProtectedTable(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	_, err := w.clients.DynamoDB.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: aws.String("app"), DeletionProtectionEnabled: aws.Bool(true)})
	w.must(err)
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if exit.Code(err) != exit.Failed || w.left() != "|app|" || !strings.Contains(out, "left alone: table app is protected from deletion") {
		t.Errorf("left %s, %v:\n%s", w.left(), err, out)
	}
}

func TestTheStreamsConsumersGoWithIt(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	arn := aws.String("arn:aws:kinesis:us-east-1:000000000000:stream/clicks")
	for _, name := range []string{"app", "billing"} {
		_, err := w.clients.Kinesis.RegisterStreamConsumer(t.Context(), &kinesis.RegisterStreamConsumerInput{StreamARN: arn, ConsumerName: &name})
		w.must(err)
	}
	out, err := w.cleanup(cleanup.Config{Yes: true, Only: []string{"stream"}})
	if err != nil || !strings.Contains(out, ", and its 2 registered consumers: app billing") || len(w.emulator.Kinesis().Streams()) != 0 {
		t.Errorf("%v:\n%s", err, out)
	}
}

func TestWhoseTheStreamIs(t *testing.T) {
	w := newWorld(t, nil)
	_, err := w.clients.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("clicks"), ShardCount: aws.Int32(1)})
	w.must(err)
	tag := func(tags map[string]string) {
		_, err := w.clients.Kinesis.AddTagsToStream(t.Context(), &kinesis.AddTagsToStreamInput{StreamName: aws.String("clicks"), Tags: tags})
		w.must(err)
	}
	said := func(want string) {
		t.Helper()
		if out, err := w.cleanup(cleanup.Config{DryRun: true, Only: []string{"stream"}}); err != nil || !strings.Contains(out, want+"\n") {
			t.Errorf("%v, it did not say %q:\n%s", err, want, out)
		}
	}
	tag(map[string]string{"team": "clicks"})
	said("; nothing says that it is clickstream's: look whether it is the one that you mean")
	w.bucket("other")
	said("; nothing says that it is clickstream's: look whether it is the one that you mean")
	w.put(delivery.ApplicationKey("app"), delivery.Owner{Application: "app", Stream: "clicks"}.Encode())
	said("; application app stores it, as the bucket's marker says")
	tag(map[string]string{delivery.StreamTag: "produce"})
	said("; clickstream produce made it, as its tag says")
}
