package jars_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/jars/internal/faulty"
	"clickstream/bootstrap/jars/maven"
)

// fetchVariable makes the test program a process that fetches: its value is lock, folder and repository.
const fetchVariable = "CLICKSTREAM_TEST_FETCH"

func TestMain(m *testing.M) {
	if what := os.Getenv(fetchVariable); what != "" {
		if err := fetchProcess(strings.Split(what, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func fetchProcess(what []string) error {
	lock, err := jars.ReadLock(what[0])
	if err != nil {
		return err
	}
	environment := maven.Environment{Getenv: func(string) string { return "" }, LookPath: exec.LookPath}
	options := jars.Options{Lock: lock, Dir: what[1], Repository: what[2], Log: os.Stderr}
	_, err = jars.Ensure(context.Background(), options.On(environment, "", nil))
	return err
}

// machines fetch the same jars from one server into one folder, as processes.
type machines struct {
	lock   *jars.Lock
	files  map[string][]byte
	server *faulty.Server
	what   string
	dir    string
}

func newMachines(t *testing.T, count int, fault func(*http.Request, int) faulty.Fault) *machines {
	t.Helper()
	lock, files := made(count)
	m := &machines{lock: lock, files: files, server: faulty.New(files, fault), dir: filepath.Join(t.TempDir(), "jars")}
	address := httptest.NewServer(m.server)
	t.Cleanup(address.Close)
	lockFile := filepath.Join(t.TempDir(), "kcl.lock")
	file, err := os.Create(lockFile)
	if err == nil {
		_, err = lock.WriteTo(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	m.what = strings.Join([]string{lockFile, m.dir, address.URL}, "\n")
	return m
}

func (m *machines) command(t *testing.T) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = append(os.Environ(), fetchVariable+"="+m.what)
	return command
}

func TestTwoProcessesShareTheWork(t *testing.T) {
	t.Parallel()
	m := newMachines(t, 20, func(*http.Request, int) faulty.Fault { return faulty.Fault{PerKilobyte: time.Millisecond} })
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if out, err := m.command(t).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	for path, count := range m.server.Counts() {
		if count != 1 {
			t.Errorf("%s was fetched %d times", path, count)
		}
	}
	m.complete(t)
}

// complete wants all jars there without a request.
func (m *machines) complete(t *testing.T) {
	t.Helper()
	options := jars.Options{Lock: m.lock, Dir: m.dir, Offline: true}.On(bare(t), "", nil)
	set, err := jars.Ensure(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	complete(t, set, m.files)
	leftOvers(t, m.dir)
}

// TestKilledAtRandomMoments kills two processes at work in one folder, again and again: no jar has its name before it is right, and whoever
// comes next gets done. CLICKSTREAM_KILLS says how often; the long form is 200.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("killing processes takes a few seconds, which -short leaves out")
	}
	kills := 10
	if text := os.Getenv("CLICKSTREAM_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(3, uint64(time.Now().UnixNano())))
	m := newMachines(t, 12, func(*http.Request, int) faulty.Fault {
		fault := someFault(random)
		fault.RetryAfter = ""
		fault.PerKilobyte = time.Duration(random.IntN(3)) * time.Millisecond
		return fault
	})
	var killed, failed, completed atomic.Int64
	for killed.Load() < int64(kills) {
		before := completed.Load()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				switch wasKilled, err := m.killAfter(t, time.Duration(rand.IntN(500))*time.Millisecond); {
				case wasKilled:
					killed.Add(1)
				case err != nil:
					failed.Add(1)
				default:
					completed.Add(1)
				}
			})
		}
		both.Wait()
		nothingWrong(t, m.lock, m.dir, m.files)
		if completed.Load() > before { // begin anew
			m.complete(t)
			if err := os.RemoveAll(m.dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d processes killed, %d gave up, %d completed before their moment; %d requests", killed.Load(), failed.Load(), completed.Load(), m.server.Requests())
	for try := 0; ; try++ {
		out, err := m.command(t).CombinedOutput()
		if err == nil {
			break
		}
		if nothingWrong(t, m.lock, m.dir, m.files); try == 50 {
			t.Fatalf("not complete after %d tries: %s", try, out)
		}
	}
	m.complete(t)
}

// killAfter runs a process and kills it at the moment, unless it has ended by then.
func (m *machines) killAfter(t *testing.T, moment time.Duration) (killed bool, err error) {
	t.Helper()
	command := m.command(t)
	if err := command.Start(); err != nil {
		return false, err
	}
	timer := time.AfterFunc(moment, func() { _ = command.Process.Kill() })
	err = command.Wait()
	return !timer.Stop() && err != nil, err
}
