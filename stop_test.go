//go:build linux

package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What a stand-in for java does when it is told to stop, as the daemon does: in order, or too late for its record processors.
const (
	inOrder = "trap 'echo Process terminated, will initiate shutdown; echo Process shutdown is complete; exit 143' TERM\n"
	tooLate = "trap 'echo Process terminated, will initiate shutdown; exit 143' TERM\n"
	deaf    = "trap '' TERM\n"
	waits   = "echo ready\nwhile :; do sleep 0.05; done\n"
)

// newStandIn returns a site whose java is a script, and how bootstrap runs it there.
func newStandIn(t *testing.T, script string) (s *site, bootstrap []string) {
	t.Helper()
	s = newSite(t, nil, "")
	dir, jar := s.emulator.dir, "a jar"
	for name, text := range map[string]string{
		"release": `JAVA_VERSION="17.0.15"`, "bin/java": "#!/bin/sh\n" + script, "jars/a-1.jar": jar,
		"jars.lock": fmt.Sprintf("kcl 3.1.3\ng:a:1 %d %x\n", len(jar), sha256.Sum256([]byte(jar))),
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.environment = append(s.environment, "JAVA_HOME="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	return s, []string{"bootstrap", "-e", "--offline", "--lock", "jars.lock", "-c", "jars", "-p", "sample.properties"}
}

// startStandIn runs bootstrap until java has begun.
func startStandIn(s *site, name string, args ...string) *program {
	s.t.Helper()
	p := s.start(name, args...)
	p.until("java has begun", func() bool { return strings.Contains(p.output.String(), "ready\n") })
	return p
}

func TestHangUpIsAStop(t *testing.T) {
	t.Parallel()
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP) // so that programs do not ignore it from the start, should these tests run with nohup
	t.Cleanup(func() { signal.Stop(hangUps) })
	for name, test := range map[string]struct {
		script string
		nohup  bool
		code   int
	}{
		"in order":     {script: inOrder, code: 0},
		"not in order": {script: tooLate, code: 129},
		"with nohup":   {script: tooLate, nohup: true, code: 143},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, args := newStandIn(t, test.script+waits)
			command := s.emulator.cmd.Path
			if test.nohup {
				args = append([]string{"-c", `trap '' HUP; exec "$0" "$@"`, command}, args...)
				command = "sh"
			}
			p := startStandIn(s, command, args...)
			_ = p.cmd.Process.Signal(syscall.SIGHUP)
			if test.nohup {
				_ = p.cmd.Process.Signal(syscall.SIGTERM)
			}
			if code := p.exitCode(); code != test.code {
				t.Errorf("exit code %d, want %d:\n%s", code, test.code, p.output.String())
			}
		})
	}
}

// The output's end shows that java is gone too.
func TestASecondSignalStopsJavaAtOnce(t *testing.T) {
	t.Parallel()
	s, args := newStandIn(t, deaf+waits)
	p := startStandIn(s, s.emulator.cmd.Path, args...)
	java := javaProcess(p)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	p.until("the first signal was noticed", func() bool { return strings.Contains(p.output.String(), "again to stop at once") })
	again := time.NewTicker(together)
	defer again.Stop()
	for ended := false; !ended; {
		select {
		case <-again.C:
			_ = p.cmd.Process.Signal(syscall.SIGTERM)
		case <-p.ended:
			ended = true
		}
	}
	if code := p.exitCode(); code != 143 || strings.Contains(p.output.String(), "was killed") {
		t.Errorf("exit code %d, want 143, and no wait:\n%s", code, p.output.String())
	}
	for look := time.NewTicker(5 * time.Millisecond); alive(java); <-look.C {
		if t.Context().Err() != nil {
			t.Fatal("java is still there")
		}
	}
}

// TestStopOption stops a daemon of each kind from another process.
func TestStopOption(t *testing.T) {
	t.Parallel()
	s, bootstrap := newStandIn(t, strings.Replace(inOrder, "trap '", "trap 'sleep 0.3; : >stored; ", 1)+waits)
	stored := filepath.Join(s.emulator.dir, "stored")
	if err := os.WriteFile(filepath.Join(s.emulator.dir, "another.properties"), []byte("workerId = another"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must("produce", "--records", "10", "--tps", "0")
	stop := func(command string) string { return s.must(command, "--stop", "-p", "sample.properties") }
	for _, test := range []struct {
		args  []string
		ready string
		code  int
	}{
		{bootstrap, "ready\n", 0},
		{[]string{"daemon", "-p", "sample.properties"}, "started (process", 143},
		{[]string{"daemon", "-p", "sample.properties", "--worker-id", "me"}, "started (process", 143},
	} {
		command := test.args[0]
		if said := stop(command); !strings.Contains(said, "no daemon of application clickstream-sample runs here") {
			t.Errorf("%s --stop without a daemon says:\n%s", command, said)
		}
		p := s.clickstream(test.args...)
		p.until("the daemon runs", func() bool { return strings.Contains(p.output.String(), test.ready) })
		if said := s.must(command, "--stop", "-p", "another.properties"); !strings.Contains(said, "no daemon of application") {
			t.Errorf("%s --stop of another worker says:\n%s", command, said)
		}
		said := stop(command)
		if want := fmt.Sprintf("process %d was told to stop", p.cmd.Process.Pid); !strings.Contains(said, want) {
			t.Errorf("%s --stop says:\n%s", command, said)
		}
		if _, err := os.Stat(stored); err != nil {
			t.Errorf("%s --stop has not waited for java: %v", command, err)
		}
		if code := p.exitCode(); code != test.code {
			t.Errorf("%s: exit code %d, want %d:\n%s", command, code, test.code, p.output.String())
		}
	}
}

// TestAWorkerIDLivesAsLongAsJava has java outlive clickstream, as it does where there is no parent-death signal: the signal does not
// reach a child of the script, which goes on as java would.
func TestAWorkerIDLivesAsLongAsJava(t *testing.T) {
	t.Parallel()
	s, args := newStandIn(t, inOrder+"(while [ -e hold ]; do sleep 0.05; done) >/dev/null 2>&1 &\n"+waits)
	hold := filepath.Join(s.emulator.dir, "hold")
	if err := os.WriteFile(hold, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	worker := func(p *program) string {
		return regexp.MustCompile(`worker \S+-(\d+):`).FindStringSubmatch(p.output.String())[1]
	}
	first := startStandIn(s, s.emulator.cmd.Path, args...)
	_ = first.cmd.Process.Kill()
	<-first.ended
	second := startStandIn(s, s.emulator.cmd.Path, args...)
	if worker(first) != "1" || worker(second) != "2" {
		t.Errorf("while the first java lives its number is %s, and the next one's %s", worker(first), worker(second))
	}
	stop := func() *program {
		p := s.clickstream("bootstrap", "--stop", "-p", "sample.properties")
		<-p.ended
		return p
	}
	if p := stop(); p.exitCode() != 1 || !strings.Contains(p.output.String(), "not which process it is") {
		t.Errorf("--stop: exit code %d:\n%s", p.exitCode(), p.output.String())
	}
	if code := second.exitCode(); code != 0 {
		t.Errorf("the second: exit code %d:\n%s", code, second.output.String())
	}
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	for p := stop(); p.exitCode() != 0; p = stop() {
		if t.Context().Err() != nil {
			t.Fatalf("the worker id is still held:\n%s", p.output.String())
		}
	}
	third := startStandIn(s, s.emulator.cmd.Path, args...)
	if worker(third) != "1" {
		t.Errorf("when java has ended the next one's number is %s", worker(third))
	}
}
