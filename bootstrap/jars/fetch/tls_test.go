package fetch

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// overTLS returns the repository of a server that offers HTTP/2.
func overTLS(t *testing.T, handler http.HandlerFunc) *Repository {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	client := NewClient(Config{Connections: 1})
	t.Cleanup(func() { client.Close(); server.Close() })
	theirs, ok := server.Client().Transport.(*http.Transport)
	ours, alsoOK := client.http.Transport.(*http.Transport)
	if !ok || !alsoOK {
		t.Fatal("these are no transports of net/http")
	}
	ours.TLSClientConfig = theirs.TLSClientConfig.Clone()
	ours.TLSClientConfig.NextProtos = nil
	repository, err := Remote(client, "the test", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	return repository
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	repository := overTLS(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Proto)) })
	got, err := repository.Read(t.Context(), "x", 100)
	if err != nil || string(got) != "HTTP/2.0" {
		t.Errorf("the server was asked by %q, %v", got, err)
	}
}

func TestNoRedirectOutOfTLS(t *testing.T) {
	t.Parallel()
	repository := overTLS(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://plain.test/x?signature=topsecret", http.StatusFound)
	})
	_, err := repository.Read(t.Context(), "x", 100)
	if err == nil || !strings.Contains(err.Error(), "redirected from https to http") || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("error %v", err)
	}
}

func TestUnknownCertificateIsAskedNoMore(t *testing.T) {
	t.Parallel()
	requests := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	client := NewClient(Config{Connections: 1})
	defer client.Close()
	repository, err := Remote(client, "the test", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := repository.Read(t.Context(), "x", 100); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("error %v", err)
		}
	}
	if repository.down == nil || requests != 0 {
		t.Errorf("after %d requests it is still asked", requests)
	}
}
