package kcl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"clickstream/kcl"
	"clickstream/kcl/kcltest"
)

// asChild is the variable that makes the test binary the program of its value, and not the tests.
const asChild = "KCL_TEST_CHILD"

func TestMain(m *testing.M) {
	if program := os.Getenv(asChild); program != "" {
		os.Exit(childProgram(program))
	}
	os.Exit(m.Run())
}

func childProgram(program string) int {
	stdout := os.Stdout
	return kcl.Main(funcs{records: func(ctx context.Context, _ *kcl.ProcessRecordsInput) error {
		switch program {
		case "prints":
			fmt.Println("a stray print")
			shell := exec.CommandContext(ctx, "sh", "-c", "echo a print of a child process")
			shell.Stdout = os.Stdout
			if err := shell.Run(); err != nil {
				return err
			}
			_, goErr := fmt.Fprintln(stdout, "a print by a copy of os.Stdout")
			_, cErr := fmt.Fprintln(os.NewFile(uintptr(syscall.Stdout), "descriptor"), "a print by descriptor")
			return errors.Join(goErr, cErr)
		case "fails":
			return errors.New("disk full")
		case "panics":
			panic("index out of range")
		case "waits":
			<-ctx.Done()
		default:
			return platformProgram(program)
		}
		return nil
	}})
}

// startChild starts the test binary as that program and returns what it logs.
func startChild(t *testing.T, shard *kcltest.Shard, program string) (*kcltest.Worker, *exec.Cmd, *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), asChild+"="+program)
	log := new(bytes.Buffer)
	cmd.Stderr = log
	worker, err := shard.StartProcess(cmd)
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Initialize(); err != nil {
		t.Fatal(err)
	}
	return worker, cmd, log
}

func oneRecord() *kcltest.Shard {
	shard := kcltest.NewShard("shardId-000000000000")
	shard.Put("key", []byte("click"))
	return shard
}

func TestStrayPrintsReachTheLog(t *testing.T) {
	t.Parallel()
	shard := oneRecord()
	worker, _, log := startChild(t, shard, "prints")
	if err := worker.DeliverAll(0); err != nil {
		t.Error(err)
	}
	if err := worker.EndShard(); err != nil {
		t.Error(err)
	}
	if err := worker.Close(); err != nil {
		t.Error(err)
	}
	if skipped := worker.Skipped(); len(skipped) > 0 {
		t.Errorf("on the wire: %q", skipped)
	}
	prints := []string{"a stray print", "a print of a child process", "a print by a copy of os.Stdout", "a print by descriptor"}
	for _, line := range prints {
		if !strings.Contains(log.String(), line+"\n") {
			t.Errorf("%q is not in the log: %s", line, log)
		}
	}
}

// TestChildEndsAfterAnError, although its standard input stays open.
func TestChildEndsAfterAnError(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"fails":  "kcl: processRecords: disk full\n",
		"panics": "kcl: processRecords: the processor panicked: index out of range\ngoroutine ",
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			worker, _, log := startChild(t, oneRecord(), program)
			if err := worker.DeliverAll(0); err == nil {
				t.Error("the child has answered")
			}
			err := worker.Close()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.ExitCode() != 1 {
				t.Errorf("the child ended with %v", err)
			}
			if !strings.HasPrefix(log.String(), want) {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// TestSignalsAreLeftToTheDaemon: a terminal sends Ctrl-C to the daemon and its children alike.
func TestSignalsAreLeftToTheDaemon(t *testing.T) {
	t.Parallel()
	worker, cmd, _ := startChild(t, oneRecord(), "idles")
	for _, signal := range stopSignals {
		if err := cmd.Process.Signal(signal); err != nil {
			t.Skipf("no signals here: %v", err)
		}
	}
	if err := worker.DeliverAll(0); err != nil {
		t.Error(err)
	}
	if err := worker.Close(); err != nil {
		t.Error(err)
	}
}

// TestChildEndsWithItsInput while the processor waits.
func TestChildEndsWithItsInput(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), asChild+"=waits")
	cmd.Stdin = strings.NewReader(initialize + `{"action":"processRecords","records":[]}` + "\n")
	out, err := cmd.Output()
	if err != nil {
		t.Error(err)
	}
	if want := `{"action":"status","responseFor":"initialize"}` + "\n"; !strings.HasPrefix(string(out), want) {
		t.Errorf("output %s, want %s first", out, want)
	}
}

// TestClosedOutputIsAnError is not parallel: a process that another test starts at the same moment would hold the pipe
// open until its exec.
func TestClosedOutputIsAnError(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	input, daemon, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = daemon.Close() }()
	var log bytes.Buffer
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), asChild+"=idles")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = input, writer, &log
	if err := errors.Join(reader.Close(), cmd.Start(), writer.Close(), input.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(daemon, initialize); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		t.Errorf("the child ended with %v", err)
	}
	if !strings.HasPrefix(log.String(), "kcl: writing status to the daemon") {
		t.Errorf("log: %s", &log)
	}
}

var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM}
