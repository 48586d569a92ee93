package consume

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clickstream/properties"
)

// Limits of the metrics' server: a scraper that is slow or gone must not hold anything for long.
const (
	scrapeTime = 5 * time.Second
	maxHeader  = 16 << 10
)

// scrape serves a shard's metrics over HTTP until it is closed.
type scrape struct {
	server *http.Server
	done   chan struct{}
	socket string // the file of a unix socket
	file   os.FileInfo
	where  string // for the log
}

// serveMetrics begins to serve m at the first place that is free.
func serveMetrics(ctx context.Context, m *metrics, places []properties.MetricsListener) (*scrape, error) {
	var listener net.Listener
	var problems []error
	for _, place := range places {
		l, err := listen(ctx, place)
		if err == nil {
			listener = l
			break
		}
		problems = append(problems, err)
	}
	if listener == nil {
		return nil, fmt.Errorf("no metrics: nothing is free to serve them at, the first was %w", problems[0])
	}
	s := &scrape{done: make(chan struct{}), where: listener.Addr().String()}
	if unix, ok := listener.(*net.UnixListener); ok {
		unix.SetUnlinkOnClose(false) // by then the file may be the shard's next process's
		s.socket = s.where
		s.file, _ = os.Lstat(s.socket)
	}
	handler := http.NewServeMux()
	handler.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(m.text(time.Now())) // the scraper is gone, if not
	})
	s.server = &http.Server{
		Handler: handler, ReadTimeout: scrapeTime, WriteTimeout: scrapeTime, IdleTimeout: scrapeTime, MaxHeaderBytes: maxHeader,
		DisableGeneralOptionsHandler: true,
	}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener) // until close
	}()
	return s, nil
}

// listen opens a place. A socket that a process before us has left behind is taken over, one that somebody serves too: that can only be
// a process which has lost the shard.
func listen(ctx context.Context, place properties.MetricsListener) (net.Listener, error) {
	if place.Network == "unix" {
		if err := os.MkdirAll(filepath.Dir(place.Address), 0o755); err != nil {
			return nil, err
		}
		if info, err := os.Lstat(place.Address); err == nil && info.Mode()&os.ModeSocket != 0 {
			_ = os.Remove(place.Address) // what that leaves in the way is what listening complains of
		}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, place.Network, place.Address)
	if err != nil && place.Network == "unix" && len(place.Address) > 100 && strings.Contains(err.Error(), "invalid argument") {
		return nil, fmt.Errorf("%w: the path of a socket must be shorter", err)
	}
	return listener, err
}

// close ends the serving; a page on its way is cut. It may be called on nil.
func (s *scrape) close() {
	if s == nil {
		return
	}
	_ = s.server.Close()
	<-s.done
	if now, err := os.Lstat(s.socket); s.file != nil && err == nil && os.SameFile(s.file, now) {
		_ = os.Remove(s.socket)
	}
}
