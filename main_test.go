package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"clickstream/emulator"
)

// TestMain lets the test binary stand in for the clickstream binary, also for the processes that clickstream starts itself.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"clickstream": main})
}

// TestScripts runs the command line as a user would: testdata/script/*.txtar.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               scriptEnvironment,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"emulator":   startEmulator,
			"eventually": eventually,
			"exitcode":   exitCode,
			"fired":      fired,
			"generate":   generate,
			"listen":     listen,
			"samelines":  sameLines,
		},
	})
}

func scriptEnvironment(env *testscript.Env) error {
	// Nothing of this machine's AWS settings may leak in.
	env.Setenv("AWS_CONFIG_FILE", os.DevNull)
	env.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
	env.Setenv("HOME", env.WorkDir)
	return nil
}

// exitCode runs a command and wants its exit code: exitcode 2 clickstream produce --no-such-flag.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// generate writes N different clicks: generate clicks.jsonl 1000.
func generate(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var out bytes.Buffer
	for i := range n {
		fmt.Fprintf(&out, `{"resource": "/page/%d?ü=\u00e9", "referrer": "https://example.org/%d"}`+"\n", i%97, i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o600))
}

// startEmulator serves an emulator until the script ends and points AWS tools at it. Arguments are rules of faults.
func startEmulator(ts *testscript.TestScript, _ bool, args []string) {
	var faults []emulator.Fault
	for _, rule := range args {
		fault, err := emulator.ParseFault(rule)
		ts.Check(err)
		faults = append(faults, fault)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	e, err := emulator.New(emulator.Options{Listener: listener, Faults: faults, FaultSeed: 7})
	ts.Check(err)
	ts.Defer(func() { _ = e.Close() })
	ts.Setenv("AWS_ENDPOINT_URL", e.URL)
	ts.Setenv("AWS_ACCESS_KEY_ID", "test")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	ts.Setenv("AWS_DEFAULT_REGION", "us-east-1")
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	ts.Setenv("PORT", port)
}

// fired wants each of the emulator's faults to have happened.
func fired(ts *testscript.TestScript, _ bool, _ []string) {
	response, err := http.Get(ts.Getenv("AWS_ENDPOINT_URL") + emulator.FaultsPath)
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	ts.Check(err)
	ts.Logf("%s", text)
	if strings.Contains(string(text), `"fired":0}`) || !strings.Contains(string(text), `"fired":`) {
		ts.Fatalf("not every fault has happened")
	}
}

// eventually runs a command until its output matches: eventually '1000 stored' clickstream verify.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	wanted := regexp.MustCompile(args[0])
	for range 600 {
		_ = ts.Exec(args[1], args[2:]...) // it may fail until it succeeds
		if wanted.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("%s: no output matched %s", strings.Join(args[1:], " "), args[0])
}

// listen occupies a port until the script ends and sets PORT to it.
func listen(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	ts.Setenv("PORT", strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}

// sameLines wants the lines of all files below a folder to be those of a file, in any order: samelines out clicks.jsonl.
func sameLines(ts *testscript.TestScript, _ bool, args []string) {
	var got []string
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		got = append(got, lines(ts, path)...)
		return nil
	}))
	want := lines(ts, ts.MkAbs(args[1]))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("%s holds %d lines, %s has %d, and they are not the same", args[0], len(got), args[1], len(want))
	}
}

func lines(ts *testscript.TestScript, path string) []string {
	text, err := os.ReadFile(path)
	ts.Check(err)
	split := strings.SplitAfter(string(text), "\n")
	return split[:len(split)-1] // all that an export holds ends in a line feed
}
