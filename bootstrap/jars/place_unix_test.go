//go:build unix

package jars_test

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"clickstream/bootstrap/jars"
)

// TestWhatIsNoJarIsNotRead has something in jars' places that would take for ever to read: a pipe, and a file of a terabyte.
func TestWhatIsNoJarIsNotRead(t *testing.T) {
	t.Parallel()
	byEachDigest(t, 4, func(t *testing.T, _ *jars.Lock, files map[string][]byte, options jars.Options, set *jars.Set) {
		t.Helper()
		paths := set.ClassPath()
		if err := errors.Join(os.Remove(paths[0]), syscall.Mkfifo(paths[0], 0o600), os.Truncate(paths[1], 1<<40)); err != nil {
			t.Fatal(err)
		}
		if missing, _, err := jars.Missing(t.Context(), options); missing != 2 || err != nil {
			t.Errorf("%d are missing, want 2 (%v)", missing, err)
		}
		set, err := jars.Ensure(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		complete(t, set, files)
	})
}
