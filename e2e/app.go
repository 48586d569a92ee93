package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clickstream/produce"
	"clickstream/verify"
)

// App is an application of its own on a stream of its own, unless its settings say otherwise: a folder with a sample.properties, in which
// clickstream's commands and the processors that its daemon starts run.
type App struct {
	*Endpoint
	Name     string // of stream, application, lease table and bucket
	Folder   string
	Settings map[string]string // what stands in sample.properties
	program  string
}

// Result is how a command ended.
type Result struct {
	Code           int
	Stdout, Stderr string
}

// quick are settings that let a test see in seconds what takes minutes with the defaults.
func quick() map[string]string {
	return map[string]string{
		"shards": "2", "recordsToWritePerBatch": "100", "putRecordsTps": "0", "waitBetweenDescribeCallsInSeconds": "1",
		"maxBufferSize": "20000", "maxBufferAgeMillis": "500", "idleTimeBetweenReadsInMillis": "200", "failoverTimeMillis": "1000",
		"shardSyncIntervalMillis": "1000", "parentShardPollIntervalMillis": "500", "taskBackoffTimeMillis": "100",
		"executableName": "clickstream consume -p sample.properties",
	}
}

// NewApp makes an application whose names nobody else has. settings go over quick ones; program is the clickstream binary, see Build.
// Where the endpoint outlives the test, what the application made is cleaned up at its end.
func NewApp(tb testing.TB, at *Endpoint, program string, settings map[string]string) *App {
	tb.Helper()
	name := at.Prefix + strings.ToLower(rand.Text()[:8])
	a := &App{Endpoint: at, Name: name, Folder: tb.TempDir(), program: program, Settings: quick()}
	for _, key := range []string{"streamName", "applicationName", "bucket"} {
		a.Settings[key] = name
	}
	a.Set(tb, settings)
	if at.Cluttered {
		tb.Cleanup(func() { a.clean(tb) })
	}
	return a
}

// Set changes settings of the properties file.
func (a *App) Set(tb testing.TB, settings map[string]string) {
	tb.Helper()
	maps.Copy(a.Settings, settings)
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(a.Settings)) {
		fmt.Fprintf(&text, "%s = %s\n", key, strings.ReplaceAll(a.Settings[key], `\`, `\\`))
	}
	if err := os.WriteFile(filepath.Join(a.Folder, "sample.properties"), []byte(text.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// Run runs clickstream with arguments to its end.
func (a *App) Run(tb testing.TB, args ...string) Result {
	tb.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(a.program, args...) //nolint:noctx // also used when the test's context is done; commands end by themselves
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = a.Folder, a.environment(nil), &stdout, &stderr
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		tb.Fatalf("clickstream %s: %v", strings.Join(args, " "), err)
	}
	return Result{Code: cmd.ProcessState.ExitCode(), Stdout: stdout.String(), Stderr: stderr.String()}
}

// Must is Run of a command that has to succeed.
func (a *App) Must(tb testing.TB, args ...string) Result {
	tb.Helper()
	r := a.Run(tb, args...)
	if r.Code != 0 {
		tb.Fatalf("clickstream %s: exit code %d\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r
}

// Daemon starts the daemon; it and its children have some more variables in their environment.
func (a *App) Daemon(tb testing.TB, environment ...string) *Process {
	tb.Helper()
	p := start(tb, a.Folder, a.environment(environment), a.program, "daemon", "--log-level", "info")
	tb.Cleanup(func() {
		if tb.Failed() {
			a.showLogs(tb)
		}
	})
	return p
}

func (a *App) showLogs(tb testing.TB) {
	tb.Helper()
	files, _ := filepath.Glob(filepath.Join(a.Folder, "logs", "*.log"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		tb.Logf("%s:\n%s", filepath.Base(file), text)
	}
}

// Clicks returns n clicks, no two alike, as lines without an end.
func (a *App) Clicks(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"resource":"/page/%d?\u00fc=ü","referrer":"https://example.org/%s/%d"}`, i%97, a.Name, i)
	}
	return lines
}

// Produce sends lines by clickstream produce and wants all of them stored.
func (a *App) Produce(tb testing.TB, lines []string, flags ...string) *produce.Summary {
	tb.Helper()
	input := filepath.Join(a.Folder, "clicks.jsonl")
	if err := os.WriteFile(input, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	summary := a.ProduceRandom(tb, append([]string{"--input", input}, flags...)...)
	if summary.Stored != int64(len(lines)) {
		tb.Fatalf("produce stored %d of %d records", summary.Stored, len(lines))
	}
	return summary
}

// ProduceRandom sends what the flags say.
func (a *App) ProduceRandom(tb testing.TB, flags ...string) *produce.Summary {
	tb.Helper()
	path := filepath.Join(a.Folder, "summary.json")
	a.Must(tb, append([]string{"produce", "--summary", path}, flags...)...)
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	summary := &produce.Summary{}
	if err := json.Unmarshal(text, summary); err != nil {
		tb.Fatalf("summary of produce: %v", err)
	}
	if summary.Uncertain > 0 {
		tb.Fatalf("%d records may be in the stream twice: the endpoint lost answers", summary.Uncertain)
	}
	return summary
}

// Verify runs clickstream verify and wants n records, each in exactly one object, or set aside as one that no object can hold, all of them compared
// with the stream, and nothing left to be processed.
func (a *App) Verify(tb testing.TB, n int) *verify.Report {
	tb.Helper()
	r := a.Must(tb, "verify", "--json")
	report := &verify.Report{}
	if err := json.Unmarshal([]byte(r.Stdout), report); err != nil {
		tb.Fatalf("report of verify: %v\n%s", err, r.Stdout)
	}
	total := report.Totals
	if total.Records+total.Rejected != int64(n) || total.Compared != int64(n) || total.Missing != 0 || total.Twice != 0 || len(report.Notes) > 0 {
		tb.Fatalf("verify does not find %d records once each:\n%s", n, r.Stdout)
	}
	return report
}

// StopDaemon stops it as an operator would, by SIGTERM, and wants exit code 143.
func (a *App) StopDaemon(tb testing.TB, daemon *Process) {
	tb.Helper()
	const terminated = 143
	if code := daemon.Stop(tb); code != terminated {
		tb.Fatalf("the daemon ended with exit code %d, want %d", code, terminated)
	}
}

// WaitStored waits until the bucket holds n lines.
func (a *App) WaitStored(tb testing.TB, n int) {
	tb.Helper()
	seen := 0
	defer func() {
		if tb.Failed() {
			tb.Logf("%d of %d lines are in the bucket", seen, n)
		}
	}()
	objects := a.Objects(tb)
	Eventually(tb, a.Patience, fmt.Sprintf("%d lines in bucket %s", n, a.Settings["bucket"]), func() bool {
		objects.Read()
		seen = len(objects.Lines())
		return seen >= n
	})
}

// SameLines wants the bucket to hold exactly these lines, each once.
func (a *App) SameLines(tb testing.TB, lines []string) {
	tb.Helper()
	objects := a.Objects(tb)
	objects.Read()
	got, want := objects.Lines(), slices.Sorted(slices.Values(lines))
	if slices.Equal(got, want) {
		return
	}
	tb.Fatalf("the bucket holds %d lines (%d different), want %d", len(got), len(slices.Compact(got)), len(want))
}
