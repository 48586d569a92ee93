package emulator_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
	"clickstream/emulator/internal/journal"
	kinesisservice "clickstream/emulator/kinesis"
)

// kept makes an emulator that keeps what it has in a folder.
func kept(t *testing.T, options emulator.Options) *emulator.Emulator {
	t.Helper()
	options.ErrorLog = log.New(io.Discard, "", 0)
	e, err := emulator.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // again: where the test failed before
	return e
}

// ask sends a request as JSON and returns the answer.
func ask(t *testing.T, e *emulator.Emulator, service, target, body string) string {
	t.Helper()
	got := send(t, e.Client(), e.URL, body, "X-Amz-Target", target, "Authorization", signed(service))
	if got.status != http.StatusOK {
		t.Fatalf("%s %s: %d %s", target, body, got.status, got.body)
	}
	return got.body
}

const (
	kinesisTarget = "Kinesis_20131202."
	dynamoTarget  = "DynamoDB_20120810."
)

// changes are one of each kind, in the order in which they are made.
func changes() [][3]string {
	const (
		arn      = `"arn:aws:kinesis:us-east-1:000000000000:stream/clicks"`
		demand   = `"arn:aws:kinesis:us-east-1:000000000000:stream/demand"`
		consumer = `"StreamARN":` + arn + `,"ConsumerName":`
		leases   = `"TableName":"leases"`
	)
	return [][3]string{
		{"kinesis", kinesisTarget + "CreateStream", `{"StreamName":"clicks","ShardCount":2,"Tags":{"a":"b"}}`},
		{"kinesis", kinesisTarget + "PutRecord", `{"StreamName":"clicks","Data":"YQ==","PartitionKey":"k"}`},
		{"kinesis", kinesisTarget + "StartStreamEncryption", `{"StreamName":"clicks","EncryptionType":"KMS","KeyId":"key"}`},
		{"kinesis", kinesisTarget + "PutRecord", `{"StreamName":"clicks","Data":"Yg==","PartitionKey":"k","ExplicitHashKey":"0"}`},
		{"kinesis", kinesisTarget + "SplitShard", `{"StreamName":"clicks","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"}`},
		{"kinesis", kinesisTarget + "PutRecord", `{"StreamName":"clicks","Data":"Yw==","PartitionKey":"k","ExplicitHashKey":"0"}`},
		{"kinesis", kinesisTarget + "MergeShards", `{"StreamName":"clicks","ShardToMerge":"shardId-000000000003","AdjacentShardToMerge":"shardId-000000000001"}`},
		{"kinesis", kinesisTarget + "IncreaseStreamRetentionPeriod", `{"StreamName":"clicks","RetentionPeriodHours":48}`},
		{"kinesis", kinesisTarget + "EnableEnhancedMonitoring", `{"StreamName":"clicks","ShardLevelMetrics":["IncomingBytes"]}`},
		{"kinesis", kinesisTarget + "UpdateMaxRecordSize", `{"StreamARN":` + arn + `,"MaxRecordSizeInKiB":2048}`},
		{"kinesis", kinesisTarget + "RegisterStreamConsumer", `{` + consumer + `"stays"}`},
		{"kinesis", kinesisTarget + "RegisterStreamConsumer", `{` + consumer + `"goes"}`},
		{"kinesis", kinesisTarget + "DeregisterStreamConsumer", `{` + consumer + `"goes"}`},
		{"kinesis", kinesisTarget + "PutResourcePolicy", `{"ResourceARN":` + arn + `,"Policy":"{\"Statement\":[]}"}`},
		{"kinesis", kinesisTarget + "AddTagsToStream", `{"StreamName":"clicks","Tags":{"c":"d"}}`},
		{"kinesis", kinesisTarget + "UpdateAccountSettings", `{"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}}`},
		{"kinesis", kinesisTarget + "CreateStream", `{"StreamName":"demand","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`},
		{"kinesis", kinesisTarget + "UpdateStreamWarmThroughput", `{"StreamName":"demand","WarmThroughputMiBps":6}`},
		{"kinesis", kinesisTarget + "UpdateStreamRecordDistributionStrategy", `{"StreamARN":` + demand + `,"RecordDistributionStrategy":"AUTO"}`},
		{"kinesis", kinesisTarget + "PutRecord", `{"StreamName":"demand","Data":"ZA==","PartitionKey":"k"}`},
		{"kinesis", kinesisTarget + "CreateStream", `{"StreamName":"gone","ShardCount":1}`},
		{"kinesis", kinesisTarget + "DeleteStream", `{"StreamName":"gone"}`},
		{"dynamodb", dynamoTarget + "CreateTable", `{` + leases + `,"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"k","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
			"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"}],"Tags":[{"Key":"a","Value":"b"}]}`},
		{"dynamodb", dynamoTarget + "PutItem", `{` + leases + `,"Item":{"k":{"S":"a"},"s":{"N":"1.50"},"b":{"B":"AP8="},"o":{"S":"w"},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},
			"l":{"L":[{"S":""},{"M":{"x":{"NS":["2","1"]}}}]},"ss":{"SS":["b","a"]},"bs":{"BS":["AA=="]},"m":{"M":{}}}}`},
		{"dynamodb", dynamoTarget + "PutItem", `{` + leases + `,"Item":{"k":{"S":"a"},"s":{"N":"2"}}}`},
		{"dynamodb", dynamoTarget + "UpdateItem", `{` + leases + `,"Key":{"k":{"S":"a"},"s":{"N":"2"}},"UpdateExpression":"SET o = :o","ExpressionAttributeValues":{":o":{"S":"v"}}}`},
		{"dynamodb", dynamoTarget + "UpdateTable", `{` + leases + `,"AttributeDefinitions":[{"AttributeName":"o","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"byOwner",
			"KeySchema":[{"AttributeName":"o","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]}`},
		{"dynamodb", dynamoTarget + "PutItem", `{` + leases + `,"Item":{"k":{"S":"b"},"s":{"N":"3"},"o":{"S":"w"}}}`},
		{"dynamodb", dynamoTarget + "DeleteItem", `{` + leases + `,"Key":{"k":{"S":"b"},"s":{"N":"3"}}}`},
		{"dynamodb", dynamoTarget + "UpdateContinuousBackups", `{` + leases + `,"PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`},
	}
}

// views shows all that there is, but for what has the present time in it.
func views(t *testing.T, e *emulator.Emulator) map[string]any {
	t.Helper()
	seen := map[string]any{}
	for _, one := range [][3]string{
		{"kinesis", kinesisTarget + "DescribeStream", `{"StreamName":"clicks"}`},
		{"kinesis", kinesisTarget + "DescribeStreamSummary", `{"StreamName":"clicks"}`},
		{"kinesis", kinesisTarget + "DescribeStreamSummary", `{"StreamName":"demand"}`},
		{"kinesis", kinesisTarget + "ListShards", `{"StreamName":"demand"}`},
		{"kinesis", kinesisTarget + "ListStreams", `{}`},
		{"kinesis", kinesisTarget + "ListStreamConsumers", `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/clicks"}`},
		{"kinesis", kinesisTarget + "ListTagsForStream", `{"StreamName":"clicks"}`},
		{"kinesis", kinesisTarget + "GetResourcePolicy", `{"ResourceARN":"arn:aws:kinesis:us-east-1:000000000000:stream/clicks"}`},
		{"kinesis", kinesisTarget + "DescribeAccountSettings", `{}`},
		{"dynamodb", dynamoTarget + "DescribeTable", `{"TableName":"leases"}`},
		{"dynamodb", dynamoTarget + "ListTagsOfResource", `{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/leases"}`},
		{"dynamodb", dynamoTarget + "Scan", `{"TableName":"leases"}`},
		{"dynamodb", dynamoTarget + "Scan", `{"TableName":"leases","IndexName":"byOwner"}`},
	} {
		var answer any
		if err := json.Unmarshal([]byte(ask(t, e, one[0], one[1], one[2])), &answer); err != nil {
			t.Fatal(err)
		}
		seen[one[1]+one[2]] = answer
	}
	for _, stream := range []string{"clicks", "demand"} {
		records, err := e.Kinesis().Records(stream)
		if err != nil || len(records) == 0 {
			t.Fatalf("%v, %v", records, err)
		}
		seen["records of "+stream] = records
	}
	for _, bucket := range e.S3().Buckets() {
		for _, path := range []string{"", "?tagging", "?policy", "?uploads", "/plain", "/plain?tagging", "/parts?attributes", "/parts"} {
			seen["/"+bucket+path] = look(t, e, "/"+bucket+path)
		}
	}
	return seen
}

// look gets something of S3 with what its headers say of it.
func look(t *testing.T, e *emulator.Emulator, path string) []string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Object-Attributes", "ETag,Checksum,ObjectParts,ObjectSize")
	got := exchange(t, e.Client(), request)
	body, _, _ := strings.Cut(got.body, "<RequestId>")
	header := got.header
	return []string{strconv.Itoa(got.status), body, header.Get("X-Amz-Meta-Mine"), header.Get("Last-Modified"), header.Get("Cache-Control"), header.Get("ETag")}
}

func putObjects(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	client := s3.NewFromConfig(config(e), func(o *s3.Options) { o.UsePathStyle = true; o.Region = "us-east-1" })
	bucket, parts := aws.String("batches"), aws.String("parts")
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket})
	if err == nil {
		_, err = client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: bucket, Key: aws.String("plain"), Body: strings.NewReader("body"), Metadata: map[string]string{"mine": "yes"}, CacheControl: aws.String("no-cache"),
		})
	}
	if err == nil {
		_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("deleted"), Body: strings.NewReader("body")})
	}
	if err == nil {
		_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("deleted")})
	}
	if err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{
		"/batches/plain?tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
		"/batches?policy":        "{}", "/batches?tagging": "<Tagging><TagSet><Tag><Key>c</Key><Value>d</Value></Tag></TagSet></Tagging>",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, e.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if got := exchange(t, e.Client(), request); got.status >= http.StatusMultipleChoices {
			t.Fatalf("%s: %d, %s", path, got.status, got.body)
		}
	}
	begun, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: parts, ChecksumAlgorithm: "SHA256"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.UploadPart(t.Context(), &s3.UploadPartInput{
		Bucket: bucket, Key: parts, UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: bytes.NewReader([]byte("part")), ChecksumAlgorithm: "SHA256",
	}); err != nil {
		t.Fatal(err)
	}
}

// TestAllIsThereAgain compares what an emulator shows with what the next one does, which has it from changes, and the one after that, which
// has it from a snapshot. Iterators go on, and so does the emulated time.
func TestAllIsThereAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := kept(t, emulator.Options{DataDir: dir})
	for _, one := range changes() {
		ask(t, e, one[0], one[1], one[2])
	}
	putObjects(t, e)
	if err := e.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	client := kinesis.NewFromConfig(config(e), func(o *kinesis.Options) { o.Region = "us-east-1" })
	from := iterator(t, client, kinesis.GetShardIteratorInput{
		StreamName: aws.String("clicks"), ShardId: aws.String("shardId-000000000002"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	want := views(t, e)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, compactAt := range []int64{1, 0, 0} { // the first writes a snapshot, of which the others are made
		again := kept(t, emulator.Options{DataDir: dir, CompactAt: compactAt})
		if diff := cmp.Diff(want, views(t, again)); diff != "" {
			t.Error(diff)
		}
		if ahead := time.Until(again.Now()); ahead < 59*time.Minute {
			t.Errorf("the time is %v ahead", ahead)
		}
		client := kinesis.NewFromConfig(config(again), func(o *kinesis.Options) { o.Region = "us-east-1" })
		if got := drain(t, client, from); !slices.Equal(got, []string{"c"}) {
			t.Errorf("an iterator of before reads %q", got)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if found, err := filepath.Glob(filepath.Join(dir, "snapshot-*")); len(found) != 1 || err != nil {
			t.Errorf("snapshots %v, %v", found, err)
		}
	}
}

// TestSetupOfWhatIsThere does not mind that an earlier run has made it.
func TestSetupOfWhatIsThere(t *testing.T) {
	t.Parallel()
	options := emulator.Options{DataDir: t.TempDir(), Setup: emulator.Setup{
		Streams: []emulator.StreamSetup{{Name: "clicks", RetentionHours: 48}},
		Tables:  []emulator.TableSetup{{Name: "leases", HashKey: emulator.KeySetup{Name: "k"}}},
		Buckets: []emulator.BucketSetup{{Name: "batches", Region: "eu-west-1"}},
	}}
	for range 2 {
		if err := kept(t, options).Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFolderInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kept(t, emulator.Options{DataDir: dir})
	_, err := emulator.New(emulator.Options{DataDir: dir})
	if wrong, ok := errors.AsType[*emulator.DataError](err); !ok || wrong.Dir != dir || !strings.Contains(err.Error(), "in use by the emulator of process") {
		t.Errorf("%v", err)
	}
}

// failing is a file of a disk that is full while it says so.
type failing struct {
	journal.File
	full *bool
}

func (f failing) WriteAt(b []byte, offset int64) (int, error) {
	if *f.full {
		return 0, errors.New("no space left on device")
	}
	return f.File.WriteAt(b, offset)
}

// TestFullDisk makes no change that it cannot keep, says so without a word of the disk, and goes on when there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	service, err := kinesisservice.New(kinesisservice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	full := false
	kept, _, err := journal.Open(t.TempDir(), journal.Options{OpenFile: func(path string) (journal.File, error) {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		return failing{file, &full}, err
	}}, map[byte]journal.Keeper{'k': service})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = kept.Close() }()
	if err := service.Keep(kept.Part('k')); err != nil {
		t.Fatal(err)
	}
	handler := service.Wire()
	call := func(operation, body string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Amz-Target", kinesisTarget+operation)
		var w recorder
		handler.ServeHTTP(&w, request)
		return w.status, w.body.String()
	}
	const put = `{"StreamName":"clicks","Data":"YQ==","PartitionKey":"k"}`
	for _, one := range [][2]string{{"CreateStream", `{"StreamName":"clicks","ShardCount":1}`}, {"PutRecord", put}} {
		if status, body := call(one[0], one[1]); status != http.StatusOK {
			t.Fatalf("%s: %s", one[0], body)
		}
	}
	looks := func() string {
		_, summary := call("DescribeStreamSummary", `{"StreamName":"clicks"}`)
		_, shards := call("ListShards", `{"StreamName":"clicks"}`)
		_, streams := call("ListStreams", `{}`)
		_, tags := call("ListTagsForStream", `{"StreamName":"clicks"}`)
		records, err := service.Records("clicks")
		return fmt.Sprint(summary, shards, streams, tags, records, err)
	}
	before := looks()
	full = true
	for _, one := range [][2]string{
		{"PutRecord", put},
		{"PutRecords", `{"StreamName":"clicks","Records":[{"Data":"YQ==","PartitionKey":"a"},{"Data":"YQ==","PartitionKey":"b"}]}`},
		{"CreateStream", `{"StreamName":"views","ShardCount":1}`},
		{"SplitShard", `{"StreamName":"clicks","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"}`},
		{"AddTagsToStream", `{"StreamName":"clicks","Tags":{"a":"b"}}`},
		{"IncreaseStreamRetentionPeriod", `{"StreamName":"clicks","RetentionPeriodHours":48}`},
		{"RegisterStreamConsumer", `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/clicks","ConsumerName":"c"}`},
		{"DeleteStream", `{"StreamName":"clicks"}`},
	} {
		status, body := call(one[0], one[1])
		if status != http.StatusInternalServerError || !strings.Contains(body, "InternalFailure") || strings.Contains(body, "space") {
			t.Errorf("%s on a full disk: %d %s", one[0], status, body)
		}
		if diff := cmp.Diff(before, looks()); diff != "" {
			t.Errorf("after %s: %s", one[0], diff)
		}
	}
	full = false
	if status, body := call("PutRecord", put); status != http.StatusOK {
		t.Errorf("with room again: %s", body)
	}
	if records, err := service.Records("clicks"); len(records) != 2 || err != nil {
		t.Errorf("%d records, %v", len(records), err)
	}
}

// recorder keeps an answer.
type recorder struct {
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return http.Header{} }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// TestMaxMemory refuses what is beyond the limit as the services do, reads and deletes all the same, and takes more when there is room.
func TestMaxMemory(t *testing.T) {
	t.Parallel()
	const limit = 4 << 20
	e := kept(t, emulator.Options{MaxMemory: limit})
	cfg := config(e)
	cfg.RetryMaxAttempts = 1
	streams, tables := kinesis.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg)
	buckets := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true; o.Region = "us-east-1" })
	name, body := aws.String("all"), make([]byte, 300<<10)
	create(t, streams, *name, 1)
	_, err := tables.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: name, BillingMode: dynamotypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: "S"}},
		KeySchema:            []dynamotypes.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: "HASH"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name}); err != nil {
		t.Fatal(err)
	}
	key := func(i int) *string { return aws.String(fmt.Sprint("key ", i)) }
	item := func(i int) map[string]dynamotypes.AttributeValue {
		return map[string]dynamotypes.AttributeValue{"k": &dynamotypes.AttributeValueMemberS{Value: *key(i)}}
	}
	for _, test := range []struct {
		name, code string
		put        func(i int) error
		read       func() error
		remove     func(n int) error
	}{
		{"objects", "SlowDown", func(i int) error {
			_, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: key(i), Body: bytes.NewReader(body)})
			return err
		}, func() error {
			out, err := buckets.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: key(0)})
			if err == nil {
				err = out.Body.Close()
			}
			return err
		}, func(n int) error {
			for i := range n {
				if _, err := buckets.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: key(i)}); err != nil {
					return err
				}
			}
			return nil
		}},
		{"items", "ProvisionedThroughputExceededException", func(i int) error {
			made := item(i)
			made["b"] = &dynamotypes.AttributeValueMemberB{Value: body}
			_, err := tables.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: name, Item: made})
			return err
		}, func() error {
			_, err := tables.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: name, Key: item(0)})
			return err
		}, func(n int) error {
			for i := range n {
				if _, err := tables.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: name, Key: item(i)}); err != nil {
					return err
				}
			}
			return nil
		}},
		{"records", "ProvisionedThroughputExceededException", func(i int) error {
			_, err := streams.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: name, PartitionKey: key(i), Data: body})
			return err
		}, func() error {
			from := iterator(t, streams, kinesis.GetShardIteratorInput{StreamName: name, ShardId: aws.String("0"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
			_, err := streams.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: from})
			return err
		}, func(int) error { return e.Advance(25 * time.Hour) }},
	} {
		for round := range 3 {
			held := 0
			var err error
			for err == nil && held < 100 {
				if err = test.put(held); err == nil {
					held++
				}
			}
			const most = limit / (300 << 10)
			if held < most-1 || held > most || !strings.Contains(fmt.Sprint(err), test.code) {
				t.Fatalf("%s, round %d: %d were taken, then %v", test.name, round, held, err)
			}
			if err := errors.Join(test.read(), test.remove(held)); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
	}
}
