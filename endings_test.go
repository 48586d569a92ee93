//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"clickstream/emulator"
	"clickstream/kcl/multilang"
)

// fickleS3 is an emulator that may be away, or refuse everything.
type fickleS3 struct {
	*emulator.Emulator
	url     string
	mode    atomic.Int32
	waiting atomic.Int32 // requests that get no answer
}

const (
	well int32 = iota
	silent
	forbidding
)

func startS3(t *testing.T) *fickleS3 {
	t.Helper()
	s := &fickleS3{Emulator: emulator.RunT(t)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch s.mode.Load() {
		case silent:
			s.waiting.Add(1)
			_, _ = io.Copy(io.Discard, r.Body) // so that the end of the connection is noticed
			<-r.Context().Done()
		case forbidding:
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
		default:
			s.Handler().ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// child is a process of "clickstream consume" and the daemon's end of its input and output.
type child struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	in     *os.File // closed to end the child
	out    *os.File
	lines  *multilang.LineReader
	stderr syncBuffer
	ended  chan struct{}
}

const endingShard = "shardId-000000000000"

func startConsume(t *testing.T, s3 *fickleS3, prepare func(dir string), args ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, dir: t.TempDir(), ended: make(chan struct{})}
	name := filepath.Join(c.dir, "bin", "clickstream")
	if err := errors.Join(os.Mkdir(filepath.Dir(name), 0o755), linkOrCopy(self, name)); err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(c.dir)
	}
	c.cmd = exec.CommandContext(t.Context(), name, append([]string{"consume", "--log-level", "debug"}, args...)...)
	c.cmd.Dir = c.dir
	c.cmd.Env = append(os.Environ(), "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "HOME="+c.dir,
		"AWS_ENDPOINT_URL="+s3.url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1",
		"GORACE=atexit_sleep_ms=0") // the race detector would add a second to each end
	stdin, in, inErr := os.Pipe()
	out, stdout, outErr := os.Pipe()
	if err := errors.Join(inErr, outErr); err != nil {
		t.Fatal(err)
	}
	c.in, c.out, c.lines = in, out, multilang.NewLineReader(out, 0)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = stdin, stdout, &c.stderr
	if err := errors.Join(c.cmd.Start(), stdin.Close(), stdout.Close()); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		<-c.ended
		_, _ = in.Close(), out.Close()
	})
	return c
}

func (c *child) say(line string) {
	c.t.Helper()
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		c.t.Fatalf("%v; %s", err, c.said())
	}
}

func (c *child) expect(want string) {
	c.t.Helper()
	if line, err := c.lines.ReadLine(); err != nil || string(line) != want {
		c.t.Fatalf("the child says %s (%v), want %s; %s", line, err, want, c.said())
	}
}

func (c *child) initialize() {
	c.t.Helper()
	c.say(`{"action":"initialize","shardId":"` + endingShard + `","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}`)
	c.expect(`{"action":"status","responseFor":"initialize"}`)
}

// deliver sends records with the data "0", "1" and so on.
func (c *child) deliver(n int) {
	c.t.Helper()
	m := multilang.DaemonMessage{Action: multilang.ActionProcessRecords}
	for i := range n {
		m.Records = append(m.Records, multilang.Record{Data: []byte(fmt.Sprint(i)), PartitionKey: "key", SequenceNumber: fmt.Sprint(100 + i)})
	}
	c.say(strings.TrimSuffix(string(m.AppendLine(nil)), "\n"))
}

// said is all that the child has logged.
func (c *child) said() string {
	name := filepath.Join(c.dir, "logs", "application-"+endingShard+".log")
	if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return c.stderr.String()
	}
	log, _ := os.ReadFile(name)
	return c.stderr.String() + string(log)
}

// exit waits for the child's end.
func (c *child) exit(code int, reasons ...string) {
	c.t.Helper()
	<-c.ended
	if got := c.cmd.ProcessState.ExitCode(); got != code {
		c.t.Errorf("exit code %d (%s), want %d; %s", got, c.cmd.ProcessState, code, c.said())
	}
	for _, reason := range reasons {
		if !strings.Contains(c.said(), reason) {
			c.t.Errorf("nothing is said of %q: %s", reason, c.said())
		}
	}
	for {
		line, err := c.lines.ReadLine()
		if err != nil {
			break
		}
		if len(line) > 0 {
			c.t.Errorf("after all the child says %s", line)
		}
	}
}

// closeInput ends the child's input, and wants it gone within a second.
func (c *child) closeInput() {
	c.t.Helper()
	before := time.Now()
	_ = c.in.Close()
	<-c.ended
	if waited := time.Since(before); waited > time.Second {
		c.t.Errorf("the child ended %s after its input", waited)
	}
}

// until waits for a condition while the child lives.
func (c *child) until(what string, holds func() bool) {
	c.t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-c.ended:
			c.t.Fatalf("the child ended before %s: %s", what, c.said())
		}
	}
}

func TestConsumeEndsWithItsInput(t *testing.T) {
	t.Parallel()
	c := startConsume(t, startS3(t), nil)
	c.initialize()
	c.deliver(3)
	c.expect(`{"action":"status","responseFor":"processRecords"}`)
	c.closeInput()
	c.exit(0)
}

func TestConsumeEndsWithItsInputWhileItWaitsForS3(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes some seconds; left out with -short")
	}
	for name, mode := range map[string]func(s3 *fickleS3){
		"no answer":          func(s3 *fickleS3) { s3.mode.Store(silent) },
		"nobody listens":     func(s3 *fickleS3) { s3.url = "http://127.0.0.1:1" },
		"away after a start": func(*fickleS3) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s3 := startS3(t)
			mode(s3)
			c := startConsume(t, s3, nil, "--max-buffer-size", "1")
			if name == "away after a start" {
				c.initialize()
				s3.mode.Store(silent)
				c.deliver(1)
			} else {
				c.say(`{"action":"initialize","shardId":"` + endingShard + `","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}`)
			}
			c.until("it waited for S3", func() bool { return s3.waiting.Load() > 0 || strings.Contains(c.said(), "attempt 2 comes in") })
			c.closeInput()
			c.exit(0)
		})
	}
}

func TestConsumeLeavesSignalsToTheDaemon(t *testing.T) {
	t.Parallel()
	c := startConsume(t, startS3(t), nil)
	c.initialize()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE} {
		if err := c.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
	c.deliver(1)
	c.expect(`{"action":"status","responseFor":"processRecords"}`)
	c.say(`{"action":"shutdownRequested"}`)
	c.expect(`{"action":"checkpoint","sequenceNumber":"100","subSequenceNumber":0}`)
	c.say(`{"action":"checkpoint","sequenceNumber":"100","subSequenceNumber":0,"error":null}`)
	c.expect(`{"action":"status","responseFor":"shutdownRequested"}`)
	c.closeInput()
	c.exit(0, "shutdown requested: all is stored up to 100")
}

func TestConsumeEndsWhenNobodyReadsIt(t *testing.T) {
	t.Parallel()
	c := startConsume(t, startS3(t), nil)
	c.initialize()
	_ = c.out.Close()
	c.deliver(1)
	c.exit(1, "writing status to the daemon", "broken pipe")
}

func TestConsumeEndsWhenS3Forbids(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"at the start", "later"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			s3 := startS3(t)
			if when == "at the start" {
				s3.mode.Store(forbidding)
			}
			c := startConsume(t, s3, nil, "--max-buffer-size", "1")
			if when == "at the start" {
				c.say(`{"action":"initialize","shardId":"` + endingShard + `","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}`)
			} else {
				c.initialize()
				s3.mode.Store(forbidding)
				c.deliver(1)
			}
			c.exit(2, "access denied")
		})
	}
}

func TestConsumeEndsWithAnErrorOfItsProcessor(t *testing.T) {
	t.Parallel()
	s3 := startS3(t)
	c := startConsume(t, s3, nil, "--max-buffer-size", "1")
	c.initialize()
	bucket := s3.S3().Buckets()[0]
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s3.url+"/"+bucket+"/"+endingShard+"/100-100", strings.NewReader("not ours"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", response, err)
	}
	_ = response.Body.Close()
	c.deliver(1)
	c.exit(1, "was not written by clickstream", "this process ends")
}

// TestConsumeGoesOnWhenTheDiskOfItsLogIsFull, and says on standard error that it cannot log.
func TestConsumeGoesOnWhenTheDiskOfItsLogIsFull(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	s3 := startS3(t)
	c := startConsume(t, s3, func(dir string) {
		logs := filepath.Join(dir, "logs")
		if err := errors.Join(os.Mkdir(logs, 0o755), os.Symlink("/dev/full", filepath.Join(logs, "application-"+endingShard+".log"))); err != nil {
			t.Fatal(err)
		}
	})
	c.initialize()
	c.deliver(2)
	c.expect(`{"action":"status","responseFor":"processRecords"}`)
	c.say(`{"action":"shardEnded"}`)
	c.expect(`{"action":"checkpoint","sequenceNumber":null}`)
	c.say(`{"action":"checkpoint","sequenceNumber":null,"subSequenceNumber":null,"error":null}`)
	c.expect(`{"action":"status","responseFor":"shardEnded"}`)
	c.closeInput()
	if said := c.stderr.String(); !strings.Contains(said, "no space left on device") {
		t.Errorf("standard error: %s", said)
	}
	<-c.ended
	if code := c.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d: %s", code, c.stderr.String())
	}
	if body, ok := s3.S3().Object(s3.S3().Buckets()[0], endingShard+"/100-101"); !ok || !bytes.Equal(body, []byte("0\n1\n")) {
		t.Errorf("stored %q, %v", body, ok)
	}
}
