package jars_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars"
)

const sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestEmbedded(t *testing.T) {
	t.Parallel()
	for _, version := range jars.Versions() {
		lock, err := jars.Embedded(version)
		if err != nil {
			t.Fatal(err)
		}
		if first := lock.Jars[0].Coordinates(); lock.KCL != version || first != "software.amazon.kinesis:amazon-kinesis-client-multilang:"+version {
			t.Errorf("the lock of %s is of %s and begins with %s", version, lock.KCL, first)
		}
		var written bytes.Buffer
		if _, err := lock.WriteTo(&written); err != nil {
			t.Fatal(err)
		}
		if file, err := os.ReadFile(filepath.Join("locks", version+".lock")); err != nil || !bytes.Equal(file, written.Bytes()) {
			t.Errorf("locks/%s.lock is not as it would be written today (%v): go generate makes it", version, err)
		}
		for i := range lock.Jars {
			if jar := &lock.Jars[i]; len(jar.Licences) == 0 || jar.BLAKE3 == "" {
				t.Errorf("%s has licences %q and the BLAKE3 %q", jar.Coordinates(), jar.Licences, jar.BLAKE3)
			}
		}
	}
	if lock, err := jars.Embedded(""); err != nil || lock.KCL != jars.DefaultVersion {
		t.Errorf("by default: %v, %v", lock, err)
	}
	if _, err := jars.Embedded("9.9.9"); err == nil || !strings.Contains(err.Error(), "clickstream bootstrap lock 9.9.9 > kcl.lock") {
		t.Errorf("a version that is not there: %v", err)
	}
}

func TestLockRoundTrip(t *testing.T) {
	t.Parallel()
	want := &jars.Lock{KCL: "1.0", Jars: []jars.Jar{
		{Group: "g.h", Artifact: "a", Version: "1+b", Size: 12, SHA256: sum, BLAKE3: sum, Licences: []string{"MIT", "The Other Licence"}},
		{Group: "g.h", Artifact: "c", Version: "1", Size: 1, SHA256: sum, BLAKE3: sum},
		{Group: "g.h", Artifact: "d", Version: "1", Size: 1, SHA256: sum, Licences: []string{"MIT"}},
		{Group: "g.h", Artifact: "b", Version: "1", Size: 1 << 30, SHA256: sum},
	}}
	path := filepath.Join(t.TempDir(), "kcl.lock")
	var text bytes.Buffer
	if _, err := want.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	windows := strings.ReplaceAll(text.String(), "\n", "\r\n")
	for _, content := range []string{text.String(), windows} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := jars.ReadLock(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
	}
	if got := want.Jars[0].Path(); got != "g/h/a/1+b/a-1+b.jar" {
		t.Errorf("its path is %s", got)
	}
}

func TestLockRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                             "holds no jars",
		"kcl 1":                                        "holds no jars",
		"# a\n\nkcl ../1":                              "my.lock:3: a lock begins with kcl",
		"g:a:1 1 " + sum:                               "my.lock:1: a lock begins with kcl",
		"kcl 1\ng:a:1 1":                               "my.lock:2: a jar is group:artifact:version, size and SHA-256",
		"kcl 1\ng:a 1 " + sum:                          "is not group:artifact:version",
		"kcl 1\ng:a:1:x 1 " + sum:                      "is not group:artifact:version",
		"kcl 1\ng:..:1 1 " + sum:                       "is not group:artifact:version",
		"kcl 1\ng:a/b:1 1 " + sum:                      "is not group:artifact:version",
		`kcl 1` + "\n" + `g:a\b:1 1 ` + sum:            "is not group:artifact:version",
		"kcl 1\ng:a;b:1 1 " + sum:                      "is not group:artifact:version",
		"kcl 1\ng:a:1 0 " + sum:                        "the size of g:a:1",
		"kcl 1\ng:a:1 -1 " + sum:                       "the size of g:a:1",
		"kcl 1\ng:a:1 9999999999 " + sum:               "the size of g:a:1",
		"kcl 1\ng:a:1 1 " + sum[1:]:                    "the SHA-256 of g:a:1",
		"kcl 1\ng:a:1 1 " + strings.ToUpper(sum):       "the SHA-256 of g:a:1",
		"kcl 1\ng:a:1 1 " + sum + " blake3:" + sum[1:]: "the BLAKE3 of g:a:1",
		"kcl 1\ng:a:1 1 " + sum + " blake3: MIT":       "the BLAKE3 of g:a:1",
		"kcl 1\ng:a:1 1 " + sum + "\ng:a:2 1 " + sum:   "my.lock:3: g:a is there twice",
		strings.Repeat("#", 1<<20+1):                   "larger than",
	} {
		if lock, err := jars.ParseLock(strings.NewReader(text), "my.lock"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q gives %v and error %v, want %q", text, lock, err, want)
		}
	}
	if _, err := jars.ReadLock(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "the lock of the daemon's jars") {
		t.Errorf("no file: %v", err)
	}
}

func FuzzLock(f *testing.F) {
	f.Add("kcl 1\ng:a:1 1 " + sum + " MIT, X\n")
	f.Add("kcl 1\ng:a:1 1 " + sum + " blake3:" + sum + " MIT\n")
	f.Add("kcl 1\r\n# g\ng:a:1 1 " + sum)
	f.Fuzz(func(t *testing.T, text string) {
		lock, err := jars.ParseLock(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		var written strings.Builder
		if _, err := lock.WriteTo(&written); err != nil {
			t.Fatal(err)
		}
		again, err := jars.ParseLock(strings.NewReader(written.String()), "again")
		if err != nil {
			t.Fatalf("what was written from %q cannot be read: %v", text, err)
		}
		if diff := cmp.Diff(lock, again); diff != "" {
			t.Errorf("read back (-first +second):\n%s", diff)
		}
	})
}

func TestLicences(t *testing.T) {
	t.Parallel()
	for want, declared := range map[string][2]string{
		"Apache-2.0":        {"Apache License, Version 2.0", "https://aws.amazon.com/apache2.0"},
		"MIT":               {"MIT License", ""},
		"MIT-0":             {"MIT-0", "https://spdx.org/licenses/MIT-0.html"},
		"Something of ours": {" Something,\n of  ours", ""},
	} {
		if got := jars.Spdx(declared[0], declared[1]); len(got) != 1 || got[0] != want {
			t.Errorf("%q is %q, want %q", declared, got, want)
		}
	}
}
