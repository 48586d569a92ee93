package shortcut_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/internal/shortcut"
	"clickstream/internal/inmemory"
)

const maxBody = 1 << 20

// serve starts a server of which handler answers what has the header Take. All else is kept in rest.
func serve(t *testing.T, handler http.HandlerFunc, errorLog *log.Logger) (l *inmemory.Listener, rest chan net.Conn) {
	t.Helper()
	l, rest = inmemory.Listen(), make(chan net.Conn, 1)
	server := &shortcut.Server{
		Handler: handler, Takes: func(r *http.Request) bool { return r.Header.Get("Take") != "" }, MaxBody: maxBody, ErrorLog: errorLog,
		Rest: func(conn net.Conn) { rest <- conn },
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Shutdown(t.Context()) // which is over
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l, rest
}

// dial connects.
func dial(t *testing.T, l *inmemory.Listener) net.Conn {
	t.Helper()
	client, err := l.Dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// echo answers by what it was sent, as its headers and body say.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	answer := fmt.Sprintf("%s %s %s %s %v %d %s", r.Method, r.URL, r.RequestURI, r.Host, r.Header["X-Twice"], r.ContentLength, body)
	w.Header().Set("Content-Type", "text/plain")
	if r.Header.Get("Take") == "whole" {
		w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
	}
	if r.Header.Get("Take") == "refused" {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = io.WriteString(w, answer)
}

// answer reads one: its status and body, and its headers.
func answer(t *testing.T, from *bufio.Reader) (string, http.Header) {
	t.Helper()
	response, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", response.StatusCode, body), response.Header
}

// TestAnswers sends requests in one piece, byte by byte, and all at once, on one connection.
func TestAnswers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	tests := []struct{ request, want string }{
		{"POST / HTTP/1.1\r\nHost: there\r\nTake: whole\r\nContent-Length: 4\r\n\r\nbody", "200 POST / / there [] 4 body"},
		{"POST / HTTP/1.1\r\nhost: 127.0.0.1:80\r\ntake: pieces\r\ncontent-length: 0\r\n\r\n", "200 POST / / 127.0.0.1:80 [] 0 "},
		{"POST / HTTP/1.1\r\nHost: a\r\nTAKE:refused\r\nX-Twice: 1\r\nContent-Length:2\r\nX-Twice: \t2 \r\nConnection: Keep-Alive\r\n\r\n\r\n", "400 POST / / a [1 2] 2 \r\n"},
		{"\r\nPOST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 3\r\n\r\n\nb\n", "200 POST / / a [] 3 \nb\n"},
		{"\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 100000\r\n\r\n" + long, "200 POST / / a [] 100000 " + long},
		{"POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nLong: " + long[:20_000] + "\r\nContent-Length: 1\r\n\r\n1", "200 POST / / a [] 1 1"},
	}
	var requests []string
	for _, test := range tests {
		requests = append(requests, test.request)
	}
	for name, pieces := range map[string]func(string) io.Reader{
		"each":        func(text string) io.Reader { return strings.NewReader(text) },
		"by byte":     func(text string) io.Reader { return iotest.OneByteReader(strings.NewReader(text)) },
		"all at once": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := serve(t, echo, nil)
			conn := dial(t, l)
			var sending sync.WaitGroup
			defer sending.Wait()
			sending.Go(func() {
				if pieces == nil {
					_, _ = io.WriteString(conn, strings.Join(requests, ""))
					return
				}
				for _, request := range requests {
					_, _ = io.Copy(struct{ io.Writer }{conn}, pieces(request))
				}
			})
			answers := bufio.NewReader(conn)
			for _, test := range tests {
				got, header := answer(t, answers)
				if got != test.want {
					t.Errorf("got %.200q, want %.200q", got, test.want)
				}
				if date, err := http.ParseTime(header.Get("Date")); time.Since(date) > time.Hour || header.Get("Content-Type") != "text/plain" || err != nil {
					t.Errorf("headers %v, %v", header, err)
				}
			}
		})
	}
}

// TestRest has net/http see each unusual request whole, be it the first of its connection or not.
func TestRest(t *testing.T) {
	t.Parallel()
	const usual = "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 4\r\n\r\nbody"
	for name, request := range map[string]string{
		"not wanted":      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
		"method":          "GET / HTTP/1.1\r\nHost: a\r\nTake: whole\r\n\r\n",
		"path":            "POST /a HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"query":           "POST /?a HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.0":        "POST / HTTP/1.0\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"HTTP/2":          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"no host":         "POST / HTTP/1.1\r\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"two hosts":       "POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"odd host":        "POST / HTTP/1.1\r\nHost: a/b\r\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"no length":       "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\n\r\n",
		"two lengths":     "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
		"signed length":   "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: +1\r\n\r\n1",
		"large body":      fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: %d\r\n\r\n", maxBody+1),
		"chunks":          "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks too":      "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"expectation":     "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
		"end":             "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"folded":          "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\n more\r\nContent-Length: 0\r\n\r\n",
		"no colon":        "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nmore\r\nContent-Length: 0\r\n\r\n",
		"blank in a name": "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nmore : 1\r\nContent-Length: 0\r\n\r\n",
		"control":         "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nMore: \x01\r\nContent-Length: 0\r\n\r\n",
		"no host at all":  "POST / HTTP/1.1\r\nHost:\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"one line feed":   "POST / HTTP/1.1\r\nHost: a\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"at the end":      "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\n\n",
		"many line ends":  "\r\n\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nContent-Length: 0\r\n\r\n",
		"bare line feed":  "POST / HTTP/1.1\nHost: a\nTake: whole\nContent-Length: 0\n\n",
		"long head":       "POST / HTTP/1.1\r\nHost: a\r\nTake: whole\r\nLong: " + strings.Repeat("x", 40_000) + "\r\nContent-Length: 0\r\n\r\n",
		"not HTTP":        "hello there, this is a line that is none of ours\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, rest := serve(t, echo, nil)
			for _, before := range []string{"", usual} {
				conn := dial(t, l)
				if before != "" {
					if _, err := io.WriteString(conn, before); err != nil {
						t.Fatal(err)
					}
					_, _ = answer(t, bufio.NewReader(conn))
				}
				var sending sync.WaitGroup
				sending.Go(func() {
					_, _ = io.WriteString(conn, request+"and more")
					_ = conn.Close()
				})
				given := <-rest
				got, err := io.ReadAll(given)
				_ = given.Close()
				want := request + "and more"
				if before != "" { // four line ends may follow a body
					want = strings.TrimPrefix(want, "\r\n\r\n")
				}
				if string(got) != want || err != nil {
					t.Errorf("after %q: given is %.200q, %v", before, got, err)
				}
				sending.Wait()
			}
		})
	}
}

// TestBodyIsLeft has a handler that does not read what is sent, whose next request is answered all the same.
func TestBodyIsLeft(t *testing.T) {
	t.Parallel()
	l, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }, nil)
	conn := dial(t, l)
	answers := bufio.NewReader(conn)
	for range 3 {
		var sending sync.WaitGroup
		sending.Go(func() {
			_, _ = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nTake: it\r\nContent-Length: %d\r\n\r\n%s", 50_000, bytes.Repeat([]byte("x"), 50_000))
		})
		if got, _ := answer(t, answers); got != "403 no\n" {
			t.Errorf("got %q", got)
		}
		sending.Wait()
	}
}

// TestStatuses has answers without a body leave none on the connection.
func TestStatuses(t *testing.T) {
	t.Parallel()
	l, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "4")
		status, _ := strconv.Atoi(r.Header.Get("Take")) // which the test writes
		w.WriteHeader(http.StatusContinue)
		w.WriteHeader(status)
		w.WriteHeader(http.StatusOK) // comes too late
		_, _ = io.WriteString(w, "body")
	}, nil)
	conn := dial(t, l)
	answers := bufio.NewReader(conn)
	for status, want := range map[int]string{204: "204 ", 304: "304 ", 200: "200 body", 599: "599 body"} {
		if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nTake: %d\r\nContent-Length: 0\r\n\r\n", status); err != nil {
			t.Fatal(err)
		}
		if got, header := answer(t, answers); got != want || header.Get("Connection") != "" {
			t.Errorf("got %q with %v, want %q", got, header, want)
		}
	}
}

// full is a listener that has no room for a while.
type full struct {
	*inmemory.Listener
	errors []error
}

func (l *full) Accept() (net.Conn, error) {
	if len(l.errors) == 0 {
		return l.Listener.Accept()
	}
	err := l.errors[0]
	l.errors = l.errors[1:]
	return nil, err
}

// TestAccept goes on when there is no room, says so, and ends when the listener is broken.
func TestAccept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		broken := errors.New("broken")
		l := &full{inmemory.Listen(), []error{syscall.EMFILE, &net.OpError{Op: "accept", Err: syscall.EMFILE}, broken}}
		server := &shortcut.Server{ErrorLog: log.New(&logged, "", 0)}
		begin := time.Now()
		if err := server.Serve(l); !errors.Is(err, broken) || time.Since(begin) != 15*time.Millisecond {
			t.Errorf("ended by %v after %v", err, time.Since(begin))
		}
		if want := "emulator: accept a connection, again in 5ms: too many open files\nemulator: accept a connection, again in 10ms: accept: too many open files\n"; logged.String() != want {
			t.Errorf("logged %s", logged.String())
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the listener goes on: %v", err)
		}
	})
}

// TestBrokenOff has connections end without an answer: by the handler, by its failure, by its false length, and by a client that leaves.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		logged  string
	}{
		"on purpose": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
		"panic":      {func(http.ResponseWriter, *http.Request) { panic("what is this") }, "what is this"},
		"no status":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(42) }, "HTTP has no status 42"},
		"false length": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "8")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			l, _ := serve(t, test.handler, log.New(&logged, "", 0))
			conn := dial(t, l)
			if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nTake: it\r\nContent-Length: 0\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(conn); len(got) > 0 || err != nil {
				t.Errorf("answered %q, %v", got, err)
			}
			if got := logged.String(); !strings.Contains(got, test.logged) || (test.logged == "") != (got == "") {
				t.Errorf("logged %q", got)
			}
		})
	}
	t.Run("client", func(t *testing.T) {
		t.Parallel()
		failed := make(chan error, 1)
		l, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			failed <- err
		}, nil)
		conn := dial(t, l)
		if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nTake: it\r\nContent-Length: 5\r\n\r\nbod"); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		if err := <-failed; !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the body ends by %v", err)
		}
	})
}

// TestShutdown ends a connection that is idle at once, one that is at work after its answer, and one that takes too long when its time is over.
func TestShutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := inmemory.Listen()
		server := &shortcut.Server{
			Takes: func(*http.Request) bool { return true }, MaxBody: maxBody,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Host == "slow" {
					time.Sleep(time.Second)
				} else {
					<-r.Context().Done()
				}
				_, _ = io.WriteString(w, "done")
			}),
		}
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		answers := make(chan string, 3)
		for _, host := range []string{"", "slow", "stuck"} {
			conn := dial(t, l)
			go func() {
				if host != "" {
					_, _ = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", host)
				}
				got, _ := io.ReadAll(conn)
				head, body, _ := strings.Cut(string(got), "\r\n\r\n")
				answers <- fmt.Sprintf("%s %t %q", host, strings.Contains(head, "Connection: close"), body)
			}()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		begin := time.Now()
		server.Shutdown(ctx)
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("took %v", took)
		}
		got := []string{<-answers, <-answers, <-answers}
		if diff := cmp.Diff([]string{` false ""`, `slow true "done"`, `stuck false ""`}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := server.Serve(inmemory.Listen()); err != nil {
			t.Errorf("serves again: %v", err)
		}
	})
}

// TestClients has many clients of net/http at work at the same time.
func TestClients(t *testing.T) {
	t.Parallel()
	l, _ := serve(t, echo, nil)
	client := &http.Client{Transport: &http.Transport{DialContext: l.Dial}}
	defer client.CloseIdleConnections()
	var clients sync.WaitGroup
	defer clients.Wait()
	for i := range 8 {
		clients.Go(func() {
			for n := range 50 {
				text := strings.Repeat(fmt.Sprint(i), n*n)
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://a/", strings.NewReader(text))
				if err != nil {
					t.Error(err)
					return
				}
				request.Header.Set("Take", "whole")
				response, err := client.Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if want := fmt.Sprintf("POST / / a [] %d %s", len(text), text); string(got) != want || err != nil {
					t.Errorf("got %.100q, want %.100q, %v", got, want, err)
				}
			}
		})
	}
}
