package fetch_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"clickstream/bootstrap/jars/fetch"
	"clickstream/bootstrap/jars/internal/faulty"
)

const (
	path = "g/a/1/a-1.jar"
	host = "repository.test:80"
)

func content() []byte {
	text := make([]byte, 64<<10)
	for i := range text {
		text[i] = byte(i * 7 / 3)
	}
	return text
}

func want() fetch.Want {
	sum := sha256.Sum256(content())
	return fetch.Want{Size: int64(len(content())), SHA256: hex.EncodeToString(sum[:])}
}

// remote returns the repository of a server on a network in memory.
func remote(t *testing.T, server http.Handler) *fetch.Repository {
	t.Helper()
	network, stop := faulty.Serve(map[string]http.Handler{host: server})
	client := fetch.NewClient(fetch.Config{Connections: 2, Dial: network.Dial, Proxy: noProxy})
	t.Cleanup(func() { client.Close(); stop() })
	repository, err := fetch.Remote(client, "the test", "http://repository.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return repository
}

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// save fetches the file into dir and returns the error of the first thing that fails.
func save(ctx context.Context, repository *fetch.Repository, dir string, want fetch.Want) error {
	part, err := fetch.OpenPart(filepath.Join(dir, "a.jar"), want, nil)
	if err != nil {
		return err
	}
	if err := repository.Save(ctx, path, part); err != nil {
		return errors.Join(err, part.Close())
	}
	return part.Commit()
}

func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	whole := len(content())
	for name, test := range map[string]struct {
		faults   []faulty.Fault // of the first requests
		requests int
		after    time.Duration // at least so much must pass
	}{
		"none":                            {nil, 1, 0},
		"no service":                      {[]faulty.Fault{{Status: 503}, {Status: 500}}, 3, 0},
		"too many requests":               {[]faulty.Fault{{Status: 429, RetryAfter: "7"}}, 2, 7 * time.Second},
		"too many requests until a date":  {[]faulty.Fault{{Status: 429, RetryAfter: "Sat, 01 Jan 2000 00:00:30 GMT"}}, 2, 30 * time.Second},
		"connection ends at once":         {[]faulty.Fault{{Cut: 1}}, 2, 0},
		"connection ends again and again": {[]faulty.Fault{{Cut: 9000}, {Cut: 9000}, {Cut: 9000}, {Cut: 9000}, {Cut: 9000}, {Cut: 9000}, {Cut: 9000}}, 8, 0},
		"cut, and ranges are ignored":     {[]faulty.Fault{{Cut: 9000}, {IgnoreRange: true}}, 2, 0},
		"cut, and the file has changed":   {[]faulty.Fault{{Cut: 9000, Changed: true}, {}}, 2, 0},
		"cut, and the rest is wrong":      {[]faulty.Fault{{Cut: 9000}, {Wrong: true}}, 3, 0},
		"too short, and says so":          {[]faulty.Fault{{Short: whole - 1}}, 2, 0},
		"wrong bytes":                     {[]faulty.Fault{{Wrong: true}, {Wrong: true}}, 3, 0},
		"no byte comes any more":          {[]faulty.Fault{{Stall: true}}, 2, 30 * time.Second},
		"slow, but it comes":              {[]faulty.Fault{{PerKilobyte: 20 * time.Second}}, 1, 20 * time.Minute},
		"moved":                           {[]faulty.Fault{{Redirect: "/" + path}}, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := faulty.New(map[string][]byte{path: content()}, func(_ *http.Request, count int) faulty.Fault {
					if count < len(test.faults) {
						return test.faults[count]
					}
					return faulty.Fault{}
				})
				dir, start := t.TempDir(), time.Now()
				if err := save(t.Context(), remote(t, server), dir, want()); err != nil {
					t.Fatal(err)
				}
				if got := server.Requests(); got != test.requests {
					t.Errorf("%d requests, want %d", got, test.requests)
				}
				if passed := time.Since(start); passed < test.after {
					t.Errorf("it went on after %s, want at least %s", passed, test.after)
				}
				onlyFile(t, dir, "a.jar", content())
			})
		})
	}
}

// onlyFile wants a folder with this file and no other.
func onlyFile(t *testing.T, dir, name string, want []byte) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder has %v, want %s alone", entries, name)
	}
	if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes, %v; want the %d right ones", name, len(got), err, len(want))
	}
}

func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    faulty.Fault
		requests int
		text     string
	}{
		"not there":               {faulty.Fault{Status: 404}, 1, "the test (http://repository.test): g/a/1/a-1.jar: not found"},
		"gone":                    {faulty.Fault{Status: 410}, 1, "not found"},
		"denied":                  {faulty.Fault{Status: 403}, 1, "403 Forbidden"},
		"unknown":                 {faulty.Fault{Status: 401}, 1, "it wants credentials"},
		"no service":              {faulty.Fault{Status: 503}, 6, "503 Service Unavailable"},
		"come back tomorrow":      {faulty.Fault{Status: 429, RetryAfter: "86400"}, 1, "it wants no request for 24h0m0s"},
		"wrong bytes":             {faulty.Fault{Wrong: true}, 3, "wrong content: SHA-256"},
		"too short, and says so":  {faulty.Fault{Short: 5}, 3, "wrong content: 5 bytes instead of 65536"},
		"cut at the same place":   {faulty.Fault{Cut: 9000, IgnoreRange: true}, 6, "EOF"},
		"redirects without end":   {faulty.Fault{Redirect: "/" + path}, 6, "more than 5 redirects"},
		"the other part is meant": {faulty.Fault{Status: 206}, 1, "another part of the file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := faulty.New(map[string][]byte{path: content()}, func(*http.Request, int) faulty.Fault { return test.fault })
				dir := t.TempDir()
				err := save(t.Context(), remote(t, server), dir, want())
				if err == nil || !strings.Contains(err.Error(), test.text) {
					t.Errorf("error %v, want one with %q", err, test.text)
				}
				if got := server.Requests(); got != test.requests {
					t.Errorf("%d requests, want %d", got, test.requests)
				}
				if _, err := os.Stat(filepath.Join(dir, "a.jar")); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("there is a jar: %v", err)
				}
			})
		})
	}
}

// TestResumeByAnotherProcess takes up what another Part left, from where it ended, when it is of the same version.
func TestResumeByAnotherProcess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		second faulty.Fault
		ranges []string // of the second Part's requests
	}{
		"same version":  {faulty.Fault{}, []string{"bytes=9000-"}},
		"other version": {faulty.Fault{Changed: true}, []string{"bytes=9000-"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ranges []string
				first := true
				server := faulty.New(map[string][]byte{path: content()}, func(r *http.Request, _ int) faulty.Fault {
					ranges = append(ranges, r.Header.Get("Range"))
					if first {
						return faulty.Fault{Cut: 9000}
					}
					return test.second
				})
				repository, dir := remote(t, server), t.TempDir()
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // before the first retry
				defer cancel()
				if err := save(ctx, repository, dir, want()); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("the first process: %v", err)
				}
				first, ranges = false, nil
				if err := save(t.Context(), repository, dir, want()); err != nil {
					t.Fatal(err)
				}
				if strings.Join(ranges, ",") != strings.Join(test.ranges, ",") {
					t.Errorf("asked for %q, want %q", ranges, test.ranges)
				}
				onlyFile(t, dir, "a.jar", content())
			})
		})
	}
}

func TestUnreachableIsAskedNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network, stop := faulty.Serve(nil)
		defer stop()
		client := fetch.NewClient(fetch.Config{Dial: network.Dial, Proxy: noProxy})
		defer client.Close()
		repository, err := fetch.Remote(client, "nobody", "http://nobody.test", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := repository.Read(t.Context(), "x", 10); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("the first time: %v", err)
		}
		start := time.Now()
		if _, err := repository.Read(t.Context(), "y", 10); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("the second time: %v", err)
		}
		if passed := time.Since(start); passed != 0 {
			t.Errorf("the second file was tried for %s although nobody is there", passed)
		}
	})
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		note := func(r *http.Request, _ int) faulty.Fault {
			user, password, _ := r.BasicAuth()
			seen = append(seen, r.Host+" "+user+" "+password)
			if r.Host == "repository.test" {
				return faulty.Fault{Redirect: "http://other.test/" + path + "?signature=topsecret"}
			}
			return faulty.Fault{Cut: 10}
		}
		server := faulty.New(map[string][]byte{path: content()}, note)
		network, stop := faulty.Serve(map[string]http.Handler{host: server, "other.test:80": server})
		defer stop()
		client := fetch.NewClient(fetch.Config{Dial: network.Dial, Proxy: noProxy})
		defer client.Close()
		repository, err := fetch.Remote(client, "the test", "http://me:s%65cret@repository.test/?token=hidden", url.UserPassword("you", "no"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = repository.Read(t.Context(), path, 1<<20)
		if err == nil {
			t.Fatal("no error although each connection is cut")
		}
		if seen[0] != "repository.test me secret" || seen[1] != "other.test  " {
			t.Errorf("the hosts saw %q, want credentials at the first alone", seen[:2])
		}
		for _, secret := range []string{"secret", "s%65cret", "hidden"} {
			if strings.Contains(err.Error()+repository.String(), secret) {
				t.Errorf("%q is in %q", secret, err)
			}
		}
	})
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"ftp://me:secret@host/", "http://", "://", "http://me:sec ret@host", "repository"} {
		_, err := fetch.Remote(nil, "the mirror", address, nil)
		if err == nil || !strings.Contains(err.Error(), "the mirror") || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec ret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	from, dir := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(from, "g/a/1"), 0o755); err != nil {
		t.Fatal(err)
	}
	repository := fetch.Folder("the folder", from)
	if err := save(t.Context(), repository, dir, want()); !errors.Is(err, fetch.ErrNotFound) {
		t.Errorf("without the file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(from, path), content()[1:], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := save(t.Context(), repository, dir, want()); !errors.Is(err, fetch.ErrWrong) {
		t.Errorf("with a byte less: %v", err)
	}
	if err := os.WriteFile(filepath.Join(from, path), content(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := save(t.Context(), repository, dir, want()); err != nil {
		t.Error(err)
	}
	onlyFile(t, dir, "a.jar", content())
	if _, err := repository.Read(t.Context(), path, 100); err == nil || !strings.Contains(err.Error(), "larger than 100 bytes") {
		t.Errorf("reading past the limit: %v", err)
	}
}

// TestWholePartIsTaken takes a file that a process left without its name, just before it would have given it.
func TestWholePartIsTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left, err := fetch.OpenPart(filepath.Join(dir, "a.jar"), want(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if left.Whole() {
		t.Error("an empty part is called whole")
	}
	if _, err := left.Write(content()); err != nil {
		t.Fatal(err)
	}
	taken, err := fetch.OpenPart(filepath.Join(dir, "a.jar"), want(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !taken.Whole() {
		t.Error("the part is not called whole")
	}
	if err := taken.Commit(); err != nil {
		t.Fatal(err)
	}
	onlyFile(t, dir, "a.jar", content())
}

// slow gives a byte at a time, and each takes a while.
type slow struct {
	rest  []byte
	pause time.Duration
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	time.Sleep(s.pause)
	n := copy(p[:1], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// TestSlowLine has what comes slowly written at least every second or so: a process may be killed.
func TestSlowLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var written []int64
		part, err := fetch.OpenPart(filepath.Join(t.TempDir(), "a.jar"), fetch.Want{Size: 8}, func(delta int64) {
			if delta != 0 {
				written = append(written, delta)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Fill(&slow{[]byte("12345678"), 400 * time.Millisecond}); err != nil {
			t.Error(err)
		}
		if want := []int64{3, 3, 2}; !slices.Equal(written, want) {
			t.Errorf("written by pieces of %d bytes, want %d", written, want)
		}
		if err := part.Commit(); err != nil {
			t.Error(err)
		}
	})
}

// TestBlocks has the bytes kept that came before an error, wherever in a block that is.
func TestBlocks(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat(content(), 6)
	sum := sha256.Sum256(text)
	want := fetch.Want{Size: int64(len(text)), SHA256: hex.EncodeToString(sum[:])}
	dir := t.TempDir()
	for _, n := range []int{100_001, 300_000, len(text)} {
		part, err := fetch.OpenPart(filepath.Join(dir, "a.jar"), want, nil)
		if err != nil {
			t.Fatal(err)
		}
		failure := errors.New("no more")
		r := io.MultiReader(bytes.NewReader(text[:n]), iotest.ErrReader(failure))
		if err := part.Fill(r); !errors.Is(err, failure) || part.Size() != int64(n) {
			t.Errorf("%d of %d bytes are there, %v", part.Size(), n, err)
		}
		if n < len(text) {
			err = part.Close()
		} else {
			err = part.Commit()
		}
		if err != nil {
			t.Error(err)
		}
	}
}
