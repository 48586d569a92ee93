package consume

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/internal/logging"
	"clickstream/kcl"
	"clickstream/kcl/multilang"
	"clickstream/properties"
)

// serve starts an emulator that everything in the test finds by the environment, and returns settings for it.
func serve(t *testing.T, overrides map[string]string) (*emulator.Emulator, *properties.Config, *awsclient.Clients) {
	t.Helper()
	t.Chdir(t.TempDir())
	e := emulator.ServeT(t)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": e.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
		"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none",
	} {
		t.Setenv(name, value)
	}
	settings, err := properties.Load("", overrides)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := awsclient.Load(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	return e, settings, clients
}

// conversation is a daemon that sends three records and ends the shard.
func conversation(data ...string) *bytes.Buffer {
	start := kcl.TrimHorizon
	lines := (&multilang.DaemonMessage{Action: multilang.ActionInitialize, ShardID: testShard, SequenceNumber: &start}).AppendLine(nil)
	records := &multilang.DaemonMessage{Action: multilang.ActionProcessRecords}
	for i, d := range data {
		records.Records = append(records.Records, multilang.Record{Data: []byte(d), PartitionKey: "ключ", SequenceNumber: fmt.Sprint(100 + i)})
	}
	lines = records.AppendLine(lines)
	lines = (&multilang.DaemonMessage{Action: multilang.ActionShardEnded}).AppendLine(lines)
	return bytes.NewBuffer((&multilang.DaemonMessage{Action: multilang.ActionCheckpoint}).AppendLine(lines))
}

func run(t *testing.T, settings *properties.Config, data ...string) (output string, err error) {
	t.Helper()
	var out, stderr bytes.Buffer
	log, err := logging.New(&stderr, "debug")
	if err != nil {
		t.Fatal(err)
	}
	err = Run(t.Context(), Config{Settings: settings, In: conversation(data...), Out: &out, Log: log, LogLevel: "debug"})
	return out.String(), err
}

func TestRunStoresInABucketOfItsOwnMaking(t *testing.T) {
	e, settings, clients := serve(t, map[string]string{"compression": "gzip"})
	out, err := run(t, settings, "a", "b\n", "c")
	if err != nil {
		t.Fatal(err)
	}
	if want := `"responseFor":"shardEnded"`; !strings.Contains(out, want) {
		t.Errorf("said %s, want %s", out, want)
	}
	bucket := e.S3().Buckets()[0]
	if !strings.HasPrefix(bucket, "clickstream-") || !strings.HasSuffix(bucket, "-us-east-1") {
		t.Errorf("bucket %s", bucket)
	}
	want := []string{
		"_claims/clickstream-sample/" + testShard + "/start", delivery.OwnerKey, "_errors/clickstream-sample/" + testShard + "/101", testShard + "/100-102",
	}
	if diff := cmp.Diff(want, e.S3().Keys(bucket)); diff != "" {
		t.Error(diff)
	}
	store := &s3Store{client: clients.S3, bucket: bucket}
	o, err := store.Get(t.Context(), want[3])
	if err != nil {
		t.Fatal(err)
	}
	meta, err := delivery.ParseMetadata(o.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	object, err := delivery.ReadObject(o.Key, meta.Format, meta.Compression, o.Body)
	if err != nil || object.Content != delivery.ContentOf(meta.Digest) || string(bytes.Join(object.Records, nil)) != "ac" || o.ContentType != "application/gzip" {
		t.Errorf("object %+v, %v, type %s", object, err, o.ContentType)
	}
	rules, err := clients.S3.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: &bucket})
	if err != nil || *rules.Rules[0].Filter.Prefix != delivery.ClaimPrefix || *rules.Rules[0].Expiration.Days != longestRetention+reserveDays {
		t.Errorf("lifecycle rules %+v, %v", rules, err)
	}
	if log, err := os.ReadFile(filepath.Join("logs", "application-"+testShard+".log")); err != nil || !bytes.Contains(log, []byte("has ended and all its records are stored")) {
		t.Errorf("log %s, %v", log, err)
	}
	// The same shard once more, by a worker that knows no checkpoint: everything is there.
	before := len(e.S3().Keys(bucket))
	if _, err := run(t, settings, "a", "b\n", "c"); err != nil || len(e.S3().Keys(bucket)) != before {
		t.Errorf("%v, keys %v", err, e.S3().Keys(bucket))
	}
}

func TestRunWithoutABucket(t *testing.T) {
	_, settings, _ := serve(t, map[string]string{"createBucketIfNotPresent": "false", "bucket": "missing-bucket"})
	_, err := run(t, settings, "a")
	if exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "missing-bucket") || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("%v, code %d", err, exit.Code(err))
	}
}

func TestManyChildrenMakeOneBucket(t *testing.T) {
	e, settings, clients := serve(t, map[string]string{"bucket": "one-bucket", "regionName": "eu-west-1"})
	log, text := testLog()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			b := &bucket{clients: clients, settings: settings, name: "one-bucket", log: log}
			if _, err := b.ensure(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := strings.Count(text.String(), "bucket one-bucket created"); n != 1 || len(e.S3().Buckets()) != 1 {
		t.Errorf("made %d times, buckets %v", n, e.S3().Buckets())
	}
}

func TestBucketOfSomebodyElsesMaking(t *testing.T) {
	for name, test := range map[string]struct {
		days int32
		want string
	}{
		"no rule":     {0, "set a lifecycle rule that expires objects under the prefix _claims/ after 372 days"},
		"early rule":  {30, "removes claims after 30 days, but a stopped worker may need them for 372"},
		"lawful rule": {400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, settings, clients := serve(t, map[string]string{"bucket": "theirs"})
			if _, err := clients.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("theirs")}); err != nil {
				t.Fatal(err)
			}
			if test.days > 0 {
				_, err := clients.S3.PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{
					Bucket: aws.String("theirs"), LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
						ID: aws.String("all"), Status: types.ExpirationStatusEnabled,
						Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")}, Expiration: &types.LifecycleExpiration{Days: &test.days},
					}}},
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := run(t, settings, "a"); err != nil {
				t.Fatal(err)
			}
			log, err := os.ReadFile(filepath.Join("logs", "application-"+testShard+".log"))
			if err != nil || test.want == "" && bytes.Contains(log, []byte("lifecycle rule")) || !bytes.Contains(log, []byte(test.want)) {
				t.Errorf("%v: log %s", err, log)
			}
		})
	}
}

func TestS3StoreHasOneWinner(t *testing.T) {
	_, _, clients := serve(t, nil)
	if _, err := clients.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("race")}); err != nil {
		t.Fatal(err)
	}
	store := &s3Store{client: clients.S3, bucket: "race"}
	if _, err := store.Get(t.Context(), "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get of nothing: %v", err)
	}
	if _, err := store.Head(t.Context(), "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Head of nothing: %v", err)
	}
	var wait sync.WaitGroup
	results := make([]error, 16)
	for i := range results {
		wait.Go(func() {
			results[i] = store.Create(t.Context(), StoredObject{
				Key: "k", ContentType: "text/plain", Metadata: map[string]string{"writer": fmt.Sprint(i)}, Body: []byte(fmt.Sprint(i)),
			})
		})
	}
	wait.Wait()
	winners := 0
	for i, err := range results {
		if err == nil {
			winners++
			o, err := store.Get(t.Context(), "k")
			if err != nil || string(o.Body) != fmt.Sprint(i) || o.Metadata["writer"] != fmt.Sprint(i) {
				t.Errorf("stored is %+v, %v; %d has won", o, err, i)
			}
		} else if !errors.Is(err, ErrExists) {
			t.Error(err)
		}
	}
	if winners != 1 {
		t.Errorf("%d winners", winners)
	}
	missing := &s3Store{client: clients.S3, bucket: "nowhere"}
	if err := missing.Create(t.Context(), StoredObject{Key: "k"}); !awsclient.Permanent(err) {
		t.Errorf("a missing bucket can pass: %v", err)
	}
	if _, err := missing.Get(t.Context(), "k"); !awsclient.Permanent(err) {
		t.Errorf("a missing bucket can pass: %v", err)
	}
}
