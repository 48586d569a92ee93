package deaggregate_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

var arrival = time.UnixMilli(1795378421916)

func record(data []byte) multilang.Record {
	return multilang.Record{
		Data: data, PartitionKey: "outer", SequenceNumber: "17", ApproximateArrivalTimestamp: arrival,
	}
}

func part(sub int64, key, data string) multilang.Record {
	return multilang.Record{
		Data: []byte(data), PartitionKey: key, SequenceNumber: "17", SubSequenceNumber: sub, ApproximateArrivalTimestamp: arrival,
	}
}

// frame makes a KPL record of a message, which may be anything.
func frame(message string) []byte {
	sum := md5.Sum([]byte(message))
	return []byte("\xf3\x89\x9a\xc2" + message + string(sum[:]))
}

// golden is an aggregate written down by hand: keys "a" and "bc", explicit hash key "7", three records, one with a tag.
const golden = "\x0a\x01a\x0a\x02bc" + // partition keys
	"\x12\x017" + // explicit hash keys
	"\x1a\x07\x08\x00\x1a\x03one" +
	"\x1a\x09\x08\x01\x10\x00\x1a\x03two" +
	"\x1a\x0b\x08\x00\x1a\x00\x22\x05\x0a\x01k\x12\x00"

func TestAggregateIsAsWrittenByHand(t *testing.T) {
	t.Parallel()
	got := deaggregate.Aggregate([]deaggregate.UserRecord{
		{PartitionKey: "a", Data: []byte("one")},
		{PartitionKey: "bc", ExplicitHashKey: "7", Data: []byte("two")},
	})
	want := frame(golden[:strings.Index(golden, "\x1a\x0b")])
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	ordinary := record([]byte("an ordinary click, long enough for a magic number and a digest"))
	in := []multilang.Record{ordinary, record(frame(golden)), ordinary, record(nil), record(frame(""))}
	got, dropped := deaggregate.Records(in, deaggregate.AllHashKeys())
	want := []multilang.Record{
		ordinary, part(0, "a", "one"), part(1, "bc", "two"), part(2, "a", ""), ordinary, record(nil),
		record(frame("")), // of an empty message the digest is all there is: that is too short for the KCL
	}
	if diff := cmp.Diff(want, got); diff != "" || dropped != nil {
		t.Errorf("dropped %v, records %s", dropped, diff)
	}
}

func TestWithoutAggregatesNothingIsCopied(t *testing.T) {
	in := []multilang.Record{record([]byte("a")), record([]byte("b"))}
	allocations := testing.AllocsPerRun(10, func() {
		if got, _ := deaggregate.Records(in, deaggregate.AllHashKeys()); len(got) != 2 || &got[0] != &in[0] {
			t.Error("the records were copied")
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

// TestMalformedIsOrdinary: what only looks like an aggregate is delivered as it came.
func TestMalformedIsOrdinary(t *testing.T) {
	t.Parallel()
	damaged := frame(golden)
	damaged[len(damaged)-1]++
	tests := map[string][]byte{
		"magic alone":           []byte("\xf3\x89\x9a\xc2"),
		"magic and a digest":    append([]byte("\xf3\x89\x9a\xc2"), make([]byte, md5.Size)...),
		"digest wrong":          damaged,
		"magic wrong":           append([]byte("\xf3\x89\x9a\xc3"), frame(golden)[4:]...),
		"cut in a field":        frame(golden[:len(golden)-1]),
		"length over the end":   frame("\x0a\x7fa"),
		"length negative":       frame("\x0a\xff\xff\xff\xff\x0fa"),
		"varint too long":       frame("\x08" + strings.Repeat("\xff", 10) + "\x01"),
		"field number 0":        frame("\x02\x00"),
		"wire type 6":           frame("\x0e"),
		"end of no group":       frame("\x0c"),
		"group without an end":  frame("\x23\x08\x01"),
		"group ended by others": frame("\x23\x08\x01\x2c"),
		"record without data":   frame("\x0a\x01a\x1a\x02\x08\x00"),
		"record without key":    frame("\x0a\x01a\x1a\x02\x1a\x00"),
		"tag without key":       frame("\x0a\x01a\x1a\x08\x08\x00\x1a\x00\x22\x02\x12\x00"),
	}
	for name, data := range tests {
		in := []multilang.Record{record(frame(golden)), record(data)}
		got, dropped := deaggregate.Records(in, deaggregate.AllHashKeys())
		if len(got) != 4 || dropped != nil {
			t.Errorf("%s: %d records, dropped %v", name, len(got), dropped)
			continue
		}
		if diff := cmp.Diff(in[1], got[3]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestWhatTheJavaDecoderTakes: unknown fields, unexpected wire types and odd integers are no reason to refuse.
func TestWhatTheJavaDecoderTakes(t *testing.T) {
	t.Parallel()
	messages := map[string]string{
		"unknown fields":       "\x0a\x01a\x28\x01\x31abcdefgh\x3dabcd\x43\x0a\x01x\x44\x1a\x07\x08\x00\x1a\x03one",
		"wire types":           "\x08\x01\x0a\x01a\x18\x01\x1a\x09\x08\x00\x18\x05\x1a\x03one",
		"the last of two":      "\x0a\x01a\x1a\x0c\x08\x05\x08\x00\x1a\x01x\x1a\x03one",
		"33 bits of reference": "\x0a\x01a\x1a\x0b\x08\x80\x80\x80\x80\x10\x1a\x03one",
	}
	for name, message := range messages {
		got, dropped := deaggregate.Records([]multilang.Record{record(frame(message))}, deaggregate.AllHashKeys())
		if diff := cmp.Diff([]multilang.Record{part(0, "a", "one")}, got); diff != "" || dropped != nil {
			t.Errorf("%s: dropped %v, records %s", name, dropped, diff)
		}
	}
}

func TestBrokenReferences(t *testing.T) {
	t.Parallel()
	const good, rest = "\x0a\x01a\x12\x01x\x1a\x07\x08\x00\x1a\x03one", "\x1a\x07\x08\x00\x1a\x03two"
	for name, broken := range map[string]string{
		"partition key":                   "\x1a\x04\x08\x01\x1a\x00",
		"partition key negative":          "\x1a\x08\x08\xff\xff\xff\xff\x0f\x1a\x00",
		"explicit hash key":               "\x1a\x06\x08\x00\x10\x01\x1a\x00",
		"explicit hash key not a number ": "\x1a\x06\x08\x00\x10\x00\x1a\x00",
	} {
		in := []multilang.Record{record(frame(good + broken + rest)), record([]byte("next"))}
		got, dropped := deaggregate.Records(in, deaggregate.AllHashKeys())
		if diff := cmp.Diff([]multilang.Record{part(0, "a", "one"), in[1]}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		want := []deaggregate.Dropped{{SequenceNumber: "17", Parts: 2, Reason: deaggregate.ErrBrokenReference}}
		if diff := cmp.Diff(want, dropped, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestHashKeyRange: one part that belongs to another shard takes the whole aggregate with it.
func TestHashKeyRange(t *testing.T) {
	t.Parallel()
	sum := md5.Sum([]byte("a"))
	hash := new(big.Int).SetBytes(sum[:]).String()
	above := new(big.Int).Add(new(big.Int).SetBytes(sum[:]), big.NewInt(1)).String()
	const most = "340282366920938463463374607431768211455"
	tests := []struct {
		name       string
		start, end string
		explicit   string
		inside     bool
	}{
		{"all", "0", most, "", true},
		{"just it", hash, hash, "", true},
		{"above", above, most, "", false},
		{"below", "0", "0", "", false},
		{"explicit inside", "5", "7", "7", true},
		{"explicit below", "5", "7", "4", false},
		{"explicit above", "5", "7", "8", false},
		{"explicit wins", hash, hash, "7", false},
		{"explicit over 128 bits", "0", most, "340282366920938463463374607431768211456", false},
		{"explicit negative", "0", most, "-1", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hashKeys, err := deaggregate.ParseHashKeyRange(test.start, test.end)
			if err != nil {
				t.Fatal(err)
			}
			aggregate := deaggregate.Aggregate([]deaggregate.UserRecord{
				{PartitionKey: "x", ExplicitHashKey: test.end, Data: []byte("inside")},
				{PartitionKey: "a", ExplicitHashKey: test.explicit, Data: []byte("in question")},
			})
			in := []multilang.Record{record([]byte("first")), record(aggregate), record([]byte("last"))}
			got, dropped := deaggregate.Records(in, hashKeys)
			want := in[:1:1]
			var wantDropped []deaggregate.Dropped
			if test.inside {
				want = append(want, part(0, "x", "inside"), part(1, "a", "in question"))
			} else {
				wantDropped = []deaggregate.Dropped{{SequenceNumber: "17", Parts: 2, Reason: deaggregate.ErrForeignHashKey}}
			}
			if diff := cmp.Diff(append(want, in[2]), got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(wantDropped, dropped, cmpopts.EquateErrors()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseHashKeyRange(t *testing.T) {
	t.Parallel()
	all, err := deaggregate.ParseHashKeyRange("0", "340282366920938463463374607431768211455")
	if err != nil || all != deaggregate.AllHashKeys() {
		t.Errorf("%v, error %v", all, err)
	}
	for _, bad := range []string{"", "-1", "x", "340282366920938463463374607431768211456"} {
		if _, err := deaggregate.ParseHashKeyRange(bad, "1"); err == nil {
			t.Errorf("start %q is taken", bad)
		}
		if _, err := deaggregate.ParseHashKeyRange("0", bad); err == nil {
			t.Errorf("end %q is taken", bad)
		}
	}
}

// FuzzRecords feeds messages with a right digest, as the frame would otherwise refuse them all.
func FuzzRecords(f *testing.F) {
	f.Add([]byte(golden), true)
	f.Add([]byte("\x0a\x01a\x43\x0a\x01x\x44"), true)
	f.Add(frame(golden), false)
	f.Fuzz(func(t *testing.T, data []byte, framed bool) {
		if framed {
			data = frame(string(data))
		}
		in := record(data)
		got, dropped := deaggregate.Records([]multilang.Record{in}, deaggregate.AllHashKeys())
		if len(got) == 1 && got[0].PartitionKey == in.PartitionKey && bytes.Equal(got[0].Data, data) {
			return // ordinary
		}
		size := 0
		var again []deaggregate.UserRecord
		for i, r := range got {
			if r.SubSequenceNumber != int64(i) || r.SequenceNumber != in.SequenceNumber {
				t.Fatalf("part %d is %s.%d", i, r.SequenceNumber, r.SubSequenceNumber)
			}
			size += len(r.Data)
			again = append(again, deaggregate.UserRecord{PartitionKey: r.PartitionKey, Data: r.Data})
		}
		if size > len(data) {
			t.Fatalf("%d bytes of parts out of %d", size, len(data))
		}
		if len(again) == 0 || dropped != nil {
			return
		}
		packed, _ := deaggregate.Records([]multilang.Record{record(deaggregate.Aggregate(again))}, deaggregate.AllHashKeys())
		if diff := cmp.Diff(got, packed, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkRecords(b *testing.B) {
	var users []deaggregate.UserRecord
	for i := range 500 {
		users = append(users, deaggregate.UserRecord{
			PartitionKey: fmt.Sprintf("resource-%d", i%10),
			Data:         []byte(`{"resource":"resource-1","referrer":"http://stackoverflow.com"}`),
		})
	}
	in := []multilang.Record{record(deaggregate.Aggregate(users))}
	b.SetBytes(int64(len(in[0].Data)))
	b.ReportAllocs()
	for b.Loop() {
		deaggregate.Records(in, deaggregate.AllHashKeys())
	}
}
