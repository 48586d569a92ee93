package emulator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	dynamoservice "clickstream/emulator/dynamodb"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
	kinesisservice "clickstream/emulator/kinesis"
	s3service "clickstream/emulator/s3"
)

// world is all services with a journal, without a server.
type world struct {
	t       *testing.T
	streams *kinesisservice.Service
	tables  *dynamoservice.Service
	store   *s3service.Store
	budget  *memory.Budget
	journal *journal.Journal
	upload  string // id of the one begun last
}

func openWorld(t *testing.T, dir string, options journal.Options) *world {
	t.Helper()
	w := &world{t: t, tables: dynamoservice.New(nil), store: s3service.New(nil), budget: memory.New(0)}
	var err error
	if w.streams, err = kinesisservice.New(kinesisservice.Options{}); err != nil {
		t.Fatal(err)
	}
	w.streams.Bound(w.budget)
	w.tables.Bound(w.budget)
	w.store.Bound(w.budget)
	options.Live = w.budget.Used
	w.journal, _, err = journal.Open(dir, options, map[byte]journal.Keeper{'k': w.streams, 'd': w.tables, 's': w.store})
	if err != nil {
		t.Fatal(err)
	}
	w.tables.Keep(w.journal.Part('d'))
	w.store.Keep(w.journal.Part('s'))
	if err := w.streams.Keep(w.journal.Part('k')); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.journal.Close() }) // again: where the test failed before
	return w
}

func (w *world) close() {
	w.t.Helper()
	if err := w.journal.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// step is an operation of Kinesis or DynamoDB with its body, or a method and path of S3.
type step struct{ service, operation, body string }

func (w *world) send(s step) *httptest.ResponseRecorder {
	w.t.Helper()
	method, path, target := http.MethodPost, "/", ""
	var handler http.Handler
	switch s.service {
	case "kinesis":
		handler, target = w.streams.Wire(), kinesisTarget+s.operation
	case "dynamodb":
		handler, target = w.tables.Wire(), dynamoTarget+s.operation
	default:
		handler, method, path = w.store.Handler(), s.service, strings.ReplaceAll(s.operation, "UPLOAD", w.upload)
	}
	request := httptest.NewRequestWithContext(w.t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(s.body))
	if target != "" {
		request.Header.Set("X-Amz-Target", target)
	}
	request.Header.Set("X-Amz-Object-Attributes", "ETag,Checksum,ObjectParts,ObjectSize")
	if source, ok := strings.CutPrefix(s.body, "copy "); ok {
		request.Header.Set("X-Amz-Copy-Source", source)
		request.Body, request.ContentLength = http.NoBody, 0
	}
	recorded := httptest.NewRecorder()
	handler.ServeHTTP(recorded, request)
	return recorded
}

func (w *world) do(steps ...step) {
	w.t.Helper()
	for _, s := range steps {
		got := w.send(s)
		if got.Code >= http.StatusMultipleChoices {
			w.t.Fatalf("%v: %d %s", s, got.Code, got.Body)
		}
		if found := regexp.MustCompile("<UploadId>(.*)</UploadId>").FindStringSubmatch(got.Body.String()); found != nil {
			w.upload = found[1]
		}
	}
}

// view shows all that there is, but for what has the present time in it.
func (w *world) view() map[string]any {
	w.t.Helper()
	seen := map[string]any{"held": w.budget.Used()}
	look := func(service, operation, body string) map[string]any {
		text := w.send(step{service, operation, body}).Body.String()
		var answer map[string]any
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			w.t.Fatalf("%s: %v", text, err)
		}
		seen[operation+body] = answer
		return answer
	}
	look("kinesis", "DescribeAccountSettings", `{}`)
	look("kinesis", "ListStreams", `{}`)
	names := slices.Sorted(slices.Values(w.streams.Streams()))
	for _, name := range names {
		arn := `"arn:aws:kinesis:us-east-1:000000000000:stream/` + name + `"`
		for _, operation := range []string{"DescribeStream", "DescribeStreamSummary", "ListShards", "ListTagsForStream"} {
			look("kinesis", operation, `{"StreamName":"`+name+`"}`)
		}
		look("kinesis", "GetResourcePolicy", `{"ResourceARN":`+arn+`}`)
		consumers, _ := look("kinesis", "ListStreamConsumers", `{"StreamARN":`+arn+`}`)["Consumers"].([]any)
		for _, one := range consumers {
			of, _ := one.(map[string]any)
			resource := fmt.Sprintf(`{"ResourceARN":%q}`, of["ConsumerARN"])
			look("kinesis", "ListTagsForResource", resource)
			look("kinesis", "GetResourcePolicy", resource)
		}
		records, err := w.streams.Records(name)
		seen["records of "+name] = []any{records, err}
	}
	channels, _ := look("kinesis", "ListChannels", `{}`)["Channels"].([]any)
	for _, one := range channels {
		of, _ := one.(map[string]any)
		look("kinesis", "DescribeChannel", fmt.Sprintf(`{"ChannelARN":%q}`, of["ChannelARN"]))
	}
	for _, name := range w.tables.Tables() {
		look("dynamodb", "DescribeTable", `{"TableName":"`+name+`"}`)
		look("dynamodb", "ListTagsOfResource", `{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/`+name+`"}`)
		seen["items of "+name] = fmt.Sprint(w.tables.Items(name))
		backups, _ := look("dynamodb", "DescribeContinuousBackups", `{"TableName":"`+name+`"}`)["ContinuousBackupsDescription"].(map[string]any)
		recovery, _ := backups["PointInTimeRecoveryDescription"].(map[string]any)
		delete(recovery, "LatestRestorableDateTime")
	}
	for _, bucket := range w.store.Buckets() {
		for _, what := range []string{"location", "tagging", "policy", "lifecycle", "encryption", "ownershipControls", "publicAccessBlock", "uploads", "versions"} {
			w.viewObject(seen, "/"+bucket+"?"+what)
		}
		for _, key := range w.store.Keys(bucket) {
			for _, what := range []string{"", "?tagging", "?attributes"} {
				w.viewObject(seen, "/"+bucket+"/"+key+what)
			}
		}
	}
	if w.upload != "" {
		w.viewObject(seen, "/batches/parts?uploadId=UPLOAD")
	}
	return seen
}

func (w *world) viewObject(seen map[string]any, path string) {
	got := w.send(step{http.MethodGet, path, ""})
	body, _, _ := strings.Cut(got.Body.String(), "<RequestId>")
	header := maps.Clone(got.Header())
	for _, name := range []string{"X-Amz-Request-Id", "X-Amz-Id-2", "Date"} {
		header.Del(name)
	}
	seen[path] = []any{got.Code, body, header}
}

// TestEveryChangeIsKept makes every change that there is, one after another, and after each compares what is there with what a service has that
// read the folder.
func TestEveryChangeIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := openWorld(t, dir, journal.Options{})
	walked := map[string]bool{}
	for _, one := range walk() {
		w.do(one)
		want := w.view()
		w.close()
		upload := w.upload
		w = openWorld(t, dir, journal.Options{})
		w.upload = upload
		if diff := cmp.Diff(want, w.view()); diff != "" {
			t.Fatalf("after %v: %s", one, diff)
		}
		walked[one.operation] = true
	}
	reads := regexp.MustCompile("^(Describe|List|Get|BatchGet|Query|Scan|Subscribe)")
	for _, operations := range []map[string]bool{keys(w.streams.Operations()), keys(w.tables.Operations())} {
		for name := range operations {
			if !walked[name] && !reads.MatchString(name) {
				t.Errorf("%s was not made", name)
			}
		}
	}
	if used := w.budget.Used(); used != 0 {
		t.Errorf("%d bytes are held when all is deleted", used)
	}
}

func keys[V any](of map[string]V) map[string]bool {
	names := map[string]bool{}
	for name := range of {
		names[name] = true
	}
	return names
}

// TestChangesWhileASnapshotIsWritten makes changes between the file that a snapshot begins and the snapshot: they are in both, and streams, tables
// and buckets among them are gone when it is written.
func TestChangesWhileASnapshotIsWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const item = `{"TableName":"doomed","Item":`
	table := func(key, kind string) step {
		return step{"dynamodb", "CreateTable", `{"TableName":"doomed","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"` + key + `","KeyType":"HASH"}],
			"AttributeDefinitions":[{"AttributeName":"` + key + `","AttributeType":"` + kind + `"}]}`}
	}
	record := step{"kinesis", "PutRecord", `{"StreamName":"doomed","Data":"YQ==","PartitionKey":"k"}`}
	stream := step{"kinesis", "CreateStream", `{"StreamName":"doomed","ShardCount":1}`}
	w := openWorld(t, dir, journal.Options{})
	w.do(
		stream, record, record, table("a", "S"), step{"dynamodb", "PutItem", item + `{"a":{"S":"1"},"x":{"S":"xx"}}}`},
		step{http.MethodPut, "/doomed", ""}, step{http.MethodPut, "/doomed/one", "body"}, step{http.MethodPost, "/doomed/parts?uploads", ""},
		step{http.MethodPut, "/doomed/parts?uploadId=UPLOAD&partNumber=1", "part"},
	)
	w.close()
	opened, changed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w = openWorld(t, dir, journal.Options{CompactAt: 1, OpenFile: func(path string) (journal.File, error) {
		if strings.Contains(filepath.Base(path), "unfinished") {
			once.Do(func() { close(opened); <-changed })
		}
		return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	}})
	<-opened
	w.do(
		step{"kinesis", "AddTagsToStream", `{"StreamName":"doomed","Tags":{"a":"b"}}`}, record,
		step{"kinesis", "DeleteStream", `{"StreamName":"doomed"}`}, stream, record,
		step{"dynamodb", "PutItem", item + `{"a":{"S":"2"}}}`}, step{"dynamodb", "UpdateTable", `{"TableName":"doomed","DeletionProtectionEnabled":false}`},
		step{"dynamodb", "DeleteTable", `{"TableName":"doomed"}`}, table("b", "N"), step{"dynamodb", "PutItem", item + `{"b":{"N":"3"}}}`},
		step{http.MethodPut, "/doomed/two", "body"}, step{http.MethodPut, "/doomed/two?tagging", tagging("a")}, step{http.MethodDelete, "/doomed/one", ""},
		step{http.MethodDelete, "/doomed/two", ""}, step{http.MethodDelete, "/doomed", ""}, step{http.MethodPut, "/doomed", ""}, step{http.MethodPut, "/doomed/one", "other"},
	)
	close(changed)
	want := w.view()
	w.close()
	for range 2 {
		w = openWorld(t, dir, journal.Options{CompactAt: 1})
		if diff := cmp.Diff(want, w.view()); diff != "" {
			t.Error(diff)
		}
		w.close()
	}
}
