package consume

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/emulator"
	"clickstream/internal/delivery"
	"clickstream/internal/logging"
	"clickstream/kcl"
	"clickstream/kcl/kcltest"
	"clickstream/kcl/multilang"
	"clickstream/properties"
)

// asChild is the variable that makes the test binary a record processor whose store panics.
const asChild = "CONSUME_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		os.Exit(panickingChild())
	}
	os.Exit(m.Run())
}

// panicking is a store that panics at the first data object.
type panicking struct{ memoryStore }

func (s *panicking) Create(ctx context.Context, o StoredObject) error {
	if delivery.IsData(o.Key) {
		panic("index out of range")
	}
	return s.memoryStore.Create(ctx, o)
}

func panickingChild() int {
	log, err := logging.New(os.Stderr, "info")
	if err != nil {
		return 99
	}
	settings, err := properties.Load("", map[string]string{"maxBufferSize": "1"})
	if err != nil {
		return 98
	}
	out, restore, err := kcl.GuardStdout()
	if err != nil {
		return 97
	}
	defer restore()
	if err := Run(context.Background(), Config{Settings: settings, In: os.Stdin, Out: out, Log: log, Store: &panicking{}}); err != nil {
		return 1
	}
	return 0
}

func TestPanicEndsTheProcessWithoutAnAnswer(t *testing.T) {
	shard := kcltest.NewShard(testShard)
	shard.Put("key", []byte("a0"))
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asChild+"=1")
	cmd.Dir = t.TempDir()
	w, err := shard.StartProcess(cmd)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Initialize(); err != nil {
		t.Fatal(err)
	}
	if err := w.DeliverAll(0); err == nil {
		t.Error("the records were answered")
	}
	if ended, ok := errors.AsType[*exec.ExitError](w.Close()); !ok || ended.ExitCode() != 1 {
		t.Errorf("ended with %v", ended)
	}
	log, err := os.ReadFile(filepath.Join(cmd.Dir, "logs", "application-"+testShard+".log"))
	if err != nil || !bytes.Contains(log, []byte("the processor panicked: index out of range")) || !bytes.Contains(log, []byte("process_test.go")) {
		t.Errorf("log %s, %v", log, err)
	}
}

// flaky is a way to the emulator that is cut until a time.
type flaky struct {
	http.RoundTripper
	until    time.Time
	attempts int
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	if time.Now().Before(f.until) {
		f.attempts++
		return nil, errors.New("connection refused")
	}
	return f.RoundTripper.RoundTrip(r)
}

// TestS3AwayForFiveMinutes has the real client, its own repetitions included, in virtual time.
func TestS3AwayForFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulator.RunT(t)
		client := e.Client()
		way := &flaky{RoundTripper: client.Transport}
		store := &s3Store{bucket: "bucket", client: s3.New(s3.Options{
			Region: "us-east-1", BaseEndpoint: &e.URL, UsePathStyle: true, HTTPClient: &http.Client{Transport: way},
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		})}
		if _, err := store.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, "a0", "a1", "a2", "a3")
		f.over = store
		w := f.start()
		start := time.Now()
		way.until = start.Add(5 * time.Minute)
		f.must(w.DeliverAll(0))
		f.must(w.RequestShutdown())
		if took := time.Since(start); took < 5*time.Minute || took > 6*time.Minute || way.attempts < 10 {
			t.Errorf("stored after %s and %d attempts", took, way.attempts)
		}
		f.must(w.Close())
		for key, want := range map[string]string{f.key(0, 2): "a0\na1\na2\n", f.key(3, 3): "a3\n"} {
			if body, ok := e.S3().Object("bucket", key); !ok || string(body) != want {
				t.Errorf("%s holds %q, %v", key, body, ok)
			}
		}
		f.logged("connection refused")
		f.logged("done, after")
	})
}

// TestNoPayloadReachesTheLog goes through faults, refusals and endings at the most talkative level.
func TestNoPayloadReachesTheLog(t *testing.T) {
	const payload, partitionKey = "4111-1111-1111-1111", "jane.doe@example.org"
	secret := regexp.MustCompile(payload + "|" + regexp.QuoteMeta(partitionKey) + "|NDExMS0xMTEx") // the last is base64
	for name, test := range map[string]struct {
		prepare func(f *fixture)
		ends    bool
	}{
		"stored, one rejected": {func(*fixture) {}, false},
		"another's claim":      {func(f *fixture) { f.claim(delivery.Position{}, 0, 1) }, false},
		"foreign object": {func(f *fixture) {
			f.must(f.store.Create(f.t.Context(), StoredObject{Key: f.key(0, 0), Body: []byte(payload)}))
		}, true},
		"more records": {func(f *fixture) { f.object(f.key(0, 0), delivery.Position{}, 0, 1) }, false},
		"less records": {func(f *fixture) { f.object(f.key(0, 0), delivery.Position{}, 1, 1) }, false},
		"claim in ruins": {func(f *fixture) {
			f.must(f.store.Create(f.t.Context(), StoredObject{Key: delivery.ClaimKey("app", testShard, delivery.Position{}), Body: []byte(payload)}))
		}, true},
		"too large": {func(f *fixture) { f.over = &small{Store: f.store, limit: 60} }, false},
		"away": {func(f *fixture) {
			f.over = &faulty{f.store, time.Now().Add(time.Minute), errors.New("connection refused")}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				f.rules.maxSize = 1
				for i := range 3 {
					f.shard.Put(partitionKey, fmt.Appendf(nil, "%s %d%s", payload, i, strings.Repeat("\n", i%2)))
				}
				test.prepare(f)
				w := f.start()
				err := errors.Join(w.DeliverAll(0), w.RequestShutdown(), w.Close())
				if (err != nil) != test.ends {
					t.Errorf("ended with %v", err)
				}
				said := f.log.String()
				if err != nil {
					said += err.Error()
				}
				if f.log.String() == "" {
					t.Error("nothing was logged at all")
				}
				if found := secret.FindString(said); found != "" {
					t.Errorf("%s is in the log: %s", found, said)
				}
			})
		})
	}
}

// TestNoPayloadInTheErrorsOfBrokenLines cuts a line with records at every place, and breaks it there.
func TestNoPayloadInTheErrorsOfBrokenLines(t *testing.T) {
	const payload, partitionKey = "4111-1111-1111-1111", "jane.doe@example.org"
	m := multilang.DaemonMessage{Action: multilang.ActionProcessRecords, Records: []multilang.Record{
		{Data: []byte(payload), PartitionKey: partitionKey, SequenceNumber: "1"},
	}}
	line := strings.TrimSuffix(string(m.AppendLine(nil)), "\n")
	start := kcl.TrimHorizon
	initialize := (&multilang.DaemonMessage{Action: multilang.ActionInitialize, ShardID: testShard, SequenceNumber: &start}).AppendLine(nil)
	secret := regexp.MustCompile("1111|NDExM|jane|example")
	for i := range len(line) {
		for _, broken := range []string{line[:i], line[:i] + "\x00" + line[i:], line[:i] + "\"" + line[i:], line[:i] + "{" + line[i:], line[:i] + "7" + line[i:]} {
			f := newFixture(t)
			f.rules.maxSize = 1 << 20
			log, text := testLog()
			p := &processor{open: func(_ context.Context, shardID string) (*chain, error) {
				return &chain{rules: f.rules, shardID: shardID, store: f.store, wait: &patience{log: log}, log: log}, nil
			}}
			var out bytes.Buffer
			err := kcl.Run(t.Context(), strings.NewReader(string(initialize)+broken+"\n"), &out, p)
			if found := secret.FindString(fmt.Sprint(err, text.String())); found != "" {
				t.Fatalf("%q is said of the line %s: %v", found, broken, err)
			}
		}
	}
}
