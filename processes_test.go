//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pace makes runs of several seconds out of few records, so that there is time to disturb them.
var pace = []string{"--batch", "100", "--tps", "50"}

// clickstream starts the program in an empty folder, as a process that finds its own file as a user's does.
func clickstream(t *testing.T, args ...string) *program {
	t.Helper()
	return clickstreamWith(t, nil, args...)
}

// clickstreamWith is clickstream with more in its environment.
func clickstreamWith(t *testing.T, environment []string, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "bin", "clickstream")
	if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := linkOrCopy(self, name); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, dir: dir, cmd: exec.CommandContext(t.Context(), name, args...), ended: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "HOME="+dir)
	p.cmd.Env = append(p.cmd.Env, environment...)
	p.run()
	return p
}

// run starts the program. It does not outlive the test.
func (p *program) run() {
	p.t.Helper()
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	// A child that outlives the program would hold its output open: the end of the output proves that all are gone.
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait()
	}()
	p.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
}

func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}

// program is a running clickstream.
type program struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	output syncBuffer
	ended  chan struct{} // closed when it and all who hold its output are gone
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// until waits for a condition; the program must not end before it holds.
func (p *program) until(what string, holds func() bool) {
	p.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-p.ended:
			p.t.Fatalf("the program ended before %s:\n%s\n%s", what, p.output.String(), p.daemonLog())
		case <-p.t.Context().Done():
			p.t.Fatalf("no %s:\n%s\n%s", what, p.output.String(), p.daemonLog())
		}
	}
}

func (p *program) daemonLog() string {
	text, _ := os.ReadFile(filepath.Join(p.dir, "logs", "daemon.log"))
	return string(text)
}

// processors are the process ids of the record processors that the daemon has started so far.
func (p *program) processors() []int {
	var ids []int
	for _, match := range regexp.MustCompile(`started \(process (\d+)\)`).FindAllStringSubmatch(p.daemonLog(), -1) {
		id, _ := strconv.Atoi(match[1])
		ids = append(ids, id)
	}
	return ids
}

// stored is the number of records that the last progress line calls stored.
func (p *program) stored() int {
	matches := regexp.MustCompile(`stored ([\d,]+)`).FindAllStringSubmatch(p.output.String(), -1)
	if len(matches) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(strings.ReplaceAll(matches[len(matches)-1][1], ",", ""))
	return n
}

func (p *program) exitCode() int {
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

func parentOf(t *testing.T, id int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`PPid:\s+(\d+)`).FindSubmatch(status)
	parent, _ := strconv.Atoi(string(match[1]))
	return parent
}

func kill(t *testing.T, id int) {
	t.Helper()
	if err := syscall.Kill(id, syscall.SIGKILL); err != nil {
		t.Fatalf("kill -9 %d: %v", id, err)
	}
}

func TestKilledProcessesLoseNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds; left out with -short")
	}
	t.Parallel()
	p := clickstream(t, append([]string{"local", "--records", "25000"}, pace...)...)
	for n := 2; n < 4; n++ {
		p.until("a record processor started", func() bool { return len(p.processors()) == n })
		kill(t, p.processors()[n-1])
	}
	p.until("the killed processors were started again", func() bool { return len(p.processors()) == 4 })
	p.until("something was stored", func() bool { return p.stored() > 0 })
	kill(t, parentOf(t, p.processors()[3]))
	p.until("the daemon was started again", func() bool { return strings.Contains(p.output.String(), "starting it again") })
	if code := p.exitCode(); code != 0 || !strings.Contains(p.output.String(), "25000 sent / 25000 stored / 0 missing / 0 twice") {
		t.Fatalf("exit code %d:\n%s", code, p.output.String())
	}
}

// Exit code 2 would end the daemon with all its shards.
func TestACrashedProcessorDoesNotSayThatTryingAgainIsNoUse(t *testing.T) {
	t.Parallel()
	p := clickstream(t, "emulator", "--port", "0")
	p.until("the emulator is ready", func() bool { return strings.Contains(p.output.String(), "ready on") })
	consume := exec.CommandContext(t.Context(), p.cmd.Path, "consume")
	consume.Dir = p.dir
	consume.Env = append(p.cmd.Env, "AWS_ENDPOINT_URL="+regexp.MustCompile(`http://\S+`).FindString(p.output.String()))
	stdin, err := consume.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := consume.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := consume.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(stdin, `{"action":"initialize","shardId":"shardId-000000000000","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}`+"\n")
	if _, err := stdout.Read(make([]byte, 1)); err != nil {
		t.Fatalf("no answer: %v", err)
	}
	_ = consume.Process.Signal(syscall.SIGQUIT)
	if err := consume.Wait(); consume.ProcessState.ExitCode() != -1 {
		t.Errorf("ended with %v, want by a signal", err)
	}
}

func TestCtrlCStoresWhatIsHeldAndCountsTheRest(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds; left out with -short")
	}
	t.Parallel()
	p := clickstream(t, append([]string{"local", "--records", "1000000", "--export", "out"}, pace...)...)
	p.until("something was stored", func() bool { return p.stored() > 0 })
	// Two that come together are one, as timeout(1) sends them; of the same signal the system would make one itself.
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if code := p.exitCode(); code != 130 && code != 143 {
		t.Errorf("exit code %d, want that of the signal that was seen first", code)
	}
	match := regexp.MustCompile(`stopped: (\d+) sent / (\d+) stored / (\d+) remain in the stream`).FindStringSubmatch(p.output.String())
	if match == nil {
		t.Fatalf("no summary:\n%s", p.output.String())
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(match[i+1])
	}
	if n[0] != n[1]+n[2] || n[1] == 0 {
		t.Errorf("%s: it does not add up", match[0])
	}
	exported := 0
	for _, name := range files(t, filepath.Join(p.dir, "out")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		exported += bytes.Count(text, []byte("\n"))
	}
	if exported != n[1] {
		t.Errorf("the objects hold %d records, the summary says %d", exported, n[1])
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The program's output stays open as long as one of its processes lives, so the end of the wait shows that none is left.
func TestNobodyOutlivesAKilledRun(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds; left out with -short")
	}
	t.Parallel()
	p := clickstream(t, append([]string{"local", "--records", "1000000"}, pace...)...)
	p.until("both record processors started", func() bool { return len(p.processors()) == 2 })
	ids := append(p.processors(), parentOf(t, p.processors()[0]), p.cmd.Process.Pid)
	_ = p.cmd.Process.Kill()
	<-p.ended
	gone := func() bool { return !slices.ContainsFunc(ids, alive) }
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !gone() {
		select {
		case <-look.C:
		case <-t.Context().Done():
			t.Fatalf("of the processes %v some are still there", ids)
		}
	}
}

// alive says whether a process is there and more than an entry that nobody has waited for.
func alive(id int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
	return err == nil && !bytes.Contains(status, []byte("State:\tZ"))
}

func TestASecondCtrlCStopsAtOnce(t *testing.T) {
	t.Parallel()
	p := clickstream(t, append([]string{"local", "--records", "1000000", "--max-buffer-age-millis", "600000"}, pace...)...)
	p.until("both record processors started", func() bool { return len(p.processors()) == 2 })
	for _, id := range p.processors() {
		// A record processor that does not answer makes the first Ctrl-C wait.
		if err := syscall.Kill(id, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	p.until("the first Ctrl-C was noticed", func() bool { return strings.Contains(p.output.String(), "again to stop at once") })
	again := time.NewTicker(together)
	defer again.Stop()
	for ended := false; !ended; {
		select {
		case <-again.C:
			_ = p.cmd.Process.Signal(os.Interrupt)
		case <-p.ended:
			ended = true
		}
	}
	if code := p.exitCode(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	if strings.Contains(p.output.String(), "stopped:") {
		t.Errorf("the second Ctrl-C waited for the summary:\n%s", p.output.String())
	}
}

// TestASecondSignalKeepsWhatProduceHolds: the records that a throttled stream does not take are in the file, and counted.
func TestASecondSignalKeepsWhatProduceHolds(t *testing.T) {
	t.Parallel()
	kinesis := clickstream(t, "emulator", "--port", "0", "--fault", "kinesis:PutRecords rate=1 throttle")
	kinesis.until("the emulator is ready", func() bool { return strings.Contains(kinesis.output.String(), "ready on") })
	environment := regexp.MustCompile(`AWS_\w+=\S+`).FindAllString(kinesis.output.String(), -1)
	for _, test := range []struct {
		signals [2]syscall.Signal
		code    int
	}{
		{[...]syscall.Signal{syscall.SIGINT, syscall.SIGTERM}, 130},
		{[...]syscall.Signal{syscall.SIGTERM, syscall.SIGTERM}, 143},
	} {
		p := clickstreamWith(t, environment, "produce", "--tps", "0", "--spill", "spill.jsonl", "--summary", "summary.json")
		p.until("the stream refused records", func() bool { return strings.Contains(p.output.String(), "sending the records again") })
		_ = p.cmd.Process.Signal(test.signals[0])
		p.until("the first signal was noticed", func() bool { return strings.Contains(p.output.String(), "a second signal ends that") })
		again := time.AfterFunc(2*together, func() { _ = p.cmd.Process.Signal(test.signals[1]) })
		code := p.exitCode()
		again.Stop()
		spilled, err := os.ReadFile(filepath.Join(p.dir, "spill.jsonl"))
		said := fmt.Sprintf(" 0 stored, 0 failed, %d not delivered", bytes.Count(spilled, []byte("\n")))
		if code != test.code || err != nil || len(spilled) == 0 || !strings.Contains(p.output.String(), said) {
			t.Errorf("%v: exit code %d, want %d, and%s; %v:\n%s", test.signals, code, test.code, said, err, p.output.String())
		}
		summary, err := os.ReadFile(filepath.Join(p.dir, "summary.json"))
		if err != nil || !bytes.Contains(summary, []byte(`"stored": 0,`)) {
			t.Errorf("summary %s, %v", summary, err)
		}
	}
}
