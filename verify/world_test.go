package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"clickstream/emulator"
	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/leases"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
	"clickstream/properties"
	"clickstream/verify"
)

// world is an emulator with a stream, a bucket and a lease table, and stands in for the consumers.
type world struct {
	t           *testing.T
	ctx         context.Context
	emulator    *emulator.Emulator
	clients     *awsclient.Clients
	settings    *properties.Config
	table       *leases.Table
	format      string
	compression string
}

// isolate takes away what the machine says about AWS.
func isolate(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1") // only the emulator's client is asked, in memory
}

// newWorld makes a world whose stream has two shards. isolate must have been called.
func newWorld(t *testing.T, settings map[string]string) *world {
	t.Helper()
	merged := map[string]string{"streamName": "clicks", "applicationName": "app", "bucket": "objects"}
	maps.Copy(merged, settings)
	cfg, err := properties.Load("", merged)
	if err != nil {
		t.Fatal(err)
	}
	e := emulator.RunT(t)
	clients, err := awsclient.Load(t.Context(), cfg, config.WithHTTPClient(e.Client()))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, ctx: t.Context(), emulator: e, clients: clients, settings: cfg,
		table: leases.NewTable(clients.DynamoDB, cfg.TableName), format: cfg.Format, compression: cfg.Compression,
	}
	w.createStream()
	_, err = clients.S3.CreateBucket(w.ctx, &s3.CreateBucketInput{Bucket: aws.String("objects")})
	w.must(err)
	w.must(w.table.Ensure(w.ctx))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// shard is the id of the n-th shard.
func shard(n int) string { return fmt.Sprintf("shardId-%012d", n) }

// put puts records with the given data into the n-th of the two first shards.
func (w *world) put(n int, data ...string) {
	w.t.Helper()
	keys := []string{"0", "340282366920938463463374607431768211455"}
	for _, d := range data {
		_, err := w.clients.Kinesis.PutRecord(w.ctx, &kinesis.PutRecordInput{
			StreamName: aws.String("clicks"), PartitionKey: aws.String("k"), ExplicitHashKey: &keys[n], Data: []byte(d),
		})
		w.must(err)
	}
}

// numbered is n different records.
func numbered(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"resource":"resource-%d"}`, i))
	}
	return all
}

// aggregate is a KPL record of n parts.
func aggregate(n int) string {
	var parts []deaggregate.UserRecord
	for i := range n {
		parts = append(parts, deaggregate.UserRecord{PartitionKey: "p", ExplicitHashKey: "0", Data: fmt.Appendf(nil, "part %d", i)})
	}
	return string(deaggregate.Aggregate(parts))
}

// records reads a shard as a daemon delivers it.
func (w *world) records(id string) []multilang.Record {
	w.t.Helper()
	start, err := w.clients.Kinesis.GetShardIterator(w.ctx, &kinesis.GetShardIteratorInput{
		StreamName: aws.String("clicks"), ShardId: &id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	w.must(err)
	out, err := w.clients.Kinesis.GetRecords(w.ctx, &kinesis.GetRecordsInput{ShardIterator: start.ShardIterator})
	w.must(err)
	var all []multilang.Record
	for _, r := range out.Records {
		all = append(all, multilang.Record{Data: r.Data, SequenceNumber: *r.SequenceNumber, PartitionKey: *r.PartitionKey})
	}
	parts, _ := deaggregate.Records(all, deaggregate.AllHashKeys())
	return parts
}

func at(r *multilang.Record) delivery.Position {
	return delivery.Position{Sequence: r.SequenceNumber, Sub: r.SubSequenceNumber}
}

// deliver claims and stores records behind a position, in batches of the given sizes, and returns the keys and the end.
func (w *world) deliver(id string, after delivery.Position, records []multilang.Record, sizes ...int) (keys []string, end delivery.Position) {
	w.t.Helper()
	template, err := delivery.ParseTemplate(w.settings.KeyTemplate)
	w.must(err)
	for _, size := range sizes {
		batch := records[:size]
		records = records[size:]
		first, last := at(&batch[0]), at(&batch[size-1])
		claim := delivery.Claim{First: first, End: last, Format: w.format, Compression: w.compression}
		claim.Key = template.Key(delivery.KeyFields{Application: "app", Stream: "clicks", ShardID: id, First: first, End: last, Arrival: time.Now()})
		text, err := claim.Encode()
		w.must(err)
		w.store(delivery.ClaimKey("app", id, after), text, nil)
		body, meta := w.encode(id, &claim, batch)
		meta.Previous = after
		w.store(claim.Key, body, meta.ToMap())
		keys, after = append(keys, claim.Key), last
	}
	return keys, after
}

func (w *world) encode(id string, claim *delivery.Claim, batch []multilang.Record) ([]byte, delivery.ObjectMetadata) {
	w.t.Helper()
	meta := delivery.ObjectMetadata{
		Key: claim.Key, ShardID: id, First: claim.First, End: claim.End, Format: claim.Format, Compression: claim.Compression,
	}
	digest := delivery.NewDigest(claim.Format)
	var body []byte
	for i := range batch {
		if delivery.Storable(claim.Format, batch[i].Data) != nil {
			meta.Rejected++
			w.store(delivery.ErrorKey("app", id, at(&batch[i])), batch[i].Data, nil)
			continue
		}
		meta.Records++
		digest.Add(at(&batch[i]), batch[i].Data)
		body = delivery.AppendRecord(body, claim.Format, batch[i].Data)
	}
	meta.Digest = digest.Sum()
	return compress(w.t, claim.Compression, body), meta
}

func compress(t *testing.T, compression string, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	switch compression {
	case "gzip":
		z := gzip.NewWriter(&out)
		_, err = z.Write(body)
		_ = z.Close()
	case "zstd":
		z, _ := zstd.NewWriter(&out)
		_, err = z.Write(body)
		_ = z.Close()
	default:
		return body
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (w *world) store(key string, body []byte, metadata map[string]string) {
	w.t.Helper()
	_, err := w.clients.S3.PutObject(w.ctx, &s3.PutObjectInput{Bucket: aws.String("objects"), Key: &key, Body: bytes.NewReader(body), Metadata: metadata})
	w.must(err)
}

func (w *world) remove(key string) {
	w.t.Helper()
	_, err := w.clients.S3.DeleteObject(w.ctx, &s3.DeleteObjectInput{Bucket: aws.String("objects"), Key: &key})
	w.must(err)
}

// copy copies an object as "aws s3 cp" does: with its metadata.
func (w *world) copy(from, to string) {
	w.t.Helper()
	_, err := w.clients.S3.CopyObject(w.ctx, &s3.CopyObjectInput{Bucket: aws.String("objects"), Key: &to, CopySource: aws.String("objects/" + from)})
	w.must(err)
}

// change replaces an object's body and keeps its metadata.
func (w *world) change(key string, edit func(body []byte) []byte) {
	w.t.Helper()
	head, err := w.clients.S3.HeadObject(w.ctx, &s3.HeadObjectInput{Bucket: aws.String("objects"), Key: &key})
	w.must(err)
	w.store(key, edit(w.body(key)), head.Metadata)
}

func (w *world) body(key string) []byte {
	w.t.Helper()
	body, ok := w.emulator.S3().Object("objects", key)
	if !ok {
		w.t.Fatalf("there is no object %s", key)
	}
	return bytes.Clone(body)
}

// lease writes a shard's checkpoint; start is TRIM_HORIZON.
func (w *world) lease(id string, p delivery.Position) {
	w.t.Helper()
	lease := leases.Lease{Key: id, Checkpoint: p.Sequence, CheckpointSub: p.Sub, Counter: 1}
	if p.IsStart() {
		lease.Checkpoint = leases.TrimHorizon
	}
	w.must(w.table.Delete(w.ctx, id))
	_, err := w.table.Create(w.ctx, lease)
	w.must(err)
}

func (w *world) createStream() {
	w.t.Helper()
	_, err := w.clients.Kinesis.CreateStream(w.ctx, &kinesis.CreateStreamInput{StreamName: aws.String("clicks"), ShardCount: aws.Int32(2)})
	w.must(err)
}

func (w *world) deleteStream() {
	w.t.Helper()
	_, err := w.clients.Kinesis.DeleteStream(w.ctx, &kinesis.DeleteStreamInput{StreamName: aws.String("clicks")})
	w.must(err)
}

func (w *world) deleteTable() {
	w.t.Helper()
	_, err := w.clients.DynamoDB.DeleteTable(w.ctx, &dynamodb.DeleteTableInput{TableName: aws.String("app")})
	w.must(err)
}

func (w *world) check() *verify.Report {
	w.t.Helper()
	report, err := verify.Check(w.ctx, w.clients, w.settings)
	w.must(err)
	return report
}
