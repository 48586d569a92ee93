package consume

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clickstream/internal/exit"
	"clickstream/properties"
)

// socketAt serves the handler at a shard's socket in the folder.
func socketAt(t *testing.T, folder, shard string, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	place := (&properties.Config{MetricsAddress: folder}).MetricsListeners(shard)[0]
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), place.Network, place.Address)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func TestHealth(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	settings := &properties.Config{MetricsAddress: folder}
	want := func(wanted int, sentence string, code int) {
		t.Helper()
		answered, err := Health(t.Context(), settings)
		if answered != wanted || exit.Code(err) != code || err != nil && !strings.Contains(err.Error(), sentence) {
			t.Errorf("%d answer, %v, code %d, want %d, %q, %d", answered, err, exit.Code(err), wanted, sentence, code)
		}
	}
	want(0, "", exit.Done)
	page := func(http.ResponseWriter, *http.Request) {}
	socketAt(t, folder, "shardId-000000000000", page)
	gone := socketAt(t, folder, "shardId-000000000001", page)
	gone.Listener.(*net.UnixListener).SetUnlinkOnClose(false) // as a process that is killed leaves it
	want(2, "", exit.Done)
	gone.Close()
	want(1, "", exit.Done)
	socketAt(t, folder, "shardId-000000000002", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	want(1, "metrics-shardId-000000000002.sock does not answer as one does: status 404", exit.Failed)
	settings.MetricsAddress = ""
	want(0, "set it, for the daemon too", exit.Usage)
	settings.MetricsAddress = filepath.Join(folder, "none")
	want(0, "", exit.Done)
}

// TestHealthOfOneThatHangs: it listens, and says nothing.
func TestHealthOfOneThatHangs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	asked := make(chan struct{}, 1)
	hang := make(chan struct{})
	socketAt(t, folder, "shardId-000000000000", func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-hang
	})
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, context.DeadlineExceeded)
	defer cancel()
	go func() { // in place of waiting until the patience is over
		<-asked
		cancel()
	}()
	_, err := Health(ctx, &properties.Config{MetricsAddress: folder})
	close(hang)
	if exit.Code(err) != exit.Failed || !strings.Contains(err.Error(), "shardId-000000000000.sock does not answer") {
		t.Errorf("%v, code %d", err, exit.Code(err))
	}
}

// TestHealthByPort finds the processes that share an address, each at a port of its own.
func TestHealthByPort(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	answered, err := Health(t.Context(), &properties.Config{MetricsAddress: strings.TrimPrefix(server.URL, "http://")})
	if answered < 1 { // ports next to it may be of other tests
		t.Errorf("%d answer, %v", answered, err)
	}
}
