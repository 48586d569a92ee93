package ahead_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars/ahead"
	"clickstream/bootstrap/jars/blake3"
)

// fill puts two jars into a folder, and things that are none.
func fill(t *testing.T, dir string) {
	t.Helper()
	large := filepath.Join(dir, "large.jar")
	err := errors.Join(os.MkdirAll(filepath.Join(dir, "folder.jar"), 0o700), os.WriteFile(large, nil, 0o600), os.Truncate(large, 9<<20))
	for _, name := range []string{"a.jar", "b.jar", "note.txt"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// begun returns what is begun for the program's arguments when nobody takes it early.
func begun(goroutines int, args ...string) map[string]*ahead.Digest {
	work := ahead.Start(append([]string{"clickstream"}, args...), ahead.Any(goroutines))
	work.Finish()
	digests, _ := work.Take()
	return digests
}

func TestDigests(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill(t, dir)
	got, want := map[string]string{}, map[string]string{}
	for path, digest := range begun(3, "bootstrap", "-c", dir) {
		size, hex, err := digest.Wait()
		if size != int64(len("a.jar")) || err != nil {
			t.Errorf("%s has %d bytes, %v", path, size, err)
		}
		got[path] = hex
	}
	for _, name := range []string{"a.jar", "b.jar"} {
		digest := blake3.New()
		_, _ = digest.Write([]byte(name))
		want[filepath.Join(dir, name)] = digest.Hex()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("digests (-want +got):\n%s", diff)
	}
}

func TestTakenOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill(t, dir)
	work := ahead.Start([]string{"clickstream", "bootstrap", "-c", dir}, ahead.Any(1))
	digests, _ := work.Take()
	for _, digest := range digests { // at whatever moment: what is given is digested
		if _, _, err := digest.Wait(); err != nil {
			t.Error(err)
		}
	}
	work.Finish()
	if again, _ := work.Take(); len(again) > 0 {
		t.Errorf("%d digests are given again, or were begun later", len(again))
	}
}

// TestArguments has the folder looked into that bootstrap will look into, and none for other commands.
func TestArguments(t *testing.T) {
	home, other := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	t.Setenv("HOME", home)
	t.Setenv("LocalAppData", home)
	standard, err := ahead.Cache()
	if err != nil {
		t.Fatal(err)
	}
	fill(t, standard)
	fill(t, other)
	for _, test := range []struct {
		dir  string
		args []string
	}{
		{standard, []string{"bootstrap"}},
		{standard, []string{"bootstrap", "-p", "sample.properties", "-e"}},
		{standard, []string{"bootstrap", "-p", "c"}},
		{other, []string{"bootstrap", "-c", other}},
		{other, []string{"bootstrap", "-e", "-c=" + other}},
		{other, []string{"bootstrap", "--jar-path", other, "-e"}},
		{other, []string{"bootstrap", "-jar-path=" + other}},
		{"", []string{"bootstrap", "-c", "relative"}},
		{"", []string{"bootstrap", "-c"}},
		{"", []string{"bootstrap", "-c", other + "/none"}},
		{"", []string{"bootstrap", "doctor"}},
		{"", []string{"bootstrap", "--stop", "-c", other}},
		{"", []string{"daemon", "-c", other}},
		{"", nil},
	} {
		var want []string
		if test.dir != "" {
			want = []string{filepath.Join(test.dir, "a.jar"), filepath.Join(test.dir, "b.jar")}
		}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(begun(1, test.args...)))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
	if got := begun(0, "bootstrap"); len(got) > 0 {
		t.Errorf("on one core %d are begun", len(got))
	}
}
