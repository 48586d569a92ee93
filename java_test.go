//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/java"
)

// quickJava has a Java virtual machine that lives for some seconds spend half of the time on itself: no second compiler, one collector thread.
const quickJava = "JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

// withJava returns the environment for programs that run the Java daemon: a cache of their own, but with this machine's jars in it. Where there is no Java, or
// the jars cannot be had, the test is skipped; in CI it fails.
func withJava(t *testing.T, kclVersion string) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("the Java daemon is left out with -short")
	}
	if _, err := java.Find(""); err != nil {
		lacking(t, "%v (on Debian: apt-get install default-jre-headless)", err)
	}
	lock, err := jars.Embedded(kclVersion)
	if err != nil {
		t.Fatal(err)
	}
	set, err := jars.Ensure(t.Context(), jars.Options{Lock: lock, Repository: os.Getenv(jars.RepositoryEnvironment)})
	if err != nil {
		lacking(t, "the jars of the Java daemon cannot be fetched (%v): set %s to a Maven repository that can be reached", err, jars.RepositoryEnvironment)
	}
	cache := t.TempDir()
	if err := os.Mkdir(filepath.Join(cache, "clickstream"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(set.Dir, filepath.Join(cache, "clickstream", "jars")); err != nil {
		t.Fatal(err)
	}
	return []string{"XDG_CACHE_HOME=" + cache, quickJava}
}

// lacking skips a test for want of something, and fails it in CI.
func lacking(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

func TestLocalWithTheJavaDaemon(t *testing.T) {
	t.Parallel()
	for _, run := range []struct{ version, retrieval string }{{"3.1.3", "FANOUT"}, {"2.7.2", "POLLING"}} {
		t.Run(run.version+" "+run.retrieval, func(t *testing.T) {
			t.Parallel()
			environment := withJava(t, run.version)
			p := clickstreamWith(t, environment, "local", "--records", "20000", "--daemon", "java", "--kcl-version", run.version, "--retrieval-mode", run.retrieval)
			code := p.exitCode()
			if code != 0 || !strings.Contains(p.output.String(), "20000 sent / 20000 stored / 0 missing / 0 twice") {
				t.Fatalf("exit code %d:\n%s\n%s", code, p.output.String(), p.daemonLog())
			}
			want := "MultiLangDaemon " + run.version + " on Java"
			if log := p.daemonLog(); !strings.Contains(log, want) || !strings.Contains(log, "Process shutdown is complete") {
				t.Errorf("the daemon's log lacks %q or its orderly end:\n%s", want, log)
			}
			if log, err := os.ReadFile(filepath.Join(p.dir, "logs", "application.log")); err != nil || !bytes.Contains(log, []byte("Scheduler")) {
				t.Errorf("the daemon has no log: %v", err)
			}
		})
	}
}

// site is a folder with a properties file, in which commands run against one emulator.
type site struct {
	t           *testing.T
	emulator    *program
	environment []string
}

func newSite(t *testing.T, environment []string, settings string) *site {
	t.Helper()
	p := clickstream(t, "emulator", "--port", "0")
	p.until("the emulator is ready", func() bool { return strings.Contains(p.output.String(), "ready on") })
	if err := os.WriteFile(filepath.Join(p.dir, "sample.properties"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	environment = append(slices.Clone(p.cmd.Env), environment...)
	environment = append(environment, regexp.MustCompile(`AWS_\w+=\S+`).FindAllString(p.output.String(), -1)...)
	return &site{t: t, emulator: p, environment: environment}
}

// start starts a program in the folder.
func (s *site) start(name string, args ...string) *program {
	s.t.Helper()
	p := &program{t: s.t, dir: s.emulator.dir, cmd: exec.CommandContext(s.t.Context(), name, args...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = p.dir, s.environment
	p.run()
	return p
}

// clickstream starts a command of clickstream in the folder.
func (s *site) clickstream(args ...string) *program {
	s.t.Helper()
	return s.start(s.emulator.cmd.Path, args...)
}

// must runs a command of clickstream to its end, which has to be a good one, and returns its output.
func (s *site) must(args ...string) string {
	s.t.Helper()
	p := s.clickstream(args...)
	if code := p.exitCode(); code != 0 {
		s.t.Fatalf("clickstream %q: exit code %d:\n%s", args, code, p.output.String())
	}
	return p.output.String()
}

// javaProcess is the process id of the java that bootstrap has started.
func javaProcess(p *program) int {
	match := regexp.MustCompile(`\(process (\d+)\)`).FindStringSubmatch(p.output.String())
	if match == nil {
		return 0
	}
	id, _ := strconv.Atoi(match[1])
	return id
}

// childrenOf lists the processes that a process has started and not yet waited for.
func childrenOf(id int) []int {
	var children []int
	stats, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err == nil && id != 0 && bytes.Contains(text, fmt.Appendf(nil, "\nPPid:\t%d\n", id)) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			children = append(children, child)
		}
	}
	return children
}

// stored is what verify finds; it must find nothing missing and nothing twice.
func (s *site) stored() int {
	s.t.Helper()
	out := s.must("verify")
	match := regexp.MustCompile(`(\d+) stored / 0 missing / 0 twice`).FindStringSubmatch(out)
	if match == nil {
		s.t.Fatalf("verify says:\n%s", out)
	}
	n, _ := strconv.Atoi(match[1])
	return n
}

// busy are settings by which batches are closed by nothing but the daemon's stop, and the Java daemon is quick.
const busy = `
executableName = clickstream consume -p sample.properties
AwsCredentialsProvider = DefaultAWSCredentialsProviderChain
maxBufferAgeMillis = 3600000
maxBufferSize = 1000000000
shutdownGraceMillis = 60000
idleTimeBetweenReadsInMillis = 200
waitBetweenDescribeCallsInSeconds = 1
failoverTimeMillis = 2000
shardSyncIntervalMillis = 1
leaseAssignmentIntervalMillis = 1000
workerMetricsReporterFreqInMillis = 1000
`

// TestBootstrap goes through the life of the real Java daemon: killed, started again, stopped while it is busy, and started by the printed command.
func TestBootstrap(t *testing.T) {
	t.Parallel()
	s := newSite(t, withJava(t, ""), busy)
	s.must("produce", "--records", "1000", "--batch", "500", "--tps", "0")

	first := s.clickstream("bootstrap", "-p", "sample.properties", "-e", "--take-leases")
	first.until("both record processors started", func() bool { return len(childrenOf(javaProcess(first))) == 2 })
	if !strings.Contains(first.output.String(), "DefaultAWSCredentialsProviderChain is a class of AWS SDK 1") {
		t.Errorf("the old credentials provider is not warned of:\n%s", first.output.String())
	}
	gone := append(childrenOf(javaProcess(first)), javaProcess(first))
	_ = first.cmd.Process.Kill()
	<-first.ended
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for slices.ContainsFunc(gone, alive) {
		if t.Context().Err() != nil {
			t.Fatalf("of the processes %v some have outlived clickstream", gone)
		}
		<-look.C
	}

	// A worker of the same name has its leases again at once, and the leader's lock is not waited for.
	second := s.clickstream("bootstrap", "-e")
	second.until("both record processors started again", func() bool { return len(childrenOf(javaProcess(second))) == 2 })
	second.until("the lock of the dead leader was released", func() bool { return strings.Contains(second.output.String(), "its lock is released") })
	producer := s.clickstream("produce", "--records", "20000", "--batch", "100", "--tps", "50", "--quiet")
	log := filepath.Join(s.emulator.dir, "logs", "application.log")
	second.until("both shards are busy", func() bool {
		text, _ := os.ReadFile(log)
		after := text[bytes.LastIndex(text, []byte("Starting worker loop"))+1:]
		return bytes.Contains(after, []byte("ProcessRecordsMessage to child process for shard shardId-000000000000")) &&
			bytes.Contains(after, []byte("ProcessRecordsMessage to child process for shard shardId-000000000001"))
	})
	if n := s.stored(); n != 0 {
		t.Fatalf("%d records are stored before the daemon is stopped: this test shows nothing", n)
	}
	_ = second.cmd.Process.Signal(syscall.SIGTERM)
	if code := second.exitCode(); code != 0 {
		t.Fatalf("exit code %d after an orderly stop:\n%s", code, second.output.String())
	}
	if n := s.stored(); n == 0 {
		t.Errorf("the record processors have not stored what they held:\n%s", second.output.String())
	}
	if code := producer.exitCode(); code != 0 {
		t.Fatalf("produce: exit code %d:\n%s", code, producer.output.String())
	}

	// What is printed works when pasted.
	quick := strings.Replace(busy, "3600000", "500", 1)
	if err := os.WriteFile(filepath.Join(s.emulator.dir, "sample.properties"), []byte(quick), 0o600); err != nil {
		t.Fatal(err)
	}
	bootstrap := exec.CommandContext(t.Context(), s.emulator.cmd.Path, "bootstrap")
	bootstrap.Dir, bootstrap.Env = s.emulator.dir, s.environment
	command, err := bootstrap.Output()
	if err != nil {
		t.Fatalf("bootstrap prints no command: %v", err)
	}
	third := s.start("sh", "-c", "exec "+string(command))
	third.until("all records are stored", func() bool { <-look.C; return s.stored() == 21000 })
}
