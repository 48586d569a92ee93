package s3_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// chunkedHeader is what a client says about an aws-chunked body.
func chunkedHeader(kind string, length int, more ...string) map[string]string {
	return headers(append([]string{
		"Content-Encoding", "aws-chunked", "X-Amz-Content-Sha256", kind, "X-Amz-Decoded-Content-Length", fmt.Sprint(length),
	}, more...)...)
}

func crc(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	return base64.StdEncoding.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

func TestChunkedBodies(t *testing.T) {
	const (
		signed          = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
		signedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
		unsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
		mark            = ";chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
	)
	trailer := "x-amz-checksum-crc32:" + crc("hello world")
	for _, test := range []struct {
		what   string
		header map[string]string
		body   string
		code   string // "" wants "hello world" stored
	}{
		{"signed", chunkedHeader(signed, 11), "6" + mark + "\r\nhello \r\n5" + mark + "\r\nworld\r\n0" + mark + "\r\n\r\n", ""},
		{"unsigned with trailer", chunkedHeader(unsignedTrailer, 11, "X-Amz-Trailer", "x-amz-checksum-crc32"), "b\r\nhello world\r\n0\r\n" + trailer + "\r\n\r\n", ""},
		{"signed with trailer", chunkedHeader(signedTrailer, 11, "X-Amz-Trailer", "x-amz-checksum-crc32"), "b" + mark + "\r\nhello world\r\n0" + mark + "\r\n" + trailer + "\r\nx-amz-trailer-signature:ab\r\n\r\n", ""},
		{"capitals in a size", chunkedHeader(unsignedTrailer, 11), "B\r\nhello world\r\n0\r\n\r\n", ""},
		{"no last empty line", chunkedHeader(unsignedTrailer, 11), "b\r\nhello world\r\n0\r\n", ""},
		{"wrong trailer", chunkedHeader(unsignedTrailer, 11), "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"},
		{"announced trailer missing", chunkedHeader(unsignedTrailer, 11, "X-Amz-Trailer", "x-amz-checksum-crc32"), "b\r\nhello world\r\n0\r\n\r\n", "MalformedTrailerError"},
		{"no trailer line", chunkedHeader(unsignedTrailer, 11), "b\r\nhello world\r\n0\r\nnonsense\r\n\r\n", "MalformedTrailerError"},
		{"endless trailer", chunkedHeader(unsignedTrailer, 11), "b\r\nhello world\r\n0\r\n" + strings.Repeat("a:b\r\n", 20000), "MalformedTrailerError"},
		{"cut in a chunk", chunkedHeader(unsignedTrailer, 11), "b\r\nhello", "IncompleteBody"},
		{"cut after the data", chunkedHeader(unsignedTrailer, 11), "b\r\nhello world\r\n", "IncompleteBody"},
		{"less than announced", chunkedHeader(unsignedTrailer, 12), "b\r\nhello world\r\n0\r\n\r\n", "IncompleteBody"},
		{"more than announced", chunkedHeader(unsignedTrailer, 10), "b\r\nhello world\r\n0\r\n\r\n", "IncompleteBody"},
		{"chunk longer than it says", chunkedHeader(unsignedTrailer, 11), "5\r\nhello world\r\n0\r\n\r\n", "IncompleteBody"},
		{"no size", chunkedHeader(unsignedTrailer, 11), "size\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"},
		{"negative size", chunkedHeader(unsignedTrailer, 11), "-1\r\n", "InvalidRequest"},
		{"endless line", chunkedHeader(unsignedTrailer, 11), strings.Repeat("0", 5000), "InvalidRequest"},
		{"no length", chunkedHeader(unsignedTrailer, -1), "b\r\nhello world\r\n0\r\n\r\n", "MissingContentLength"},
		{"a kind that is none", chunkedHeader("STREAMING-PAYLOAD", 11), "b\r\nhello world\r\n0\r\n\r\n", "InvalidArgument"},
		{"hashed otherwise", chunkedHeader(signed, 11, "Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="), "b\r\nhello world\r\n0\r\n\r\n", "BadDigest"},
	} {
		t.Run(test.what, func(t *testing.T) {
			store := newStore(t)
			a := do(store, request{method: "PUT", target: "/bbb/key", body: test.body, header: test.header})
			if test.code != "" {
				if doc := a.error(t); doc.Code != test.code || len(store.Keys("bbb")) != 0 {
					t.Errorf("%d %s, want %s; keys %q", a.status, a.body, test.code, store.Keys("bbb"))
				}
				return
			}
			if got, _ := store.Object("bbb", "key"); a.status != http.StatusOK || string(got) != "hello world" {
				t.Errorf("%d %s; stored %q", a.status, a.body, got)
			}
			if got := do(store, request{method: "HEAD", target: "/bbb/key"}).header.Get("Content-Encoding"); got != "" {
				t.Errorf("the coding of the transfer was kept: %q", got)
			}
		})
	}
}

// FuzzChunked sends any bytes as an aws-chunked body, and data that it encodes
// itself: the first must not break anything, the second must arrive.
func FuzzChunked(f *testing.F) {
	f.Add([]byte("b\r\nhello world\r\n0\r\n\r\n"), 11, uint16(3))
	f.Add([]byte("5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"), 5, uint16(1))
	f.Add([]byte("ffffffffffffffff\r\n"), 1<<40, uint16(0))
	f.Add([]byte{}, 0, uint16(9))
	store := newStore(f)
	f.Fuzz(func(t *testing.T, raw []byte, length int, size uint16) {
		header := chunkedHeader("STREAMING-UNSIGNED-PAYLOAD-TRAILER", length)
		a := do(store, request{method: "PUT", target: "/bbb/raw", body: string(raw), header: header})
		if a.status == http.StatusOK {
			if got, _ := store.Object("bbb", "raw"); len(got) != length {
				t.Errorf("stored %d bytes, announced %d", len(got), length)
			}
		} else if a.status >= 500 {
			t.Errorf("%d %s", a.status, a.body)
		}
		var encoded bytes.Buffer
		for chunk := range slices.Chunk(raw, 1+int(size)) {
			fmt.Fprintf(&encoded, "%x;chunk-signature=00\r\n%s\r\n", len(chunk), chunk)
		}
		fmt.Fprintf(&encoded, "0\r\nx-amz-checksum-crc32:%s\r\n\r\n", crc(string(raw)))
		header = chunkedHeader("STREAMING-UNSIGNED-PAYLOAD-TRAILER", len(raw), "X-Amz-Trailer", "x-amz-checksum-crc32")
		a = do(store, request{method: "PUT", target: "/bbb/own", body: encoded.String(), header: header})
		if got, _ := store.Object("bbb", "own"); a.status != http.StatusOK || !bytes.Equal(got, raw) {
			t.Errorf("%d %s: stored %q, sent %q", a.status, a.body, got, raw)
		}
	})
}

// FuzzTarget sends any path and query with every method. A key that S3 allows
// must hold what was put there.
func FuzzTarget(f *testing.F) {
	f.Add("bbb.localhost", "/../x", "")
	f.Add("h", "/bbb/a", "X-Amz-Signature=0&X-Amz-Date=20000101T000000Z&X-Amz-Expires=604800&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b/c/s3/aws4_request")
	f.Add("h", "/bbb//a/%2F", "list-type=2&prefix=%zz")
	f.Add("h", "/bbb", "list-type=2")
	f.Add("h", "/bbb", "uploads&delete&versionId=null;x=y")
	f.Add("a.s3.amazonaws.com:1", "", "continuation-token=!!&max-keys=9999999999")
	f.Fuzz(func(t *testing.T, host, path, query string) {
		store := newStore(t)
		send := func(method, path, query, body string) *recorder {
			w := &recorder{header: http.Header{}}
			r, err := http.NewRequestWithContext(t.Context(), method, "http://h", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Host, r.URL = host, &url.URL{Path: path, RawQuery: query}
			store.Handler().ServeHTTP(w, r)
			return w
		}
		for _, method := range []string{"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"} {
			if w := send(method, path, query, ""); strings.Contains(w.body.String(), "<Code>InternalError<") {
				t.Errorf("%s %q %q: %s", method, path, query, w.body.String())
			}
		}
		if !utf8.ValidString(path) || path == "" || len(path) > 1024 {
			return
		}
		host, store = "bbb.localhost", newStore(t) // the requests before may have deleted the bucket
		send("PUT", "/"+path, "", path)
		if got, ok := store.Object("bbb", path); !ok || string(got) != path {
			t.Errorf("the key %q holds %q", path, got)
		}
	})
}

// BenchmarkPutObject stores objects of 1 MiB through the handler alone and over
// a connection.
func BenchmarkPutObject(b *testing.B) {
	mebibyte := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	b.Run("handler", func(b *testing.B) {
		handler := newStore(b).Handler()
		b.SetBytes(int64(len(mebibyte)))
		b.ReportAllocs()
		for b.Loop() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPut, "http://h/bbb/key", bytes.NewReader(mebibyte))
			if err != nil {
				b.Fatal(err)
			}
			handler.ServeHTTP(&recorder{header: http.Header{}}, r)
		}
	})
	b.Run("small", func(b *testing.B) {
		handler := newStore(b).Handler()
		b.ReportAllocs()
		for b.Loop() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPut, "http://h/bbb/key", strings.NewReader("claim"))
			if err != nil {
				b.Fatal(err)
			}
			handler.ServeHTTP(&recorder{header: http.Header{}}, r)
		}
	})
}
