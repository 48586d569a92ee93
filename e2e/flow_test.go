package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"clickstream/e2e"
)

// testWholeFlow: what is sent comes to be in the bucket, once, byte for byte; what no object can hold is set aside; and cleanup leaves nothing.
func testWholeFlow(s *scene) {
	t := s.T
	app := s.app(nil)
	lines := app.Clicks(1000)
	sent := app.Produce(t, lines)
	if len(sent.Shards) != 2 {
		t.Errorf("produce made a stream of which it filled %d shards, want 2", len(sent.Shards))
	}
	put(t, app, "two\nlines")
	daemon := app.Daemon(t)
	app.WaitStored(t, len(lines))
	e2e.Eventually(t, s.at.Patience, "the record with a line feed below _errors/", func() bool {
		return slices.ContainsFunc(app.Keys(t), func(key string) bool { return strings.HasPrefix(key, "_errors/"+app.Name+"/") })
	})
	app.StopDaemon(t, daemon)
	app.SameLines(t, lines)
	report := app.Verify(t, len(lines)+1)
	if report.Totals.Rejected != 1 {
		t.Errorf("verify counts %d rejected records, want 1", report.Totals.Rejected)
	}

	// The Java daemon keeps two tables more.
	createTable(t, app, app.Name+"-CoordinatorState", "key")
	createTable(t, app, app.Name+"-WorkerMetricStats", "wid")
	want := []string{
		"bucket " + app.Name, "stream " + app.Name, "table " + app.Name,
		"table " + app.Name + "-CoordinatorState", "table " + app.Name + "-WorkerMetricStats",
	}
	if diff := cmp.Diff(want, app.Leftover(t)); diff != "" {
		t.Errorf("before cleanup (-want +got):\n%s", diff)
	}
	if out := app.Must(t, "cleanup", "--dry-run").Stdout; !strings.Contains(out, "table "+app.Name+": 2 leases") {
		t.Errorf("cleanup does not show the lease table:\n%s", out)
	}
	app.Must(t, "cleanup", "--yes")
	if left := app.Leftover(t); len(left) > 0 {
		t.Errorf("cleanup has left %v", left)
	}
	if out := app.Must(t, "cleanup", "--yes").Stdout; !strings.Contains(out, "nothing to do") {
		t.Errorf("a second cleanup says:\n%s", out)
	}
}

// testExistingStream: produce takes a stream as it is, and fills all its shards.
func testExistingStream(s *scene) {
	t := s.T
	app := s.app(map[string]string{"shards": "2"})
	createStream(t, app, 3)
	sent := app.ProduceRandom(t, "--records", "600")
	want := map[string]int64{"shardId-000000000000": 200, "shardId-000000000001": 200, "shardId-000000000002": 200}
	if diff := cmp.Diff(want, sent.Shards); diff != "" {
		t.Errorf("records of each shard (-want +got):\n%s", diff)
	}
	daemon := app.Daemon(t)
	app.WaitStored(t, 600)
	app.StopDaemon(t, daemon)
	if report := app.Verify(t, 600); len(report.Shards) != 3 {
		t.Errorf("verify sees %d shards, want 3", len(report.Shards))
	}
}

// testRefused: what PutRecords refuses is sent again, until nothing is missing.
func testRefused(s *scene) {
	t := s.T
	app := s.app(map[string]string{"shards": "1", "recordsToWritePerBatch": "20"})
	if s.at.Refuse != nil {
		s.at.Refuse(t, app.Name)
	}
	lines := app.Clicks(1500)
	sent := app.Produce(t, lines)
	if sent.Retried == 0 && s.at.Refuse != nil {
		t.Error("nothing was refused: this test has not seen what it is for")
	}
	daemon := app.Daemon(t)
	app.WaitStored(t, len(lines))
	app.StopDaemon(t, daemon)
	app.SameLines(t, lines)
	app.Verify(t, len(lines))
}

// testAggregated: clicks that travel in aggregates come out of them one by one, each of them once, of a stream that refuses some of them.
func testAggregated(s *scene) {
	t := s.T
	app := s.app(map[string]string{"shards": "2", "aggregation": "true"})
	lines := app.Clicks(3000)
	sent := app.Produce(t, lines, "--tps", "0")
	if sent.KinesisRecords == 0 || sent.KinesisRecords > int64(len(lines))/10 {
		t.Errorf("%d clicks are in %d records of the stream", len(lines), sent.KinesisRecords)
	}
	daemon := app.Daemon(t)
	app.WaitStored(t, len(lines))
	app.StopDaemon(t, daemon)
	app.SameLines(t, lines)
	app.Verify(t, len(lines))
}

// testStopped: a consumer that was away goes on where it was.
func testStopped(s *scene) {
	t := s.T
	app := s.app(nil)
	lines := app.Clicks(900)
	app.Produce(t, lines[:300])
	daemon := app.Daemon(t)
	app.WaitStored(t, 300)
	app.StopDaemon(t, daemon)
	app.Produce(t, lines[300:])
	if note := app.Must(t, "verify").Stdout; !strings.Contains(note, "2 of 2 shards have records behind their checkpoint") {
		t.Errorf("verify does not say that the consumer is behind:\n%s", note)
	}
	daemon = app.Daemon(t)
	for _, started := range daemon.WaitFor(t, s.at.Patience, 2, `record processor started \(process \d+\) at (\S+)`) {
		if started[1] == "TRIM_HORIZON" {
			t.Error("the consumer begins anew instead of at its checkpoint")
		}
	}
	app.WaitStored(t, len(lines))
	app.StopDaemon(t, daemon)
	app.SameLines(t, lines)
	app.Verify(t, len(lines))
}

// testNoBucket: where no bucket may be made, everybody says so, and nothing goes on as if there were one.
func testNoBucket(s *scene) {
	t := s.T
	app := s.app(map[string]string{"createBucketIfNotPresent": "false"})
	app.Produce(t, app.Clicks(100))
	daemon := app.Daemon(t)
	if code := daemon.Wait(t, s.at.Patience); code != 2 {
		t.Errorf("the daemon ends with exit code %d, want 2", code)
	}
	want := "bucket " + app.Name
	if out := daemon.Output(); !strings.Contains(out, want) {
		t.Errorf("nothing is said about the bucket:\n%s", out)
	}
	for _, lease := range leaseList(t, app) {
		if lease.Checkpoint != "TRIM_HORIZON" {
			t.Errorf("lease %s has checkpoint %s", lease.Key, lease.Checkpoint)
		}
	}
	if r := app.Run(t, "verify"); r.Code != 2 || !strings.Contains(r.Stderr, want) {
		t.Errorf("verify: exit code %d, %s", r.Code, r.Stderr)
	}
	if left := app.Leftover(t); slices.Contains(left, "bucket "+app.Name) {
		t.Error("somebody made the bucket")
	}
	// With the bucket there, it goes on as if nothing had been.
	app.Set(t, map[string]string{"createBucketIfNotPresent": "true"})
	daemon = app.Daemon(t)
	app.WaitStored(t, 100)
	app.StopDaemon(t, daemon)
	app.Verify(t, 100)
}

func put(t *testing.T, app *e2e.App, data string) {
	t.Helper()
	for range 10 { // some endpoints refuse at random
		_, err := app.Kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: &app.Name, Data: []byte(data), PartitionKey: aws.String("key")})
		if err == nil {
			return
		}
		t.Log(err)
	}
	t.Fatal("a record could not be put")
}

func createStream(t *testing.T, app *e2e.App, shards int32) {
	t.Helper()
	_, err := app.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: &app.Name, ShardCount: &shards})
	if err != nil {
		t.Fatal(err)
	}
	waitActive(t, app)
}

func waitActive(t *testing.T, app *e2e.App) {
	t.Helper()
	e2e.Eventually(t, app.Patience, "stream to be ACTIVE", func() bool {
		out, err := app.Kinesis.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: &app.Name})
		if err != nil {
			t.Fatal(err)
		}
		return out.StreamDescriptionSummary.StreamStatus == "ACTIVE"
	})
}

func createTable(t *testing.T, app *e2e.App, name, key string) {
	t.Helper()
	_, err := app.DynamoDB.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: &key, AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: &key, KeyType: dynamodbtypes.KeyTypeHash}},
	})
	if err == nil {
		err = dynamodb.NewTableExistsWaiter(app.DynamoDB).Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}, app.Patience)
	}
	if err != nil {
		t.Fatal(err)
	}
}
