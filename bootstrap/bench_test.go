package bootstrap_test

import (
	"io"
	"testing"

	"clickstream/bootstrap"
	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/java"
	"clickstream/properties"
)

// BenchmarkWarmStart is all that bootstrap does before java starts, with all jars there: it finds java, verifies the jars and writes the daemon's files.
// It needs Java, and the jars in the user's cache (clickstream bootstrap fetches them).
func BenchmarkWarmStart(b *testing.B) {
	if _, err := java.Find(""); err != nil {
		b.Skip(err)
	}
	lock, err := jars.Embedded("")
	if err != nil {
		b.Fatal(err)
	}
	options := jars.Options{Lock: lock, Offline: true}
	if _, err := jars.Ensure(b.Context(), options); err != nil {
		b.Skip(err)
	}
	settings, err := properties.Load("", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(lock.Size())
	for b.Loop() {
		if err := bootstrap.Run(b.Context(), bootstrap.Config{Settings: settings, Jars: options, Out: io.Discard, Err: io.Discard}); err != nil {
			b.Fatal(err)
		}
	}
}
