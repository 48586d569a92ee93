package daemon

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/leases"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

// canned answers every request with one body.
type canned []byte

func (c canned) Do(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(c)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(bytes.NewReader(c)),
	}, nil
}

func (c canned) client() *kinesis.Client {
	return kinesis.New(kinesis.Options{Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: c})
}

func (c canned) call() *recordsCall { return &recordsCall{client: c.client(), limit: 10} }

const twoRecords = `{"Records":[` +
	`{"SequenceNumber":"4968","ApproximateArrivalTimestamp":1795380487.271,"Data":"aGVsbG8=","PartitionKey":"resource-0"},` +
	`{"ApproximateArrivalTimestamp":1.795380487272E9,"Data":"","EncryptionType":"NONE","PartitionKey":"\u00fc\"\\/ü","SequenceNumber":"4969"}` +
	`],"NextShardIterator":"AAA+/=","MillisBehindLatest":7}`

func TestAnswersAreThoseOfTheSDK(t *testing.T) {
	for name, body := range map[string]string{
		"records":        twoRecords,
		"spaces":         strings.ReplaceAll(strings.ReplaceAll(twoRecords, ",", " ,\n"), ":", " : "),
		"none":           `{"Records":[],"MillisBehindLatest":0,"NextShardIterator":"x"}`,
		"nulls":          `{"Records":null,"MillisBehindLatest":null,"NextShardIterator":null,"ChildShards":null}`,
		"unknown fields": `{"New":{"a":[1,"]}",true]},"Records":[{"New":"x","Data":"eA==","PartitionKey":"k","SequenceNumber":"1"}]}`,
		"empty body":     ``,
		"escaped base64": `{"Records":[{"Data":"\u0065A==","PartitionKey":"k","SequenceNumber":"1"}]}`,
		"end": `{"Records":[],"MillisBehindLatest":0,"ChildShards":[{"ShardId":"s-2","ParentShards":["s-0","s-1"],` +
			`"HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"9"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			want, err := canned(body).client().GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: aws.String("i")})
			if err != nil {
				t.Fatal(err)
			}
			got, err := canned(body).call().get(t.Context(), "i")
			if err != nil {
				t.Fatal(err)
			}
			if got.next != aws.ToString(want.NextShardIterator) || !cmp.Equal(got.behind, want.MillisBehindLatest) ||
				len(got.children) != len(want.ChildShards) || len(got.records) != len(want.Records) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
			for i := range got.children {
				if got, want := newChildLease(&got.children[i]), newChildLease(&want.ChildShards[i]); !cmp.Equal(got, want) {
					t.Error(cmp.Diff(want, got))
				}
			}
			for i := range got.records {
				record, err := got.records[i].decode()
				if err != nil {
					t.Fatal(err)
				}
				from := want.Records[i]
				want := multilang.Record{
					Data: from.Data, PartitionKey: *from.PartitionKey, SequenceNumber: *from.SequenceNumber,
					ApproximateArrivalTimestamp: time.UnixMilli(aws.ToTime(from.ApproximateArrivalTimestamp).UnixMilli()),
				}
				if from.ApproximateArrivalTimestamp == nil {
					want.ApproximateArrivalTimestamp = time.Time{}
				}
				if diff := cmp.Diff(want, record); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// What the SDK refuses is refused, and what only the SDK's parser takes is still read.
func TestBrokenAnswers(t *testing.T) {
	for _, body := range []string{`{`, `[]`, `{"Records":[{"Data":"*","PartitionKey":"k","SequenceNumber":"1"}]}`, `{"Records":[{}]}`} {
		if a, err := canned(body).call().get(t.Context(), "i"); err == nil {
			t.Errorf("%s: got %+v, want an error", body, a)
		}
	}
}

func TestDeeplyNestedAnswer(t *testing.T) {
	deep := `{"New":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + `}`
	if err := parseAnswer([]byte(deep), new(answer)); err == nil {
		t.Error("want it left to the SDK")
	}
}

func testLines(checkpoint position) *lineBuilder {
	return newLineBuilder(checkpoint, deaggregate.AllHashKeys(), true, func(deaggregate.Dropped) {})
}

// build parses and builds in one go, and returns what a child would read.
func build(t *testing.T, body string, l *lineBuilder) (batch, *multilang.DaemonMessage) {
	t.Helper()
	a := new(answer)
	if err := parseAnswer([]byte(body), a); err != nil {
		t.Fatal(err)
	}
	b, err := l.build(nil, a)
	if err != nil {
		t.Fatal(err)
	}
	message, err := multilang.ParseDaemonMessage(bytes.TrimSuffix(b.line, []byte("\n")))
	if err != nil {
		t.Fatalf("%v: %s", err, b.line)
	}
	return b, message
}

func TestLineHasTheShapeOfMultilang(t *testing.T) {
	body := strings.Replace(twoRecords, `\u00fc\"\\/ü`, `ü\"\\/`, 1)
	for _, body := range []string{body, `{"Records":[],"MillisBehindLatest":3}`, `{"Records":[]}`} {
		b, message := build(t, body, testLines(position{sequence: leases.TrimHorizon}))
		if got, want := string(b.line), string(message.AppendLine(nil)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestLineLeavesOutWhatIsProcessed(t *testing.T) {
	aggregate := deaggregate.Aggregate([]deaggregate.UserRecord{
		{PartitionKey: "a", Data: []byte("0")}, {PartitionKey: "b<&>\u2028\"", Data: []byte("1")}, {PartitionKey: "c", Data: []byte("2")},
	})
	body := fmt.Sprintf(`{"Records":[{"SequenceNumber":"99","Data":"eA==","PartitionKey":"k"},`+
		`{"SequenceNumber":"100","Data":%q,"PartitionKey":"k"},{"SequenceNumber":"101","Data":"eQ==","PartitionKey":"k"}]}`,
		base64.StdEncoding.EncodeToString(aggregate))
	for _, test := range []struct {
		checkpoint position
		want       []string
	}{
		{position{sequence: leases.TrimHorizon}, []string{"99/x", "100/0", "100.1/1", "100.2/2", "101/y"}},
		{position{sequence: leases.Latest}, []string{"99/x", "100/0", "100.1/1", "100.2/2", "101/y"}},
		{position{sequence: "99"}, []string{"100/0", "100.1/1", "100.2/2", "101/y"}},
		{position{sequence: "100"}, []string{"100.1/1", "100.2/2", "101/y"}},
		{position{sequence: "100", sub: 1}, []string{"100.2/2", "101/y"}},
		{position{sequence: "0100", sub: 2}, []string{"101/y"}},
		{position{sequence: "101"}, nil},
	} {
		b, message := build(t, body, testLines(test.checkpoint))
		var got []string
		for _, record := range message.Records {
			at := position{record.SequenceNumber, record.SubSequenceNumber}
			got = append(got, at.String()+"/"+string(record.Data))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("after %s: %s", test.checkpoint, diff)
		}
		if b.records != len(test.want) || b.records > 0 && b.last != (position{sequence: "101"}) {
			t.Errorf("after %s: %d records up to %s", test.checkpoint, b.records, b.last)
		}
	}
}

func TestPositionsAreOrdered(t *testing.T) {
	order := []position{
		{sequence: leases.AtTimestamp},
		{sequence: leases.TrimHorizon},
		{sequence: leases.Latest},
		{sequence: "0"},
		{sequence: "9"},
		{sequence: "9", sub: 1},
		{sequence: "0010"},
		{sequence: "49680470284492287261993194263874980522171922644320911410"},
		{sequence: "149680470284492287261993194263874980522171922644320911410"},
		{sequence: leases.ShardEnd},
	}
	for i, a := range order {
		for j, b := range order {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := a.compare(b); got != want {
				t.Errorf("%s compared to %s: got %d, want %d", a, b, got, want)
			}
		}
	}
}

// FuzzParseAnswer holds the parser to encoding/json: what it takes is valid and says the same.
func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(twoRecords))
	f.Add([]byte(`{"Records":[],"MillisBehindLatest":0,"ChildShards":[{"ShardId":"s"}],"NextShardIterator":null}`))
	f.Add([]byte(`{"New":[{"a":"\"]}"},1e5,null],"Records":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var a answer
		if parseAnswer(body, &a) != nil {
			return
		}
		var want struct {
			Records []struct {
				Data                         []byte
				PartitionKey, SequenceNumber string
			}
		}
		if !json.Valid(body) {
			return // what only steps over a value does not check it
		}
		if err := json.Unmarshal(body, &want); err != nil {
			return
		}
		line, err := testLines(position{sequence: leases.TrimHorizon}).build(nil, &a)
		if err != nil || bytes.IndexByte(line.line, '\n') != len(line.line)-1 {
			t.Fatalf("%v: %s", err, line.line)
		}
		if _, err := multilang.ParseDaemonMessage(line.line[:len(line.line)-1]); err != nil {
			t.Fatalf("%v: %s", err, line.line)
		}
		if len(a.records) != len(want.Records) {
			return // a key given twice
		}
		for i := range a.records {
			record, err := a.records[i].decode()
			if err != nil {
				continue
			}
			if record.SequenceNumber != want.Records[i].SequenceNumber && !strings.ContainsRune(string(body), 0xfffd) {
				t.Fatalf("got %q, want %q", record.SequenceNumber, want.Records[i].SequenceNumber)
			}
		}
	})
}

// tenThousand is a full GetRecords answer with records of 63 bytes.
func tenThousand() canned {
	b := []byte(`{"Records":[`)
	for i := range 10000 {
		if i > 0 {
			b = append(b, ',')
		}
		data := fmt.Sprintf(`{"resource":"resource-%d","referrer":"http://www.amazon.com/%05d"}`, i%10, i)
		b = fmt.Appendf(b, `{"SequenceNumber":"49680470284492287261993194263874980522171922644320%06d",`+
			`"ApproximateArrivalTimestamp":1795380487.271,"Data":"%s","PartitionKey":"resource-%d"}`,
			i, base64.StdEncoding.EncodeToString([]byte(data)), i%10)
	}
	return append(b, `],"NextShardIterator":"AAAA","MillisBehindLatest":0}`...)
}

func BenchmarkSDK(b *testing.B) {
	body := tenThousand()
	client := body.client()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		out, err := client.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: aws.String("i")})
		if err != nil || len(out.Records) != 10000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	body := tenThousand()
	call := body.call()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if a, err := call.get(context.Background(), "i"); err != nil || len(a.records) != 10000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkLine(b *testing.B) {
	a := new(answer)
	if err := parseAnswer(tenThousand(), a); err != nil {
		b.Fatal(err)
	}
	lines := testLines(position{sequence: "1"})
	var memory []byte
	b.ReportAllocs()
	for b.Loop() {
		batch, err := lines.build(memory, a)
		if err != nil || batch.records != 10000 {
			b.Fatal(err)
		}
		memory = batch.line
		b.SetBytes(int64(len(memory)))
	}
}
