package signature_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"clickstream/emulator/internal/signature"
)

// The keys of the examples in AWS's documentation.
const (
	exampleKey    = "AKIAIOSFODNN7EXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

func verifier() *signature.Verifier {
	return &signature.Verifier{Secret: func(key string) (signature.Secret, bool) {
		return signature.Secret{Key: exampleSecret}, key == exampleKey
	}}
}

func exampleTime() time.Time { return time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC) }

// chunked is the documentation's example of an upload in signed chunks.
func chunked(signatures ...string) (*http.Request, []byte) {
	var body bytes.Buffer
	for i, size := range []int{65536, 1024, 0} {
		body.WriteString([]string{"10000", "400", "0"}[i] + ";chunk-signature=" + signatures[i] + "\r\n" + strings.Repeat("a", size) + "\r\n")
	}
	r := httptest.NewRequest(http.MethodPut, "https://s3.amazonaws.com/examplebucket/chunkObject.txt", bytes.NewReader(body.Bytes()))
	for name, value := range map[string]string{
		"X-Amz-Date": "20130524T000000Z", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY", "Content-Encoding": "aws-chunked",
		"X-Amz-Content-Sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "X-Amz-Decoded-Content-Length": "66560",
		"Authorization": "AWS4-HMAC-SHA256 Credential=" + exampleKey + "/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;" +
			"x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
	} {
		r.Header.Set(name, value)
	}
	return r, body.Bytes()
}

const (
	firstChunk  = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
	secondChunk = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"
	lastChunk   = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"
)

func TestChunks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		signatures []string
		good       bool
	}{
		{"as documented", []string{firstChunk, secondChunk, lastChunk}, true},
		{"first", []string{secondChunk, secondChunk, lastChunk}, false},
		{"second", []string{firstChunk, firstChunk, lastChunk}, false},
		{"last", []string{firstChunk, secondChunk, firstChunk}, false},
	} {
		for name, slow := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "by bytes": iotest.OneByteReader} {
			r, body := chunked(test.signatures...)
			hash := r.Header.Get("X-Amz-Content-Sha256")
			chunks, refusal := verifier().Verify(r, hash, exampleTime(), time.Minute)
			if refusal != nil {
				t.Fatal(refusal)
			}
			got, err := io.ReadAll(chunks.Reader(slow(r.Body), hash))
			if test.good && (err != nil || !bytes.Equal(got, body)) {
				t.Errorf("%s, %s: %d bytes of %d, %v", test.name, name, len(got), len(body), err)
			}
			if refused, ok := errors.AsType[*signature.RefusedError](err); !test.good && (!ok || refused.Reason != signature.Mismatch) {
				t.Errorf("%s, %s: %v", test.name, name, err)
			}
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*http.Request)
		late   time.Duration
		want   signature.Reason
	}{
		{"good", func(*http.Request) {}, 0, 0},
		{"five minutes late", func(*http.Request) {}, 5 * time.Minute, 0},
		{"more than five minutes late", func(*http.Request) {}, 301 * time.Second, signature.Skewed},
		{"more than five minutes early", func(*http.Request) {}, -301 * time.Second, signature.Skewed},
		{"another path", func(r *http.Request) { r.URL.Path = "/examplebucket/other" }, 0, signature.Mismatch},
		{"another query", func(r *http.Request) { r.URL.RawQuery = "a=b" }, 0, signature.Mismatch},
		{"another method", func(r *http.Request) { r.Method = http.MethodPost }, 0, signature.Mismatch},
		{"another header", func(r *http.Request) { r.Header.Set("X-Amz-Storage-Class", "STANDARD") }, 0, signature.Mismatch},
		{"blanks", func(r *http.Request) { r.Header.Set("X-Amz-Storage-Class", " REDUCED_REDUNDANCY  ") }, 0, 0},
		{"a header that is not signed", func(r *http.Request) { r.Header.Set("User-Agent", "another") }, 0, 0},
		{"no signature", func(r *http.Request) { r.Header.Del("Authorization") }, 0, signature.Missing},
		{"another algorithm", func(r *http.Request) { r.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=x") }, 0, signature.Incomplete},
		{"no signed headers", func(r *http.Request) { replace(r, "SignedHeaders", "Headers") }, 0, signature.Incomplete},
		{"a short credential", func(r *http.Request) { replace(r, "/20130524", "") }, 0, signature.Incomplete},
		{"another day", func(r *http.Request) { replace(r, "/20130524", "/20130525") }, 0, signature.Incomplete},
		{"another region", func(r *http.Request) { replace(r, "us-east-1", "us-east-2") }, 0, signature.Mismatch},
		{"no date", func(r *http.Request) { r.Header.Del("X-Amz-Date") }, 0, signature.Incomplete},
		{"one of AWS's headers not signed", func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }, 0, signature.Unsigned},
		{"the host not signed", func(r *http.Request) { replace(r, ";host", "") }, 0, signature.Unsigned},
		{"a credential before", func(r *http.Request) {
			replace(r, "Credential=", "Credential=x/20130524/us-east-1/s3/aws4_request,Credential=")
		}, 0, signature.Incomplete},
		{"a credential within", func(r *http.Request) {
			replace(r, "Credential=", "X=Credential=x/20130524/us-east-1/s3/aws4_request,Credential=")
		}, 0, signature.Incomplete},
		{"a credential among headers", func(r *http.Request) {
			replace(r, "SignedHeaders=", "SignedHeaders=Credential=x/20130524/us-east-1/s3/aws4_request;")
		}, 0, signature.Incomplete},
		{"a key of nobody", func(r *http.Request) { replace(r, exampleKey, "AKIANOBODY") }, 0, signature.UnknownKey},
	} {
		r, _ := chunked(firstChunk, secondChunk, lastChunk)
		test.change(r)
		_, refusal := verifier().Verify(r, r.Header.Get("X-Amz-Content-Sha256"), exampleTime().Add(test.late), 5*time.Minute)
		if refusal == nil && test.want != 0 || refusal != nil && refusal.Reason != test.want {
			t.Errorf("%s: %v", test.name, refusal)
		}
	}
}

// TestVerifyPresigned reads the documentation's example of a presigned address at several times, and changed.
func TestVerifyPresigned(t *testing.T) {
	t.Parallel()
	const good = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + exampleKey +
		"%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
		"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
	for _, test := range []struct {
		name, old, changed string
		late               time.Duration
		want               signature.Reason
	}{
		{"good", "", "", 0, 0},
		{"in its last second", "", "", 24 * time.Hour, 0},
		{"too late", "", "", 24*time.Hour + time.Second, signature.Expired},
		{"a little early", "", "", -15 * time.Minute, 0},
		{"too early", "", "", -16 * time.Minute, signature.Expired},
		{"two lives", "X-Amz-Expires=86400", "X-Amz-Expires=604800&X-Amz-Expires=86400", 0, signature.Mismatch},
		{"two lives, the other first", "X-Amz-Expires=86400", "X-Amz-Expires=86400&X-Amz-Expires=604800", 0, signature.Mismatch},
		{"a second parameter", "?", "?versionId=1&", 0, signature.Mismatch},
		{"more than a week", "86400", "604801", 0, signature.Incomplete},
		{"less than nothing", "86400", "-1", 0, signature.Incomplete},
		{"no number of seconds", "86400", "1h24", 0, signature.Incomplete},
		{"no host", "=host&", "=range&", 0, signature.Unsigned},
	} {
		r := httptest.NewRequest(http.MethodGet, strings.Replace(good, test.old, test.changed, 1), nil)
		_, refusal := verifier().Verify(r, "UNSIGNED-PAYLOAD", exampleTime().Add(test.late), 15*time.Minute)
		if refusal == nil && test.want != 0 || refusal != nil && refusal.Reason != test.want {
			t.Errorf("%s: %v", test.name, refusal)
		}
	}
}

// TestTrailer reads the documentation's example of an upload whose checksum follows the chunks, and wants its signature.
func TestTrailer(t *testing.T) {
	t.Parallel()
	const (
		checksum = "x-amz-checksum-crc32c:sOO8/Q==\r\n"
		signed   = "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n"
	)
	for _, test := range []struct {
		name, trailer string
		good          bool
	}{
		{"signed", checksum + signed + "\r\n", true},
		{"an empty line before the signature", checksum + "\r\n" + signed + "\r\n", true},
		{"without a signature", checksum + "\r\n", false},
		{"cut off", checksum, false},
		{"another checksum", "x-amz-checksum-crc32c:AAAAAA==\r\n" + signed + "\r\n", false},
		{"nothing", "\r\n", false},
	} {
		r, body := chunked(
			"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
			"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
			"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992")
		hash := "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
		r.Header.Set("X-Amz-Content-Sha256", hash)
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32c")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+exampleKey+"/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;host;"+
			"x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,"+
			"Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")
		chunks, refusal := verifier().Verify(r, hash, exampleTime(), time.Minute)
		if refusal != nil {
			t.Fatal(refusal)
		}
		sent := bytes.TrimSuffix(body, []byte("\r\n")) // no data follows the size 0
		got, err := io.ReadAll(chunks.Reader(strings.NewReader(string(sent)+test.trailer), hash))
		if test.good && (err != nil || !bytes.HasSuffix(got, []byte(checksum+signed+"\r\n"))) {
			t.Errorf("%s: %d bytes, %v", test.name, len(got), err)
		}
		if refused, ok := errors.AsType[*signature.RefusedError](err); !test.good && (!ok || refused.Reason != signature.Mismatch) {
			t.Errorf("%s: %v", test.name, err)
		}
		if !test.good && bytes.HasSuffix(got, []byte("\r\n\r\n")) {
			t.Errorf("%s: an end was passed on: %q", test.name, got[len(got)-100:])
		}
	}
}

func replace(r *http.Request, old, changed string) {
	r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), old, changed))
}

// FuzzVerify verifies whatever stands in a request, of which nothing can be good.
func FuzzVerify(f *testing.F) {
	r, body := chunked(firstChunk, secondChunk, lastChunk)
	f.Add("/a?b=c", r.Header.Get("Authorization"), body[:100])
	f.Add("/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="+exampleKey+"/20130524/us-east-1/s3/aws4_request&X-Amz-Date=20130524T000000Z"+
		"&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", "", []byte("5;chunk-signature=0\r\n"))
	f.Fuzz(func(t *testing.T, target, authorization string, body []byte) {
		r, err := http.NewRequest(http.MethodGet, "http://localhost"+target, bytes.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Date", "20130524T000000Z")
		if _, refusal := verifier().Verify(r, "", exampleTime(), time.Hour); refusal == nil {
			t.Error("a made-up signature is good")
		}
		var chunks signature.Chunks
		_, _ = io.ReadAll(chunks.Reader(r.Body, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")) // must come to an end
	})
}
