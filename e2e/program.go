package e2e

import (
	"bytes"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"clickstream/internal/process"
)

// Build builds the main package of a folder, such as "..", into a static program of that name and returns its path.
func Build(tb testing.TB, folder, name string) string {
	tb.Helper()
	lookAt(tb, folder)
	path := filepath.Join(tb.TempDir(), executable(name))
	cmd := exec.CommandContext(tb.Context(), "go", "build", "-trimpath", "-o", path, ".")
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("go build in %s: %v\n%s", folder, err, out)
	}
	return path
}

// lookAt opens all folders of the sources: go test, which cannot see what go build reads, takes a result from its cache only while all that
// the test opened is unchanged.
func lookAt(tb testing.TB, folder string) {
	tb.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != folder && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		tb.Fatalf("look at the sources: %v", err)
	}
}

// Process is a program that runs beside the test. It does not outlive it.
type Process struct {
	name  string
	child *process.Child
	out   output
}

// start runs a program in a folder.
func start(tb testing.TB, folder string, environment []string, program string, args ...string) *Process {
	tb.Helper()
	p := &Process{name: filepath.Base(program)}
	if len(args) > 0 {
		p.name = args[0]
	}
	cmd := exec.Command(program, args...) //nolint:noctx // stopped by signals, and killed at the end of the test
	cmd.Dir, cmd.Env = folder, environment
	cmd.Stdout, cmd.Stderr = &p.out, &p.out
	cmd.WaitDelay = 10 * time.Second // for the output of what it leaves behind
	var err error
	if p.child, err = process.Start(cmd); err != nil {
		tb.Fatalf("start %s: %v", p.name, err)
	}
	tb.Cleanup(func() {
		p.Kill()
		if tb.Failed() {
			tb.Logf("what %s wrote:\n%s", p.name, p.out.String())
		}
	})
	return p
}

// Output is what the process has written so far, standard output and standard error.
func (p *Process) Output() string { return p.out.String() }

// PID is its process id.
func (p *Process) PID() int { return p.child.PID() }

// Stop asks the process to stop, by SIGTERM, and returns its exit code.
func (p *Process) Stop(tb testing.TB) int {
	tb.Helper()
	const grace = time.Minute
	if !p.child.Stop(tb.Context(), grace) {
		tb.Fatalf("%s did not stop when asked to", p.name)
	}
	return p.child.ExitCode()
}

// Kill ends the process at once, as kill -9 does, and waits until it is gone.
func (p *Process) Kill() {
	p.child.Kill()
	<-p.child.Done()
}

// Wait waits for the process to end by itself and returns its exit code.
func (p *Process) Wait(tb testing.TB, patience time.Duration) int {
	tb.Helper()
	select {
	case <-p.child.Done():
		return p.child.ExitCode()
	case <-time.After(patience):
		tb.Fatalf("%s has not ended by itself after %v", p.name, patience)
		return 0
	}
}

// WaitFor waits until the output matches a pattern n times and returns all its matches. It fails when the process ends before.
func (p *Process) WaitFor(tb testing.TB, patience time.Duration, n int, pattern string) [][]string {
	tb.Helper()
	expression := regexp.MustCompile(pattern)
	var found [][]string
	Eventually(tb, patience, p.name+" to say "+pattern, func() bool {
		found = expression.FindAllStringSubmatch(p.Output(), -1)
		if len(found) >= n {
			return true
		}
		select {
		case <-p.child.Done():
			if len(expression.FindAllString(p.Output(), -1)) < n {
				tb.Fatalf("%s ended with exit code %d before it said %s", p.name, p.child.ExitCode(), pattern)
			}
		default:
		}
		return false
	})
	return found
}

// Eventually calls f until it returns true, and fails the test when that takes too long.
func Eventually(tb testing.TB, patience time.Duration, what string, f func() bool) {
	tb.Helper()
	const pause = 100 * time.Millisecond
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); ; {
		if f() {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("waited %v for %s", patience, what)
		}
		<-ticker.C
	}
}

// output collects what a process writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func listen(tb testing.TB) net.Listener {
	tb.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("listen on the loopback interface: %v", err)
	}
	return listener
}
