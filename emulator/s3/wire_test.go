package s3_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/emulator/s3"
	"clickstream/internal/inmemory"
)

// headers makes the header of a request from names and values in turn.
func headers(pairs ...string) map[string]string {
	h := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = pairs[i+1]
	}
	return h
}

func TestRefusals(t *testing.T) {
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, test := range []struct {
		what   string
		rq     request
		status int
		code   string
	}{
		{"no such bucket", request{method: "GET", target: "/none"}, 404, "NoSuchBucket"},
		{"no such key", request{method: "GET", target: "/bbb/none"}, 404, "NoSuchKey"},
		{"a version", request{method: "GET", target: "/bbb/key?versionId=abc"}, 400, "InvalidArgument"},
		{"a part that is not there", request{method: "GET", target: "/bbb/key?partNumber=2"}, 416, "InvalidPartNumber"},
		{"long key", request{method: "PUT", target: "/bbb/" + strings.Repeat("k", 1025)}, 400, "KeyTooLongError"},
		{"key of no UTF-8", request{method: "PUT", target: "/bbb/%ff"}, 400, "InvalidURI"},
		{"broken query", request{method: "GET", target: "/bbb?prefix=%zz"}, 400, "InvalidURI"},
		{"MD5 of something else", request{method: "PUT", target: "/bbb/new", body: "x", header: headers("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")}, 400, "BadDigest"},
		{"no MD5", request{method: "PUT", target: "/bbb/new", body: "x", header: headers("Content-MD5", "x")}, 400, "InvalidDigest"},
		{"SHA-256 of something else", request{method: "PUT", target: "/bbb/new", body: "x", header: headers("X-Amz-Content-Sha256", empty)}, 400, "XAmzContentSHA256Mismatch"},
		{"no SHA-256", request{method: "PUT", target: "/bbb/new", header: headers("X-Amz-Content-Sha256", "x")}, 400, "InvalidArgument"},
		{"checksum of something else", request{method: "PUT", target: "/bbb/new", body: "x", header: headers("X-Amz-Checksum-Crc32", "AAAAAA==")}, 400, "BadDigest"},
		{"no checksum", request{method: "PUT", target: "/bbb/new", header: headers("X-Amz-Checksum-Crc32", "AAAA")}, 400, "InvalidRequest"},
		{"unknown checksum", request{method: "PUT", target: "/bbb/new", header: headers("X-Amz-Checksum-Crc16", "AAAA")}, 400, "InvalidRequest"},
		{"two checksums", request{method: "PUT", target: "/bbb/new", header: headers("X-Amz-Checksum-Crc32", "AAAAAA==", "X-Amz-Checksum-Crc32c", "AAAAAA==")}, 400, "InvalidRequest"},
		{"announced checksum missing", request{method: "PUT", target: "/bbb/new", header: headers("X-Amz-Sdk-Checksum-Algorithm", "CRC32")}, 400, "InvalidRequest"},
		{"customer keys", request{method: "PUT", target: "/bbb/new", header: headers("X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256")}, 501, "NotImplemented"},
		{"object lock", request{method: "PUT", target: "/locked", header: headers("X-Amz-Bucket-Object-Lock-Enabled", "true")}, 501, "NotImplemented"},
		{"storage class", request{method: "PUT", target: "/bbb/new", header: headers("X-Amz-Storage-Class", "SHOEBOX")}, 400, "InvalidStorageClass"},
		{"missing operation", request{method: "GET", target: "/bbb?acl"}, 501, "NotImplemented"},
		{"sub-resource with another method", request{method: "DELETE", target: "/bbb?versioning"}, 405, "MethodNotAllowed"},
		{"sub-resource without this method", request{method: "PUT", target: "/bbb/key?uploads"}, 405, "MethodNotAllowed"},
		{"post to the service", request{method: "POST", target: "/"}, 405, "MethodNotAllowed"},
		{"broken XML", request{method: "POST", target: "/bbb?delete", body: "<Delete>"}, 400, "MalformedXML"},
		{"deep XML", request{method: "POST", target: "/bbb?delete", body: strings.Repeat("<Delete>", 100)}, 400, "MalformedXML"},
		{"no upload", request{method: "POST", target: "/bbb/key?uploadId=x", body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>"}, 404, "NoSuchUpload"},
		{"no part number", request{method: "PUT", target: "/bbb/key?uploadId=x"}, 400, "InvalidArgument"},
		{"encoding", request{method: "GET", target: "/bbb?list-type=2&encoding-type=rot13"}, 400, "InvalidArgument"},
		{"list type", request{method: "GET", target: "/bbb?list-type=3"}, 400, "InvalidArgument"},
	} {
		t.Run(test.what, func(t *testing.T) {
			store := newStore(t)
			if a := do(store, request{method: "PUT", target: "/bbb/key", body: "x"}); a.status != 200 {
				t.Fatal(a.body)
			}
			a := do(store, test.rq)
			doc := a.error(t)
			path, _, _ := strings.Cut(test.rq.target, "?")
			if a.status != test.status || doc.Code != test.code || doc.Message == "" || doc.RequestID == "" || doc.RequestID != a.header.Get("X-Amz-Request-Id") {
				t.Errorf("%d %s, want %d %s", a.status, a.body, test.status, test.code)
			}
			if path != "/bbb/%ff" && doc.Resource != path {
				t.Errorf("resource %q, want %q", doc.Resource, path)
			}
			if _, there := store.Object("bbb", "new"); there {
				t.Error("what was refused was stored")
			}
			if test.rq.method == "GET" {
				test.rq.method = "HEAD"
				if a := do(store, test.rq); a.body != "" || a.status != test.status && !strings.HasPrefix(test.rq.target, "/bbb?") {
					t.Errorf("HEAD: %d with a body of %q, want %d", a.status, a.body, test.status)
				}
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	store := newStore(t)
	for size, code := range map[int64]string{5<<30 + 1: "EntityTooLarge", -1: "MissingContentLength"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://h/bbb/key", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = size
		w := &recorder{header: http.Header{}}
		store.Handler().ServeHTTP(w, r)
		if !strings.Contains(w.body.String(), "<Code>"+code+"<") {
			t.Errorf("length %d: %s, want %s", size, w.body.String(), code)
		}
	}
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	body   strings.Builder
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(int)             {}
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func TestVirtualHosts(t *testing.T) {
	for host, want := range map[string]string{
		"bbb.localhost":                            "key",
		"bbb.localhost:4567":                       "key",
		"bbb.s3.localhost:4567":                    "key",
		"bbb.s3.us-east-1.localhost":               "key",
		"BBB.s3.amazonaws.com":                     "key",
		"bbb.s3.eu-west-1.amazonaws.com":           "key",
		"bbb.s3-eu-west-1.amazonaws.com":           "key",
		"s3.localhost:4567":                        "",
		"localhost:4567":                           "",
		"s3.us-east-1.amazonaws.com":               "",
		"127.0.0.1:4567":                           "",
		"[::1]:4567":                               "",
		"bbb.example.com":                          "",
		"s3-eu-west-1.amazonaws.com":               "",
		"bbb.s3.dualstack.us-east-1.amazonaws.com": "key",
	} {
		store := newStore(t)
		target := "/key"
		if want == "" {
			target = "/bbb/key"
		}
		if a := do(store, request{method: "PUT", target: target, host: host, body: host}); a.status != 200 {
			t.Errorf("%s: %d %s", host, a.status, a.body)
		}
		if got, _ := store.Object("bbb", "key"); string(got) != host {
			t.Errorf("%s: the object is %q; keys %q", host, got, store.Keys("bbb"))
		}
	}
	store := newStore(t)
	if a := do(store, request{method: "PUT", target: "//lead", host: "bbb.localhost"}); a.status != 200 {
		t.Error(a.body)
	}
	if _, ok := store.Object("bbb", "/lead"); !ok {
		t.Errorf("keys %q, want /lead", store.Keys("bbb"))
	}
}

// TestRawPaths sends targets over a connection, as no client library would.
func TestRawPaths(t *testing.T) {
	f := start(t)
	f.bucket(t, "raw")
	for target, key := range map[string]string{
		"/raw/a/../b":   "a/../b",
		"/raw//x//":     "/x//",
		"/raw/a%2fb":    "a/b",
		"/raw/a%252Fb":  "a%2Fb",
		"/raw/a+b":      "a+b",
		"/raw/..":       "..",
		"/raw/%2e%2e":   "..",
		"/raw/a;b=c":    "a;b=c",
		"/raw/a%00b":    "a\x00b",
		"/raw/x?x-id=y": "x",
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", f.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", target, len(target), target)
		if err != nil {
			t.Fatal(err)
		}
		var buf [64]byte
		n, _ := conn.Read(buf[:])
		_ = conn.Close()
		if got, ok := f.Object("raw", key); !ok || string(got) != target {
			t.Errorf("PUT %s: %q; %q holds %q", target, buf[:n], key, got)
		}
	}
}

func TestMetadataStaysInLowerCase(t *testing.T) {
	f := start(t)
	f.bucket(t, "case")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", f.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if a := do(f.Store, request{method: "PUT", target: "/case/k", header: headers("X-Amz-Meta-First-Name", "v")}); a.status != 200 {
		t.Fatal(a.body)
	}
	if _, err := fmt.Fprint(conn, "GET /case/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	var buf [4096]byte
	n, _ := conn.Read(buf[:])
	if !strings.Contains(string(buf[:n]), "\r\nx-amz-meta-first-name: v\r\n") {
		t.Errorf("%s", buf[:n])
	}
}

// TestVirtualTime runs server and SDK client on synctest's clock.
func TestVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := inmemory.Listen()
		server := &http.Server{Handler: s3.New(nil).Handler(), ReadHeaderTimeout: time.Hour}
		go func() { _ = server.Serve(listener) }()
		transport := &http.Transport{DialContext: listener.Dial}
		c := sdk.New(sdk.Options{
			Region: "us-east-1", BaseEndpoint: aws.String("http://s3.localhost"), HTTPClient: &http.Client{Transport: transport},
			Credentials: credentials.NewStaticCredentialsProvider("test", "secret", ""),
		})
		bucket, key := aws.String("time"), aws.String("key") // virtual-host style
		if _, err := c.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: bucket}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(48 * time.Hour)
		put(t, c, "time", "key", "body")
		head, err := c.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: bucket, Key: key})
		if err != nil || !head.LastModified.Equal(time.Now()) {
			t.Errorf("stored at %v: %+v, %v", time.Now(), head, err)
		}
		presigned, err := sdk.NewPresignClient(c).PresignGetObject(t.Context(), &sdk.GetObjectInput{Bucket: bucket, Key: key}, sdk.WithPresignExpires(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{200, 403} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, presigned.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%s, want %d", response.Status, want)
			}
			time.Sleep(time.Minute + time.Second)
		}
		transport.CloseIdleConnections()
		_ = server.Close()
	})
}

func TestOperationAndFail(t *testing.T) {
	store := newStore(t)
	failing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if store.Operation(r) == "PutObject" {
			store.Fail(w, r, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
			return
		}
		store.Handler().ServeHTTP(w, r)
	})
	for method, want := range map[string]string{"PUT": "<Code>SlowDown<", "GET": "<Code>NoSuchKey<"} {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://h/bbb/key", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		w := &recorder{header: http.Header{}}
		failing.ServeHTTP(w, r)
		if !strings.Contains(w.body.String(), want) {
			t.Errorf("%s: %s, want %s", method, w.body.String(), want)
		}
	}
}

// TestOperationFiles holds the operations to their form: a file each, whose
// comment names the reference and says what is kept and left out.
func TestOperationFiles(t *testing.T) {
	table, err := os.ReadFile("operations.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`name: "(\w+)".*run: (\w+)`).FindAllStringSubmatch(string(table), -1)
	if len(rows) < 40 {
		t.Fatalf("%d operations in operations.go", len(rows))
	}
	words := regexp.MustCompile(`([a-z0-9])([A-Z])`)
	for _, row := range rows {
		name := row[1]
		file := strings.ToLower(words.ReplaceAllString(name, "${1}_${2}")) + ".go"
		text, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range []string{
			"// " + row[2] + " is " + name + ".", "// https://docs.aws.amazon.com/AmazonS3/latest/API/API_" + name + ".html",
			"\n// Kept: ", "\n// Left out: ", "\nfunc " + row[2] + "(",
		} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: no %q", file, want)
			}
		}
	}
}
