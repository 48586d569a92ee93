package kcl_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// platformProgram is what a child does that needs this system.
func platformProgram(program string) error {
	switch program {
	case "strays":
		return strayChild()
	case "peak": // says what memory it has taken at most so far: the kernel's count, which begins with the program
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s\n", regexp.MustCompile(`VmHWM:\s+\d+`).Find(status))
	}
	return nil
}

// strayChild runs a program that writes to every descriptor it has inherited, the way one does that a C library starts: without
// os/exec, which gives away only what it is told to.
func strayChild() error {
	if _, err := syscall.Write(syscall.Stdout, []byte("by a raw write\n")); err != nil {
		return err
	}
	script := "echo by descriptor 1; for fd in /proc/self/fd/*; do n=${fd##*/}; [ $n -gt 2 ] && (echo by descriptor $n >&$n); done 2>/dev/null; exit 0"
	id, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", script}, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{uintptr(syscall.Stdin), uintptr(syscall.Stdout), uintptr(syscall.Stderr)},
	})
	if err != nil {
		return err
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(id, &status, 0, nil); err != nil || status.ExitStatus() != 0 {
		return fmt.Errorf("the shell ended with %d: %w", status.ExitStatus(), err)
	}
	return nil
}

// TestInheritedDescriptorsAreNotTheWire: neither a raw write to descriptor 1, as printf in C makes, nor a program that inherits it
// reaches the daemon; and nobody inherits the wire itself.
func TestInheritedDescriptorsAreNotTheWire(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("there is no shell here")
	}
	shard := oneRecord()
	worker, _, log := startChild(t, shard, "strays")
	if err := worker.DeliverAll(0); err != nil {
		t.Errorf("%v: %s", err, log)
	}
	if err := worker.Close(); err != nil {
		t.Error(err)
	}
	if skipped := worker.Skipped(); len(skipped) > 0 {
		t.Errorf("on the wire: %q", skipped)
	}
	for _, line := range []string{"by descriptor 1\n", "by a raw write\n"} {
		if !strings.Contains(log.String(), line) {
			t.Errorf("%q is not in the log: %s", line, log)
		}
	}
}

// TestMemoryOfTheLongestLine looks at a whole process: three times the longest line and the batch are what it may take at most, besides
// what a process without records takes.
func TestMemoryOfTheLongestLine(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory and time of its own, more than a minute")
	}
	peak := func(records int) (peak, line, batch int) {
		t.Helper()
		m := multilang.DaemonMessage{Action: multilang.ActionProcessRecords}
		data := bytes.Repeat([]byte("0123456789abcdef"), 10<<16) // 10 MiB, the largest record there is
		for i := range records {
			m.Records = append(m.Records, kcl.Record{Data: data, PartitionKey: "key", SequenceNumber: fmt.Sprint(i)})
			batch += len(data)
		}
		text := m.AppendLine(nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), asChild+"=peak")
		cmd.Stdin = io.MultiReader(strings.NewReader(initialize), bytes.NewReader(text), bytes.NewReader(text), bytes.NewReader(text), bytes.NewReader(text))
		var log bytes.Buffer
		cmd.Stderr = &log
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %s", err, &log)
		}
		for _, match := range regexp.MustCompile(`VmHWM:\s+(\d+)`).FindAllSubmatch(log.Bytes(), -1) {
			kilobytes, _ := strconv.Atoi(string(match[1]))
			peak = kilobytes << 10
		}
		if peak == 0 {
			t.Fatalf("the child has not said what memory it takes: %s", &log)
		}
		return peak, len(text), batch
	}
	base, _, _ := peak(0)
	most, line, batch := peak(4)
	t.Logf("%d MB for lines of %d MB with %d MB of data; %d MB for none", most>>20, line>>20, batch>>20, base>>20)
	if limit := base + 3*line + batch; most > limit {
		t.Errorf("%d bytes, limit %d", most, limit)
	}
}
