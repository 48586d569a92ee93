package filelock_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"clickstream/internal/filelock"
)

func TestOneHolderAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	first, second := open(), open()
	defer func() { _ = second.Close() }()
	if err := filelock.Try(first); err != nil {
		t.Fatal(err)
	}
	if err := filelock.Try(second); !errors.Is(err, filelock.ErrLocked) {
		t.Errorf("while the first holds it: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := filelock.Try(second); err != nil {
		t.Errorf("when the first is closed: %v", err)
	}
}

// TestHolder has another process hold a file: what this one holds itself it is not told.
func TestHolder(t *testing.T) {
	t.Parallel()
	if !filelock.Inherited {
		t.Skip("this system does not tell who holds a file")
	}
	path := filepath.Join(t.TempDir(), "held")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), holdEnvironment+"="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if pid, err := filelock.Holder(file); pid != cmd.Process.Pid || err != nil {
		t.Errorf("process %d, %v, want %d", pid, err, cmd.Process.Pid)
	}
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	if pid, err := filelock.Holder(file); !errors.Is(err, filelock.ErrNoHolder) {
		t.Errorf("after its end: process %d, %v", pid, err)
	}
}

const holdEnvironment = "FILELOCK_TEST_HOLD"

// TestMain lets the test binary be the process that holds a file, until the end of its input.
func TestMain(m *testing.M) {
	path := os.Getenv(holdEnvironment)
	if path == "" {
		os.Exit(m.Run())
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = filelock.Hold(file)
	}
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.WriteString("x")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
