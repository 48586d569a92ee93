package kinesis_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// discard is a ResponseWriter that costs nothing.
type discard struct {
	header http.Header
	status int
	size   int
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(s int)   { d.status = s }
func (d *discard) Write(b []byte) (int, error) {
	d.size += len(b)
	return len(b), nil
}

// again is one request that is made over and over.
type again struct {
	server http.Handler
	target string
	kind   string
	body   []byte
}

func (a *again) do(b *testing.B) *discard {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "/", bytes.NewReader(a.body))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+a.target)
	request.Header.Set("Content-Type", a.kind)
	reply := &discard{header: http.Header{}}
	a.server.ServeHTTP(reply, request)
	if reply.status != http.StatusOK {
		b.Fatalf("%s: status %d", a.target, reply.status)
	}
	return reply
}

func click(i int) ([]byte, string) {
	return fmt.Appendf(nil, `{"resource":"resource-%d","referrer":"http://www.amazon.com/"}`, i), fmt.Sprintf("resource-%d", i)
}

func putJSON(stream string, records int) []byte {
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"StreamName":%q,"Records":[`, stream)
	for i := range records {
		data, key := click(i)
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"Data":"%s","PartitionKey":"%s"}`, base64.StdEncoding.EncodeToString(data), key)
	}
	body.WriteString("]}")
	return body.Bytes()
}

func putCBOR(tb testing.TB, stream string, records int) []byte {
	tb.Helper()
	entries := make([]map[string]any, records)
	for i := range entries {
		data, key := click(i)
		entries[i] = map[string]any{"Data": data, "PartitionKey": key}
	}
	body, err := cbor.Marshal(map[string]any{"StreamName": stream, "Records": entries})
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

const recordsPerPut = 500

func benchmarkPut(b *testing.B, kind string, body []byte) {
	b.Helper()
	server := newServer(b)
	server.do(b, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
	put := again{server.service, "PutRecords", kind, body}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	puts := 0
	for b.Loop() {
		if puts++; puts%2000 == 0 { // or a long run fills the memory
			b.StopTimer()
			server.do(b, "DeleteStream", `{"StreamName":"s"}`)
			server.do(b, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
			b.StartTimer()
		}
		put.do(b)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/recordsPerPut, "ns/record")
}

func BenchmarkPutRecordsJSON(b *testing.B) { benchmarkPut(b, jsonType, putJSON("s", recordsPerPut)) }

func BenchmarkPutRecordsCBOR(b *testing.B) { benchmarkPut(b, cborType, putCBOR(b, "s", recordsPerPut)) }

func BenchmarkGetRecords(b *testing.B) {
	server := newServer(b)
	server.do(b, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	put := again{server.service, "PutRecords", jsonType, putJSON("s", recordsPerPut)}
	const records = 10000
	for range records / recordsPerPut {
		put.do(b)
	}
	iterator := server.iterator(b, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`)
	encoded, err := cbor.Marshal(map[string]any{"ShardIterator": iterator})
	if err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct {
		name, kind string
		body       []byte
	}{{"JSON", jsonType, []byte(`{"ShardIterator":"` + iterator + `"}`)}, {"CBOR", cborType, encoded}} {
		b.Run(test.name, func(b *testing.B) {
			get := again{server.service, "GetRecords", test.kind, test.body}
			b.ReportAllocs()
			for b.Loop() {
				b.SetBytes(int64(get.do(b).size))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
		})
	}
}

// TestMemoryPerRecord keeps what a stored record costs near its own bytes.
func TestMemoryPerRecord(t *testing.T) {
	const most = 64
	server := newServer(t)
	server.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
	body := putJSON("s", recordsPerPut)
	own := 0
	for i := range recordsPerPut {
		data, key := click(i)
		own += len(data) + len(key)
	}
	const puts = 200
	before := live()
	for range puts {
		server.do(t, "PutRecords", string(body))
	}
	perRecord := float64(live()-before)/(puts*recordsPerPut) - float64(own)/recordsPerPut
	if perRecord > most {
		t.Errorf("a record costs %.0f bytes beside its own, want at most %d", perRecord, most)
	}
	runtime.KeepAlive(server)
}

func live() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
