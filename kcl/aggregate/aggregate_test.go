package aggregate_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl/aggregate"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

// TestIsAsWrittenByHand: two keys, one explicit hash key, each once in its table.
func TestIsAsWrittenByHand(t *testing.T) {
	t.Parallel()
	const message = "\x0a\x01a\x0a\x02bc" + "\x12\x017" +
		"\x1a\x07\x08\x00\x1a\x03one" + "\x1a\x09\x08\x01\x10\x00\x1a\x03two" + "\x1a\x09\x08\x00\x10\x00\x1a\x03six"
	var b aggregate.Builder
	for range 2 { // the second time after Reset
		b.Add("a", "", []byte("one"))
		b.Add("bc", "7", []byte("two"))
		b.Add("a", "7", []byte("six"))
		sum := md5.Sum([]byte(message))
		want := "before\xf3\x89\x9a\xc2" + message + string(sum[:])
		got := b.AppendTo([]byte("before"))
		if string(got) != want || b.Len() != 3 || b.Size() != len(want)-len("before") {
			t.Errorf("%d records, size %d\ngot  %q\nwant %q", b.Len(), b.Size(), got, want)
		}
		b.Reset()
	}
	if b.Len() != 0 || b.Size() != 4+md5.Size {
		t.Errorf("after Reset %d records, size %d", b.Len(), b.Size())
	}
}

// TestComesBack: random records come back as they were, and neither size is ever less than what is written.
func TestComesBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var b aggregate.Builder
	for range 200 {
		b.Reset()
		var want []multilang.Record
		most := b.Size()
		for i := range random.IntN(50) {
			key, explicit := strings.Repeat("ключ", random.IntN(40))+fmt.Sprint(random.IntN(200)), ""
			if random.IntN(2) == 0 {
				explicit = fmt.Sprint(random.Uint64())
			}
			data := bytes.Repeat([]byte{byte(i)}, random.IntN(300))
			b.Add(key, explicit, data)
			if most += aggregate.Most(key, explicit, data); b.Size() > most {
				t.Fatalf("the size is %d, Most allows %d", b.Size(), most)
			}
			want = append(want, multilang.Record{Data: data, PartitionKey: key, SequenceNumber: "1", SubSequenceNumber: int64(i)})
		}
		data := b.AppendTo(nil)
		if len(data) != b.Size() {
			t.Fatalf("%d bytes, Size said %d", len(data), b.Size())
		}
		if len(want) == 0 {
			continue // without records it is no aggregate
		}
		got, dropped := deaggregate.Records([]multilang.Record{{Data: data, SequenceNumber: "1"}}, deaggregate.AllHashKeys())
		if diff := cmp.Diff(want, got); diff != "" || dropped != nil {
			t.Fatalf("dropped %v, records (-want +got):\n%s", dropped, diff)
		}
	}
}

func ExampleBuilder() {
	var b aggregate.Builder
	b.Add("/index.html", "", []byte(`{"resource":"/index.html"}`))
	b.Add("/about.html", "", []byte(`{"resource":"/about.html"}`))
	data := b.AppendTo(nil) // the data of one Kinesis record
	fmt.Println(b.Len(), "records in", len(data), "bytes")
	// Output: 2 records in 110 bytes
}

func BenchmarkAdd(b *testing.B) {
	data := bytes.Repeat([]byte("x"), 70)
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = fmt.Sprintf("resource-%d", i)
	}
	var builder aggregate.Builder
	var buffer []byte
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if builder.Add(keys[i%len(keys)], "", data); builder.Size() > 50<<10 {
			buffer = builder.AppendTo(buffer[:0])
			builder.Reset()
		}
	}
}
