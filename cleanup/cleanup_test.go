package cleanup_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/cleanup"
	"clickstream/emulator"
	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// world is an emulator with what a run makes.
type world struct {
	t        *testing.T
	emulator *emulator.Emulator
	clients  *awsclient.Clients
	settings *properties.Config
}

func newWorld(t *testing.T, settings map[string]string) *world {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	e := emulator.ServeT(t)
	t.Setenv("AWS_ENDPOINT_URL", e.URL)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
	merged := map[string]string{"streamName": "clicks", "applicationName": "app", "bucket": "objects"}
	maps.Copy(merged, settings)
	cfg, err := properties.Load("", merged)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := awsclient.Load(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, emulator: e, clients: clients, settings: cfg}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run makes what produce, daemon, consume and the Java daemon make.
func (w *world) run() {
	w.t.Helper()
	_, err := w.clients.Kinesis.CreateStream(w.t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("clicks"), ShardCount: aws.Int32(3)})
	w.must(err)
	table := leases.NewTable(w.clients.DynamoDB, "app")
	w.must(table.Ensure(w.t.Context()))
	for n := range 3 {
		_, err := table.Create(w.t.Context(), leases.Lease{Key: fmt.Sprintf("shardId-%012d", n), Checkpoint: leases.TrimHorizon})
		w.must(err)
	}
	w.table("app-CoordinatorState", "key")
	w.table("app-WorkerMetricStats", "wid")
	w.bucket("app")
	w.object("shardId-000000000000/10-12")
	w.object("older/template/10-12")
	w.put(delivery.ClaimKey("app", "shardId-000000000000", delivery.Position{}), nil)
	w.put(delivery.ErrorKey("app", "shardId-000000000000", delivery.Position{Sequence: "11"}), nil)
}

func (w *world) table(name, key string) {
	w.t.Helper()
	_, err := w.clients.DynamoDB.CreateTable(w.t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: &key, AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: &key, KeyType: types.KeyTypeHash}},
	})
	w.must(err)
}

func (w *world) bucket(owner string) {
	w.t.Helper()
	_, err := w.clients.S3.CreateBucket(w.t.Context(), &s3.CreateBucketInput{Bucket: aws.String("objects")})
	w.must(err)
	if owner != "" {
		w.put(delivery.OwnerKey, delivery.Owner{Application: owner, Stream: "clicks"}.Encode())
	}
}

func (w *world) put(key string, body []byte) {
	w.t.Helper()
	_, err := w.clients.S3.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: aws.String("objects"), Key: &key, Body: bytes.NewReader(body)})
	w.must(err)
}

// object puts a data object with its metadata.
func (w *world) object(key string) {
	w.t.Helper()
	meta := delivery.ObjectMetadata{
		Key: key, ShardID: "shardId-000000000000", First: delivery.Position{Sequence: "10"}, End: delivery.Position{Sequence: "12"}, Records: 1,
		Digest: delivery.NewDigest("jsonl").Sum(), Format: "jsonl", Compression: "none",
	}
	_, err := w.clients.S3.PutObject(w.t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("objects"), Key: &key, Body: strings.NewReader("0123456789"), Metadata: meta.ToMap(),
	})
	w.must(err)
}

func (w *world) cleanup(cfg cleanup.Config) (string, error) {
	w.t.Helper()
	var out bytes.Buffer
	cfg.Settings, cfg.Out = w.settings, &out
	if cfg.In == nil {
		cfg.In = strings.NewReader("")
	}
	err := cleanup.Run(w.t.Context(), cfg)
	return out.String(), err
}

// left says what is still there.
func (w *world) left() string {
	w.t.Helper()
	tables, err := w.clients.DynamoDB.ListTables(w.t.Context(), &dynamodb.ListTablesInput{})
	w.must(err)
	return strings.Join([]string{
		strings.Join(w.emulator.Kinesis().Streams(), " "), strings.Join(tables.TableNames, " "), strings.Join(w.emulator.S3().Buckets(), " "),
	}, "|")
}

const everything = "clicks|app app-CoordinatorState app-WorkerMetricStats|objects"

func TestEverythingGoes(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	if got := w.left(); got != everything {
		t.Fatalf("before: %s", got)
	}
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"  stream clicks: 3 open shards with all their records, made ",
		"  table app: 3 leases\n",
		"  table app-CoordinatorState: 0 items of the Java daemon\n",
		"  table app-WorkerMetricStats: 0 workers' metrics of the Java daemon\n",
		"  bucket objects: 2 objects, 1 claims, 1 records that could not be stored, 1 others; ",
		"deleted bucket objects\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it did not say %q:\n%s", want, out)
		}
	}
	if got := w.left(); got != "||" {
		t.Errorf("left: %s", got)
	}
	out, err = w.cleanup(cleanup.Config{})
	if err != nil || !strings.HasPrefix(out, "nothing to do: ") {
		t.Errorf("the second time: %q, %v", out, err)
	}
}

func TestNothingGoesUnasked(t *testing.T) {
	for name, test := range map[string]struct {
		cfg  cleanup.Config
		text string
		code int
	}{
		"nobody to ask": {cleanup.Config{}, "no terminal to ask on", exit.Usage},
		"no":            {cleanup.Config{Ask: true, In: strings.NewReader("no\n")}, "nothing was deleted", exit.Failed},
		"just Enter":    {cleanup.Config{Ask: true, In: strings.NewReader("\n")}, "nothing was deleted", exit.Failed},
		"end of input":  {cleanup.Config{Ask: true}, "nothing was deleted", exit.Failed},
		"dry run":       {cleanup.Config{DryRun: true, Yes: true}, "", exit.Done},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.run()
			out, err := w.cleanup(test.cfg)
			if exit.Code(err) != test.code || err != nil && !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v with code %d, want %q with %d", err, exit.Code(err), test.text, test.code)
			}
			if !strings.Contains(out, "stream clicks") || w.left() != everything {
				t.Errorf("left %s after\n%s", w.left(), out)
			}
		})
	}
}

func TestYesOnATerminal(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	if out, err := w.cleanup(cleanup.Config{Ask: true, In: strings.NewReader("Yes\n")}); err != nil || w.left() != "||" {
		t.Errorf("left %s, %v:\n%s", w.left(), err, out)
	}
}

func TestOthersBucketsStay(t *testing.T) {
	for name, test := range map[string]struct {
		fill func(w *world)
		text string
	}{
		"another's marker":   {func(w *world) { w.bucket("other") }, "belongs to application other and stream clicks"},
		"a broken marker":    {func(w *world) { w.bucket(""); w.put(delivery.OwnerKey, []byte("x")) }, "marker _clickstream/owner"},
		"a foreign object":   {func(w *world) { w.bucket("app"); w.put("holiday.jpg", []byte("x")) }, "such as holiday.jpg"},
		"another's claims":   {func(w *world) { w.bucket("app"); w.put("_claims/app2/s/start", nil) }, "such as _claims/app2/s/start"},
		"no marker, no data": {func(w *world) { w.bucket(""); w.put("shardId-000000000000/10-12", []byte("x")) }, "such as shardId-000000000000/10-12"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			test.fill(w)
			w.table("app", "leaseKey")
			out, err := w.cleanup(cleanup.Config{Yes: true})
			if exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), "--all-objects") {
				t.Errorf("error %v with code %d, want %q:\n%s", err, exit.Code(err), test.text, out)
			}
			if got := w.left(); got != "|app|objects" {
				t.Errorf("left %s", got)
			}
			if out, err := w.cleanup(cleanup.Config{Yes: true, AllObjects: true}); err != nil || w.left() != "||" {
				t.Errorf("with --all-objects: left %s, %v:\n%s", w.left(), err, out)
			}
		})
	}
}

func TestSharedBucketKeepsOthersObjects(t *testing.T) {
	w := newWorld(t, map[string]string{"keyTemplate": "{application}/{shardId}/{first}-{last}"})
	w.bucket("other")
	w.object("app/shardId-000000000000/10-12")
	w.object("other/shardId-000000000000/10-12")
	w.put("_claims/app/shardId-000000000000/start", nil)
	w.put(delivery.ApplicationKey("other"), delivery.Owner{Application: "other", Stream: "clicks"}.Encode())
	w.put(delivery.ApplicationKey("app"), delivery.Owner{Application: "app", Stream: "sales"}.Encode())
	if _, err := w.cleanup(cleanup.Config{Yes: true}); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "application app and stream sales") {
		t.Errorf("the application's other stream: %v", err)
	}
	w.put(delivery.ApplicationKey("app"), delivery.Owner{Application: "app", Stream: "clicks"}.Encode())
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := strings.Join(w.emulator.S3().Keys("objects"), " "); got != "_clickstream/applications/other _clickstream/owner other/shardId-000000000000/10-12" {
		t.Errorf("left: %s", got)
	}
	if out, err := w.cleanup(cleanup.Config{Yes: true}); err != nil || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("the second time: %q, %v", out, err)
	}
}

func TestBucketStaysWhereItIsNotOurs(t *testing.T) {
	w := newWorld(t, map[string]string{"createBucketIfNotPresent": "false"})
	w.bucket("app")
	w.object("shardId-000000000000/10-12")
	if out, err := w.cleanup(cleanup.Config{Yes: true}); err != nil || w.left() != "||objects" || len(w.emulator.S3().Keys("objects")) != 0 {
		t.Errorf("left %s with %v, %v:\n%s", w.left(), w.emulator.S3().Keys("objects"), err, out)
	}
}

func TestManyPages(t *testing.T) {
	w := newWorld(t, nil)
	w.bucket("app")
	for i := range 2100 {
		w.fast(fmt.Sprintf("shardId-000000000000/%d-%d", i+1, i+1))
	}
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if err != nil || w.left() != "||" || !strings.Contains(out, "2100 objects") {
		t.Errorf("left %s, %v:\n%s", w.left(), err, out)
	}
}

func TestOtherTablesStay(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	for _, name := range []string{"app", "app-CoordinatorState"} {
		_, err := w.clients.DynamoDB.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name})
		w.must(err)
		w.table(name, "customer")
	}
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if exit.Code(err) != exit.Failed || !strings.HasPrefix(err.Error(), "2 things") || w.left() != "|app app-CoordinatorState|" {
		t.Errorf("left %s, error %v:\n%s", w.left(), err, out)
	}
	for _, name := range []string{"app", "app-CoordinatorState"} {
		if want := "left alone: table " + name + " is not the Kinesis Client Library's"; !strings.Contains(out, want) {
			t.Errorf("it did not say %q:\n%s", want, out)
		}
	}
}

func TestTheRestGoes(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	w.emulator.Fail("DynamoDB.DeleteTable", 1, &emulator.Error{Code: "ResourceInUseException", Message: "busy"})
	w.emulator.Fail("Kinesis.DescribeStreamSummary", 1, &emulator.Error{Code: "AccessDeniedException", Message: "not you"})
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if exit.Code(err) != exit.Failed || !strings.HasPrefix(err.Error(), "2 things are still there") || w.left() != "clicks|app|" {
		t.Errorf("left %s, error %v", w.left(), err)
	}
	for _, want := range []string{
		"left alone: look at stream clicks: access denied", "failed: delete table app: ResourceInUseException: busy", "deleted bucket objects",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it did not say %q:\n%s", want, out)
		}
	}
	if out, err := w.cleanup(cleanup.Config{Yes: true}); err != nil || w.left() != "||" {
		t.Errorf("the second time: left %s, %v:\n%s", w.left(), err, out)
	}
}

func TestNothingListens(t *testing.T) {
	w := newWorld(t, nil)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if err == nil || !strings.Contains(err.Error(), "nothing listens at http://127.0.0.1:1") || out != "" {
		t.Errorf("error %v after %q", err, out)
	}
}

// TestVersionsGoToo has a bucket that keeps versions, which the emulator has not: a small server stands in.
func TestVersionsGoToo(t *testing.T) {
	w := newWorld(t, nil)
	var deleted []string
	gone := false
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		switch {
		case query.Has("versioning"):
			_, _ = io.WriteString(rw, `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`)
		case query.Has("versions"):
			_, _ = io.WriteString(rw, `<ListVersionsResult><IsTruncated>false</IsTruncated>
				<Version><Key>a</Key><VersionId>1</VersionId><Size>3</Size></Version>
				<DeleteMarker><Key>a</Key><VersionId>2</VersionId></DeleteMarker></ListVersionsResult>`)
		case query.Has("delete"):
			body, _ := io.ReadAll(r.Body)
			deleted = append(deleted, string(body))
			_, _ = io.WriteString(rw, `<DeleteResult></DeleteResult>`)
		case r.Method == http.MethodDelete:
			gone = true
			rw.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
	out, err := w.cleanup(cleanup.Config{Yes: true, AllObjects: true})
	if err != nil || !gone || len(deleted) != 1 {
		t.Fatalf("%v, bucket gone: %v, deleted %q:\n%s", err, gone, deleted, out)
	}
	for _, want := range []string{"<Key>a</Key><VersionId>1</VersionId>", "<Key>a</Key><VersionId>2</VersionId>"} {
		if !strings.Contains(deleted[0], want) {
			t.Errorf("deleted %s, want %s in it", deleted[0], want)
		}
	}
}
