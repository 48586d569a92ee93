package consume

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/delivery"
	"clickstream/kcl/kcltest"
)

const testShard = "shardId-000000000000"

// fixture is a shard with records of two bytes each, a bucket, and the settings of the processor between them: batches close at 6 bytes.
type fixture struct {
	t     *testing.T
	shard *kcltest.Shard
	store *memoryStore
	over  Store // what the processor sees, if not store itself
	rules rules
	log   *lockedBuffer

	metrics *metrics
}

func newFixture(t *testing.T, records ...string) *fixture {
	t.Helper()
	f := &fixture{t: t, shard: kcltest.NewShard(testShard), store: &memoryStore{}}
	for _, data := range records {
		f.shard.Put("key", []byte(data))
	}
	f.rules = rules{application: "app", stream: "stream", format: delivery.FormatJSONL, compression: delivery.CompressionNone, maxSize: 6, maxAge: time.Minute}
	f.template("")
	return f
}

func (f *fixture) template(text string) {
	f.t.Helper()
	var err error
	if f.rules.template, err = delivery.ParseTemplate(text); err != nil {
		f.t.Fatal(err)
	}
}

var errDenied = errors.New("access denied")

// start runs a processor and initializes it.
func (f *fixture) start() *kcltest.Worker {
	f.t.Helper()
	log, text := testLog()
	f.log = text
	wait := &patience{metrics: f.metrics, log: log, permanent: func(err error) bool { return errors.Is(err, errDenied) }, random: rand.New(rand.NewPCG(1, 2))}
	store := f.over
	if store == nil {
		store = f.store
	}
	p := &processor{open: func(_ context.Context, shardID string) (*chain, error) {
		return &chain{rules: f.rules, shardID: shardID, store: &patientStore{store, wait}, wait: wait, log: log, metrics: f.metrics}, nil
	}}
	w := f.shard.Start(f.t.Context(), p)
	f.must(w.Initialize())
	return w
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("%v; log: %s", err, f.log)
	}
}

// at is the position of record i of the shard; a negative one lies before all of them.
func (f *fixture) at(i int) delivery.Position {
	if i < 0 {
		return delivery.Position{Sequence: fmt.Sprint(100 + i)}
	}
	r := f.shard.Records()[i]
	return delivery.Position{Sequence: r.SequenceNumber, Sub: r.SubSequenceNumber}
}

func (f *fixture) key(first, last int) string {
	p, text := f.at(first), ""
	if p.Sub > 0 {
		text = fmt.Sprintf(".%d", p.Sub)
	}
	return testShard + "/" + p.Sequence + text + "-" + f.at(last).Sequence
}

// claim files somebody else's claim of records first to last behind a position.
func (f *fixture) claim(after delivery.Position, first, last int, change ...func(*delivery.Claim)) {
	f.t.Helper()
	claim := delivery.Claim{First: f.at(first), End: f.at(last), Key: f.key(first, last), Format: delivery.FormatJSONL, Compression: delivery.CompressionNone}
	for _, c := range change {
		c(&claim)
	}
	body, err := claim.Encode()
	f.must(err)
	f.must(f.store.Create(f.t.Context(), StoredObject{Key: delivery.ClaimKey("app", testShard, after), Body: body}))
}

// object stores what another worker would store of records first to last of the shard.
func (f *fixture) object(key string, after delivery.Position, first, last int) {
	f.t.Helper()
	digest, body := delivery.NewDigest(delivery.FormatJSONL), []byte(nil)
	for i := first; i <= last; i++ {
		data := f.shard.Records()[i].Data
		digest.Add(f.at(i), data)
		body = delivery.AppendRecord(body, delivery.FormatJSONL, data)
	}
	meta := delivery.ObjectMetadata{
		Key: key, ShardID: testShard, Previous: after, First: f.at(first), End: f.at(last), Records: last - first + 1,
		Digest: digest.Sum(), Format: delivery.FormatJSONL, Compression: delivery.CompressionNone,
	}
	f.must(f.store.Create(f.t.Context(), StoredObject{Key: key, Metadata: meta.ToMap(), Body: body}))
}

// expect compares the data objects and the checkpoint with what is wanted; "" is a shard's end.
func (f *fixture) expect(checkpoint string, objects map[string]string) {
	f.t.Helper()
	if diff := cmp.Diff(objects, f.store.contents(f.t)); diff != "" {
		f.t.Errorf("objects: %s", diff)
	}
	sequence, sub := f.shard.Checkpoint()
	if got := (delivery.Position{Sequence: sequence, Sub: sub}).String(); got != checkpoint {
		f.t.Errorf("checkpoint at %s, want %s", got, checkpoint)
	}
}

func (f *fixture) logged(text string) {
	f.t.Helper()
	if !strings.Contains(f.log.String(), text) {
		f.t.Errorf("the log does not say %q: %s", text, f.log)
	}
}

const (
	shardEnd    = "SHARD_END.0"
	trimHorizon = "TRIM_HORIZON.0"
)
