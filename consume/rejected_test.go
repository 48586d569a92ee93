package consume

import (
	"strings"
	"testing"

	"clickstream/internal/delivery"
)

// S3 refuses more than 2048 bytes of metadata, which would be taken for a fault that passes, and waited out for ever.
func TestMetadataOfRejectedRecordsFitsS3(t *testing.T) {
	for key, want := range map[string]string{
		strings.Repeat("k", 256): `"` + strings.Repeat("k", 256) + `"`,
		strings.Repeat("😀", 256): `..."`,
	} {
		f := newFixture(t)
		f.shard.Put(key, []byte("a\nb"))
		f.template(strings.Repeat("long/", 90) + "{shardId}/{first}-{last}")
		w := f.start()
		f.must(w.DeliverAll(0))
		f.must(w.EndShard())
		f.must(w.Close())
		sum := 0
		metadata := f.store.objects[delivery.ErrorKey("app", testShard, f.at(0))].Metadata
		for name, value := range metadata {
			sum += len("x-amz-meta-") + len(name) + len(value)
		}
		if got := metadata["partition-key"]; sum > 2048 || !strings.HasSuffix(got, want) {
			t.Errorf("%d bytes of metadata, partition key %s", sum, got)
		}
	}
}
