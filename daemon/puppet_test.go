package daemon_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// The children of these tests are the test binary itself. As a puppet it only carries lines between its standard streams and the test,
// by TCP: what it says, and when and how it ends, is the test's script.

const (
	puppetWord  = "puppet" // puppet ADDRESS
	counterWord = "count"  // count: checkpoints every batch, as fast as it can

	environmentWord = "environment" // environment: prints what it was given
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == puppetWord {
		os.Exit(runPuppet(os.Args[2]))
	}
	if len(os.Args) > 1 && os.Args[1] == counterWord {
		os.Exit(runCounter())
	}
	if len(os.Args) > 1 && os.Args[1] == environmentWord {
		os.Exit(printEnvironment())
	}
	os.Exit(run(m))
}

// run runs the tests with a user's cache folder of their own, for the worker locks.
func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "daemon-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for variable, value := range map[string]string{
		"XDG_CACHE_HOME": folder, "HOME": folder, "LocalAppData": folder,
		"GORACE": "atexit_sleep_ms=0", // else each child takes a second to end under the race detector
	} {
		if err := os.Setenv(variable, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// order is what the test tells a puppet to do.
type order struct {
	Say  string // to write to standard output
	Err  string // to write to standard error
	Exit *int   // to exit with
}

// runPuppet is the child's side.
func runPuppet(address string) int {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if _, err := fmt.Fprintln(connection, os.Getpid()); err != nil {
		return 1
	}
	go func() {
		lines := multilang.NewLineReader(os.Stdin, 0)
		for {
			line, err := lines.ReadLine()
			if err != nil {
				_, _ = io.WriteString(connection, "\n") // an empty line is the end of input
				return
			}
			_, _ = connection.Write(append(line, '\n'))
		}
	}()
	orders := json.NewDecoder(connection)
	for {
		var o order
		if orders.Decode(&o) != nil {
			return 99 // the test is over
		}
		_, _ = io.WriteString(os.Stderr, o.Err)
		_, _ = io.WriteString(os.Stdout, o.Say)
		if o.Exit != nil {
			return *o.Exit
		}
	}
}

// counter is a record processor that checkpoints after each batch.
type counter struct{}

func (counter) Initialize(context.Context, *kcl.InitializeInput) error { return nil }
func (counter) LeaseLost(context.Context, *kcl.LeaseLostInput) error   { return nil }
func (counter) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	if len(in.Records) == 0 {
		return nil
	}
	return in.Checkpointer.Checkpoint(ctx)
}

func (counter) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	return in.Checkpointer.Checkpoint(ctx)
}

func runCounter() int {
	if err := kcl.Run(context.Background(), os.Stdin, os.Stdout, counter{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// stage is where the puppets of a test appear.
type stage struct {
	listener net.Listener
	puppets  chan *puppet
}

func newStage(tb testing.TB) *stage {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &stage{listener: listener, puppets: make(chan *puppet)}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			p := &puppet{connection: connection, lines: multilang.NewLineReader(bufio.NewReader(connection), 0)}
			accepting.Go(func() {
				select {
				case s.puppets <- p:
				case <-tb.Context().Done():
				}
			})
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		accepting.Wait()
	})
	return s
}

// command is the executableName of puppets.
func (s *stage) command() string {
	return strings.Join([]string{os.Args[0], puppetWord, s.listener.Addr().String()}, " ")
}

// patience bounds all waiting in these tests; nothing waits that long unless something is wrong.
const patience = 20 * time.Second

// next returns the next child to be started, after its initialize.
func (s *stage) next(t *testing.T) *puppet {
	t.Helper()
	select {
	case p := <-s.puppets:
		t.Cleanup(func() { _ = p.connection.Close() })
		if err := p.connection.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(p.line(t), &p.pid); err != nil {
			t.Fatal(err)
		}
		return p
	case <-time.After(patience):
		t.Fatal("no child was started")
		return nil
	}
}

// ready returns the next child after it has answered its initialize.
func (s *stage) ready(t *testing.T) *puppet {
	t.Helper()
	p := s.next(t)
	p.init = p.expect(t, multilang.ActionInitialize)
	p.shard = p.init.ShardID
	p.status(t, multilang.ActionInitialize)
	return p
}

// puppet is a child process as the test pulls its strings.
type puppet struct {
	pid        int
	shard      string
	init       *multilang.DaemonMessage
	connection net.Conn
	lines      *multilang.LineReader
}

func (p *puppet) line(t *testing.T) string {
	t.Helper()
	line, err := p.lines.ReadLine()
	if err != nil {
		t.Fatalf("child of %s: %v", p.shard, err)
	}
	return string(line)
}

// read returns what the daemon says next, nil at the end of the child's input.
func (p *puppet) read(t *testing.T) *multilang.DaemonMessage {
	t.Helper()
	line := p.line(t)
	if line == "" {
		return nil
	}
	message, err := multilang.ParseDaemonMessage([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// expect reads the next message, which must be an action. Empty batches are answered on the way, unless they are what is expected.
func (p *puppet) expect(t *testing.T, action string) *multilang.DaemonMessage {
	t.Helper()
	message := p.read(t)
	if message == nil {
		t.Fatalf("the input of %s's child ended where %s was expected", p.shard, action)
	}
	if message.Action != action {
		t.Fatalf("%s's child got %s where %s was expected", p.shard, message.Action, action)
	}
	return message
}

// eof waits for the end of input.
func (p *puppet) eof(t *testing.T) {
	t.Helper()
	if message := p.read(t); message != nil {
		t.Fatalf("%s's child got %s where its input should have ended", p.shard, message.Action)
	}
}

func (p *puppet) do(t *testing.T, o order) {
	t.Helper()
	if err := json.NewEncoder(p.connection).Encode(o); err != nil {
		t.Fatal(err)
	}
}

func (p *puppet) say(t *testing.T, line string) { t.Helper(); p.do(t, order{Say: line}) }
func (p *puppet) exit(t *testing.T, code int)   { t.Helper(); p.do(t, order{Exit: &code}) }

func (p *puppet) status(t *testing.T, action string) {
	t.Helper()
	message := multilang.ChildMessage{Action: multilang.ActionStatus, ResponseFor: action}
	p.say(t, string(message.AppendLine(nil)))
}

// checkpoint checkpoints at "", the last record, or at a position, and returns the error of the answer.
func (p *puppet) checkpoint(t *testing.T, sequence string, sub ...int64) string {
	t.Helper()
	message := multilang.ChildMessage{Action: multilang.ActionCheckpoint}
	if sequence != "" {
		message.SequenceNumber = &sequence
	}
	if len(sub) > 0 {
		message.SubSequenceNumber = &sub[0]
	}
	p.say(t, string(message.AppendLine(nil)))
	answer := p.expect(t, multilang.ActionCheckpoint)
	if message.SequenceNumber != nil && (answer.SequenceNumber == nil || *answer.SequenceNumber != sequence) {
		t.Errorf("the answer does not repeat the sequence number: %+v", answer)
	}
	return answer.Error
}

// records reads the next batch, and leaves it to the caller to answer.
func (p *puppet) records(t *testing.T) []multilang.Record {
	t.Helper()
	return p.expect(t, multilang.ActionProcessRecords).Records
}

// process takes n records, with a status for each batch but a checkpoint for none, and returns their data.
func (p *puppet) process(t *testing.T, n int) []string {
	t.Helper()
	var data []string
	for len(data) < n {
		for _, record := range p.records(t) {
			data = append(data, string(record.Data))
		}
		p.status(t, multilang.ActionProcessRecords)
	}
	return data
}

// kill ends the child as kill -9 does.
func (p *puppet) kill(t *testing.T) {
	t.Helper()
	process, err := os.FindProcess(p.pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
