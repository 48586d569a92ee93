package fetch

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestHTTP2 speaks HTTP/2 with a server that offers it.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Proto)) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client := NewClient(Config{Connections: 1})
	defer client.Close()
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
	got, err := repository.Read(t.Context(), "x", 100)
	if err != nil || string(got) != "HTTP/2.0" {
		t.Errorf("the server was asked by %q, %v", got, err)
	}
}
