package jars_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/jars/internal/faulty"
)

// BenchmarkConnections fetches 72 jars of 2.4 MB together from a server that answers 20 ms after each request: by so few bytes it shows what a
// connection more saves in waiting.
func BenchmarkConnections(b *testing.B) {
	lock, files := made(72)
	server := httptest.NewServer(faulty.New(files, func(*http.Request, int) faulty.Fault { return faulty.Fault{Delay: 20 * time.Millisecond} }))
	defer server.Close()
	for _, connections := range []int{1, 2, 4, 8, 16, 32, 64} {
		b.Run(fmt.Sprint(connections), func(b *testing.B) {
			b.SetBytes(lock.Size())
			for b.Loop() {
				options := jars.Options{Lock: lock, Dir: b.TempDir(), Repository: server.URL, Connections: connections}
				if _, err := jars.Ensure(b.Context(), options); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerify is what each launch costs when all jars are there: as many bytes as the default lock has.
func BenchmarkVerify(b *testing.B) {
	lock, files := made(1000)
	server := httptest.NewServer(faulty.New(files, nil))
	defer server.Close()
	options := jars.Options{Lock: lock, Dir: b.TempDir(), Repository: server.URL}
	b.SetBytes(lock.Size())
	if _, err := jars.Ensure(b.Context(), options); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := jars.Ensure(b.Context(), options); err != nil {
			b.Fatal(err)
		}
	}
}
