package shortcut_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/internal/shortcut"
	"clickstream/internal/inmemory"
)

// seen is what a handler sees of a request.
type seen struct {
	Method, URI, Path, Proto, Host string
	Header                         http.Header
	Length                         int64
	Body                           []byte
}

func look(r *http.Request) (seen, error) {
	body, err := io.ReadAll(r.Body)
	return seen{r.Method, r.RequestURI, r.URL.String(), r.Proto, r.Host, r.Header, r.ContentLength, body}, err
}

// skipLineEnds passes over what may follow a request, as net/http's server does.
func skipLineEnds(reader *bufio.Reader, follows bool) {
	for range 4 {
		if b, err := reader.Peek(1); !follows || err != nil || b[0] != '\r' && b[0] != '\n' {
			return
		}
		_, _ = reader.Discard(1) // it is there
	}
}

// FuzzRequests compares each request that is taken with what net/http reads; what is not taken arrives at the rest as it was sent.
func FuzzRequests(f *testing.F) {
	for _, seed := range []string{
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
		"POST / HTTP/1.1\r\nHost: [::1]:80\r\nX-Amz-Target: Kinesis_20131202.PutRecord\r\nConnection: keep-alive\r\ncontent-length: 2\r\nx-y:1\r\nX-Y: \t2\r\n\r\n{}POST / HTTP/1.1\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nPOST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		var taken []seen
		var broken error
		rest := []byte(nil)
		given := make(chan struct{})
		l := inmemory.Listen()
		server := &shortcut.Server{
			MaxBody: maxBody, Takes: func(*http.Request) bool { return true },
			Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				one, err := look(r)
				if taken = append(taken, one); err != nil {
					broken = err
				}
			}),
			Rest: func(conn net.Conn) {
				defer close(given)
				rest, _ = io.ReadAll(conn) // until the client closes
				_ = conn.Close()
			},
		}
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		client, err := l.Dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			_, _ = io.Copy(io.Discard, client) // until the server closes
		}()
		_, err = client.Write(sent)
		_ = client.Close()
		<-answered
		server.Shutdown(t.Context())
		if served := <-served; served != nil {
			t.Fatal(served)
		}
		reader := bufio.NewReader(bytes.NewReader(sent))
		for i, got := range taken {
			skipLineEnds(reader, i > 0)
			request, err := http.ReadRequest(reader)
			if err != nil {
				t.Fatalf("net/http refuses what was taken: %v", err)
			}
			want, err := look(request)
			if i == len(taken)-1 && broken != nil {
				if err == nil {
					t.Fatalf("the body is broken off by %v, and is not for net/http", broken)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Fatalf("request %d (-net/http +taken), %v:\n%s", i, err, diff)
			}
		}
		select {
		case <-given:
			skipLineEnds(reader, len(taken) > 0)
			if left, _ := io.ReadAll(reader); err == nil && !bytes.Equal(left, rest) {
				t.Fatalf("given to the rest is %q, not %q", rest, left)
			}
		default:
		}
	})
}
