package jars_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/jars/blake3"
	"clickstream/bootstrap/jars/internal/faulty"
	"clickstream/bootstrap/jars/maven"
)

const host = "repository.test:80"

// made makes a lock of some jars, of 1 to 64 KiB, and the files of a Maven repository that has them.
func made(count int) (*jars.Lock, map[string][]byte) {
	random := rand.New(rand.NewPCG(1, 2))
	lock, files := &jars.Lock{KCL: "1.0"}, make(map[string][]byte)
	for i := range count {
		content := make([]byte, 1024+random.IntN(63<<10))
		for j := range content {
			content[j] = byte(random.Uint32())
		}
		digest, other := sha256.Sum256(content), blake3.New()
		_, _ = other.Write(content)
		jar := jars.Jar{
			Group: "g.h", Artifact: fmt.Sprint("a", i), Version: "1", Size: int64(len(content)),
			SHA256: hex.EncodeToString(digest[:]), BLAKE3: other.Hex(),
		}
		lock.Jars = append(lock.Jars, jar)
		files[jar.Path()] = content
	}
	return lock, files
}

// bare is a machine without Maven and settings.
func bare(t *testing.T) maven.Environment {
	t.Helper()
	return maven.Environment{
		Home: t.TempDir(), Getenv: func(string) string { return "" },
		LookPath: func(string) (string, error) { return "", errors.New("not found") },
	}
}

// served returns options for a machine whose network is a server at the address http://repository.test, and nothing else.
func served(t *testing.T, lock *jars.Lock, server http.Handler) jars.Options {
	t.Helper()
	network, stop := faulty.Serve(map[string]http.Handler{host: server})
	t.Cleanup(stop)
	options := jars.Options{Lock: lock, Dir: t.TempDir(), Repository: "http://repository.test"}
	return options.On(bare(t), "", network.Dial)
}

// complete wants the class path to be the lock's jars as they should be.
func complete(t *testing.T, set *jars.Set, files map[string][]byte) {
	t.Helper()
	paths := set.ClassPath()
	if len(paths) != len(set.Lock.Jars) {
		t.Fatalf("the class path has %d jars, want %d", len(paths), len(set.Lock.Jars))
	}
	for i, path := range paths {
		if !filepath.IsAbs(path) || filepath.Dir(path) != set.Dir {
			t.Errorf("%s is not in %s", path, set.Dir)
		}
		if content, err := os.ReadFile(path); err != nil || !bytes.Equal(content, files[set.Lock.Jars[i].Path()]) {
			t.Errorf("%s is not right: %d bytes, %v", path, len(content), err)
		}
	}
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(20)
		server := faulty.New(files, nil)
		options := served(t, lock, server)
		var log bytes.Buffer
		options.Log = &log
		foreign := filepath.Join(options.Dir, "foreign.jar")
		if err := os.WriteFile(foreign, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			set, err := jars.Ensure(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			complete(t, set, files)
			if got := server.Requests(); got != 20 {
				t.Errorf("%d requests, want one for each of 20 jars and none when they are there", got)
			}
		}
		if lines := strings.Split(log.String(), "\n"); !strings.HasPrefix(lines[0], "fetching 20 jars (0.5 MB) into ") || !strings.HasPrefix(lines[1], "fetched and verified 20 jars") || len(lines) != 3 {
			t.Errorf("it said %q", lines)
		}
		if content, err := os.ReadFile(foreign); err != nil || string(content) != "mine" {
			t.Errorf("the foreign file is %q, %v", content, err)
		}
		leftOvers(t, options.Dir)
	})
}

// leftOvers wants no file that fetching leaves.
func leftOvers(t *testing.T, dir string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".clickstream-*"))
	if err != nil || len(found) > 0 {
		t.Errorf("left over: %q, %v", found, err)
	}
}

func TestDamagedJarsAreFetchedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(4)
		server := faulty.New(files, nil)
		options := served(t, lock, server)
		set, err := jars.Ensure(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		paths := set.ClassPath()
		content := files[lock.Jars[0].Path()]
		if err := errors.Join(
			os.WriteFile(paths[0], bytes.Repeat([]byte{1}, len(content)), 0o600), // other bytes, same length
			os.Truncate(paths[1], 7), os.Remove(paths[2]),
		); err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		options.Log = &log
		if set, err = jars.Ensure(t.Context(), options); err != nil {
			t.Fatal(err)
		}
		complete(t, set, files)
		if got := server.Requests(); got != 7 {
			t.Errorf("%d requests, want 4 and then 3", got)
		}
		if got := strings.Count(log.String(), "is not as the lock says"); got != 2 {
			t.Errorf("it told of %d damaged jars, want 2: %s", got, log.String())
		}
	})
}

// byEachDigest has so many jars fetched, in virtual time, and tests with them: by a lock with both digests and by one that has SHA-256 alone.
func byEachDigest(t *testing.T, n int, test func(t *testing.T, lock *jars.Lock, files map[string][]byte, options jars.Options, set *jars.Set)) {
	t.Helper()
	for name, change := range map[string]func(*jars.Jar){"both": func(*jars.Jar) {}, "SHA-256": func(j *jars.Jar) { j.BLAKE3 = "" }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				lock, files := made(n)
				for i := range lock.Jars {
					change(&lock.Jars[i])
				}
				options := served(t, lock, faulty.New(files, nil))
				set, err := jars.Ensure(t.Context(), options)
				if err != nil {
					t.Fatal(err)
				}
				test(t, lock, files, options, set)
			})
		})
	}
}

// TestEachJarIsVerified turns over one bit of each jar, by a lock with both digests and by one that has SHA-256 alone.
func TestEachJarIsVerified(t *testing.T) {
	t.Parallel()
	byEachDigest(t, 9, func(t *testing.T, lock *jars.Lock, files map[string][]byte, options jars.Options, set *jars.Set) { // SHA-256 takes them by pairs
		t.Helper()
		for i, path := range set.ClassPath() {
			content := bytes.Clone(files[lock.Jars[i].Path()])
			content[rand.IntN(len(content))] ^= 1 << rand.IntN(8)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if missing, _, err := jars.Missing(t.Context(), options); missing != i+1 || err != nil {
				t.Errorf("with %d jars that have another bit it finds %d (%v)", i+1, missing, err)
			}
		}
		set, err := jars.Ensure(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		complete(t, set, files)
	})
}

// TestDigestsThatDisagree has a lock whose two digests are of different bytes: no bytes are right by it.
func TestDigestsThatDisagree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(a, b *jars.Jar){
			"BLAKE3":  func(a, b *jars.Jar) { a.BLAKE3 = b.BLAKE3 },
			"SHA-256": func(a, b *jars.Jar) { a.SHA256 = b.SHA256 },
		} {
			lock, files := made(2)
			change(&lock.Jars[0], &lock.Jars[1])
			options := served(t, lock, faulty.New(files, nil))
			if _, err := jars.Ensure(t.Context(), options); err == nil || !strings.Contains(err.Error(), "wrong content: "+name) {
				t.Errorf("a wrong %s: %v", name, err)
			}
			if _, err := os.Stat(filepath.Join(options.Dir, "a0-1.jar")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a wrong %s, and the jar is there (%v)", name, err)
			}
		}
	})
}

// TestMissing looks at a folder that is not there, and at one that lacks two jars.
func TestMissing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(4)
		server := faulty.New(files, nil)
		options := served(t, lock, server)
		options.Dir = filepath.Join(options.Dir, "jars")
		count := func(want int) {
			t.Helper()
			if missing, dir, err := jars.Missing(t.Context(), options); missing != want || dir != options.Dir || err != nil {
				t.Errorf("%d are missing in %s (%v), want %d", missing, dir, err, want)
			}
		}
		count(4)
		if _, err := os.Stat(options.Dir); !errors.Is(err, fs.ErrNotExist) || server.Requests() != 0 {
			t.Errorf("looking made the folder (%v), or %d requests", err, server.Requests())
		}
		set, err := jars.Ensure(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		count(0)
		if err := errors.Join(os.Remove(set.ClassPath()[0]), os.Truncate(set.ClassPath()[1], 7)); err != nil {
			t.Fatal(err)
		}
		count(2)
	})
}

func TestNamesThatTwoGroupsShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(3)
		other := lock.Jars[2]
		lock.Jars[2].Group, lock.Jars[2].Artifact = "other", "A0"
		files[lock.Jars[2].Path()] = files[other.Path()]
		set, err := jars.Ensure(t.Context(), served(t, lock, faulty.New(files, nil)))
		if err != nil {
			t.Fatal(err)
		}
		complete(t, set, files)
		var got []string
		for _, path := range set.ClassPath() {
			got = append(got, filepath.Base(path))
		}
		if diff := cmp.Diff([]string{"g.h-a0-1.jar", "a1-1.jar", "other-A0-1.jar"}, got); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	})
}

// TestFaultsAtRandom meets faults of every kind: what is on the class path is always right, and in the end all is there.
func TestFaultsAtRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				lock, files := made(10)
				random := rand.New(rand.NewPCG(seed, 7))
				server := faulty.New(files, func(*http.Request, int) faulty.Fault { return someFault(random) })
				options := served(t, lock, server)
				for try := 0; ; try++ {
					set, err := jars.Ensure(t.Context(), options)
					if err == nil {
						complete(t, set, files)
						leftOvers(t, options.Dir)
						return
					}
					if try == 50 {
						t.Fatalf("not complete after %d tries: %v", try, err)
					}
					nothingWrong(t, lock, options.Dir, files)
				}
			})
		})
	}
}

func someFault(random *rand.Rand) faulty.Fault {
	switch random.IntN(12) {
	case 0:
		return faulty.Fault{Status: 503}
	case 1:
		return faulty.Fault{Status: 429, RetryAfter: fmt.Sprint(random.IntN(3))}
	case 2:
		return faulty.Fault{Cut: 1 + random.IntN(8<<10)}
	case 3:
		return faulty.Fault{Short: 1 + random.IntN(8<<10)}
	case 4:
		return faulty.Fault{Wrong: true}
	case 5:
		return faulty.Fault{Cut: 1 + random.IntN(8<<10), Changed: true}
	case 6:
		return faulty.Fault{IgnoreRange: true}
	}
	return faulty.Fault{}
}

// nothingWrong wants each jar that has its name to be right.
func nothingWrong(t *testing.T, lock *jars.Lock, dir string, files map[string][]byte) {
	t.Helper()
	for i := range lock.Jars {
		path := filepath.Join(dir, lock.Jars[i].Artifact+"-1.jar")
		content, err := os.ReadFile(path)
		if err == nil && !bytes.Equal(content, files[lock.Jars[i].Path()]) {
			t.Errorf("%s is there and wrong", path)
		}
	}
}

func TestEnsureGivesUpWithTheReasons(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(1)
		wrong := faulty.New(files, func(*http.Request, int) faulty.Fault { return faulty.Fault{Wrong: true} })
		options := served(t, lock, wrong)
		_, err := jars.Ensure(t.Context(), options)
		if err == nil {
			t.Fatal("no error")
		}
		for _, want := range []string{"fetch g.h:a0:1: no source has it as the lock says", "the named repository (http://repository.test)", "wrong content: SHA-256", "--maven-repository"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		}
		leftOvers(t, options.Dir)
	})
}

func TestEnsureEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(5)
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("the user is gone")
		server := faulty.New(files, func(*http.Request, int) faulty.Fault {
			cancel(reason)
			return faulty.Fault{Stall: true}
		})
		if _, err := jars.Ensure(ctx, served(t, lock, server)); !errors.Is(err, reason) {
			t.Errorf("error %v, want %v", err, reason)
		}
	})
}

func TestBarOnATerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(5)
		options := served(t, lock, faulty.New(files, func(*http.Request, int) faulty.Fault { return faulty.Fault{PerKilobyte: 100 * time.Millisecond} }))
		var lines, bar bytes.Buffer
		options.Log = &lines
		if _, err := jars.Ensure(t.Context(), options); err != nil {
			t.Fatal(err)
		}
		options.Log, options.Terminal, options.Dir = &bar, true, t.TempDir()
		if _, err := jars.Ensure(t.Context(), options); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(lines.String(), "\r") || !strings.Contains(lines.String(), "  2s  ") {
			t.Errorf("elsewhere it is not a line every two seconds: %q", lines.String())
		}
		if strings.Count(bar.String(), "\r") < 10 || strings.Count(bar.String(), "\n") != 2 {
			t.Errorf("on a terminal it is no bar between two lines: %q", bar.String())
		}
	})
}
