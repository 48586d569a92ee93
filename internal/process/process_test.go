package process_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"clickstream/internal/process"
)

// TestMain lets the test binary play its own children.
func TestMain(m *testing.M) {
	switch os.Getenv("PROCESS_TEST_ROLE") {
	case "patient":
		ready()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		ready()
	case "leaver":
		heir := exec.Command(os.Args[0])
		heir.Env, heir.Stdin, heir.Stderr = append(os.Environ(), "PROCESS_TEST_ROLE=heir"), os.Stdin, os.Stderr
		if err := heir.Start(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "heir":
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "parent":
		child, err := process.Start(roleCommand("patient", os.Stderr))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		fmt.Fprintln(os.Stderr, child.PID())
		ready()
	default:
		os.Exit(m.Run())
	}
}

// ready says so and then waits for Ctrl-C, which nobody sends.
func ready() {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	fmt.Fprintln(os.Stderr, "ready")
	<-interrupted
}

func roleCommand(role string, stderr io.Writer) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PROCESS_TEST_ROLE="+role)
	cmd.Stderr = stderr
	return cmd
}

func startRole(t *testing.T, role string) (*process.Child, *bufio.Reader) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	child, err := process.Start(roleCommand(role, w))
	_ = w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.Kill(); <-child.Done() })
	return child, bufio.NewReader(r)
}

func readLine(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatalf("reading the child's output: %v", err)
	}
	return strings.TrimSpace(line)
}

func TestStopLetsAChildEndByItself(t *testing.T) {
	child, output := startRole(t, "patient")
	readLine(t, output)
	if !child.Stop(t.Context(), time.Minute) {
		t.Fatal("a child that obeys SIGTERM was killed")
	}
}

func TestStopKillsAChildThatDoesNotObey(t *testing.T) {
	child, output := startRole(t, "stubborn")
	readLine(t, output)
	if child.Stop(t.Context(), time.Millisecond) {
		t.Fatal("a child that ignores SIGTERM ended by itself")
	}
	if code := child.ExitCode(); code != -1 {
		t.Fatalf("exit code %d of a killed child, want -1", code)
	}
}

// A child of the child keeps its output open until the test closes its input.
func TestExitCodeOfOneWhoseOutputStaysOpen(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	cmd := roleCommand("leaver", struct{ io.Writer }{io.Discard})
	cmd.Stdin, cmd.WaitDelay = r, time.Millisecond
	child, err := process.Start(cmd)
	_ = r.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); !errors.Is(err, exec.ErrWaitDelay) {
		t.Errorf("the output ended with %v, want it given up", err)
	}
	if code := child.ExitCode(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestStartNamesAMissingProgram(t *testing.T) {
	if _, err := process.Start(exec.Command("/no/such/program")); err == nil {
		t.Fatal("a missing program was started")
	}
}

// The pipe's other end is held by parent and grandchild alone: its end proves that both are gone.
func TestAKilledParentTakesItsChildAlong(t *testing.T) {
	if !process.DiesWithParent {
		t.Skip("this system has no parent-death signal: children notice the end of their standard input")
	}
	parent, output := startRole(t, "parent")
	for range 3 {
		readLine(t, output) // the child's ready, its process id, the parent's ready
	}
	parent.Kill()
	if rest, err := io.ReadAll(output); err != nil || len(rest) > 0 {
		t.Fatalf("after the kill: %q, %v; want the end of the output", rest, err)
	}
}
