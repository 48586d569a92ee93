//go:build unix

package jars_test

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"testing/synctest"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/jars/internal/faulty"
)

// TestWhatIsNoJarIsNotRead has something in jars' places that would take for ever to read: a pipe, and a file of a terabyte.
func TestWhatIsNoJarIsNotRead(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*jars.Jar){"both": func(*jars.Jar) {}, "SHA-256": func(j *jars.Jar) { j.BLAKE3 = "" }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				lock, files := made(4)
				for i := range lock.Jars {
					change(&lock.Jars[i])
				}
				options := served(t, lock, faulty.New(files, nil))
				set, err := jars.Ensure(t.Context(), options)
				if err != nil {
					t.Fatal(err)
				}
				paths := set.ClassPath()
				if err := errors.Join(os.Remove(paths[0]), syscall.Mkfifo(paths[0], 0o600), os.Truncate(paths[1], 1<<40)); err != nil {
					t.Fatal(err)
				}
				if missing, _, err := jars.Missing(t.Context(), options); missing != 2 || err != nil {
					t.Errorf("%d are missing, want 2 (%v)", missing, err)
				}
				if set, err = jars.Ensure(t.Context(), options); err != nil {
					t.Fatal(err)
				}
				complete(t, set, files)
			})
		})
	}
}
