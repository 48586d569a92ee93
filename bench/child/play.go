package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"clickstream/kcl/multilang"
)

// result is one run of one command.
type result struct {
	ready       time.Duration // from its start to its answer to initialize
	took        time.Duration // from there to its last answer
	cpu         time.Duration // of the process, user and system, from start to end
	peak        int64         // bytes in memory at most (the kernel's VmHWM); 0 where the system does not tell
	bytes       int64         // that it was sent
	checkpoints int
}

// daemon is this end of the conversation with one child.
type daemon struct {
	in  io.WriteCloser
	out *bufio.Reader
	result
}

// play starts a command and has it process the lines as the shard's. As the Java daemon does, it sends a line only after the answer to
// the one before.
func play(command []string, shardID string, lines []line) (result, error) {
	child := exec.Command(command[0], command[1:]...) //nolint:noctx // it is waited for; the person at the terminal ends it
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return result{}, err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return result{}, err
	}
	start := time.Now()
	if err := child.Start(); err != nil {
		return result{}, err
	}
	d := &daemon{in: in, out: bufio.NewReaderSize(out, 64<<10)}
	err = d.converse(start, shardID, lines)
	d.peak = peakMemory(child.Process.Pid) // now: it ends with the process, and what wait4 says counts our own memory before exec
	err = errors.Join(err, in.Close())
	if _, drained := io.Copy(io.Discard, d.out); err == nil {
		err = drained
	}
	err = errors.Join(err, child.Wait())
	d.cpu = child.ProcessState.UserTime() + child.ProcessState.SystemTime()
	return d.result, err
}

func (d *daemon) converse(start time.Time, shardID string, lines []line) error {
	begin, sub := "TRIM_HORIZON", int64(0)
	err := d.ask(toLine(&multilang.DaemonMessage{
		Action: multilang.ActionInitialize, ShardID: shardID, SequenceNumber: &begin, SubSequenceNumber: &sub,
	}))
	d.ready = time.Since(start)
	for _, l := range lines {
		if err != nil {
			return err
		}
		err = d.ask(l)
	}
	d.took = time.Since(start) - d.ready
	return err
}

// ask sends a line, confirms the checkpoints that it leads to, and returns after its status.
func (d *daemon) ask(l line) error {
	written := make(chan error, 1)
	go func() { // a child may ask for a checkpoint before it has read all
		_, err := d.in.Write(l.text)
		written <- err
	}()
	err := d.answer(l.action)
	if err != nil {
		_ = d.in.Close() // the child does not read any more
	}
	d.bytes += int64(len(l.text))
	return errors.Join(err, <-written)
}

func (d *daemon) answer(action string) error {
	for {
		text, err := d.out.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("waiting for its answer to %s: %w", action, err)
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		m, err := multilang.ParseChildMessage(text)
		switch {
		case err != nil:
			return fmt.Errorf("its answer to %s: %w", action, err)
		case m.Action == multilang.ActionCheckpoint:
			d.checkpoints++
			reply := multilang.DaemonMessage{Action: m.Action, SequenceNumber: m.SequenceNumber, SubSequenceNumber: m.SubSequenceNumber}
			if _, err := d.in.Write(reply.AppendLine(nil)); err != nil {
				return err
			}
		case m.ResponseFor == action:
			return nil
		default:
			return fmt.Errorf("it answered %s with a status for %q", action, m.ResponseFor)
		}
	}
}

// peakMemory asks Linux for the most memory that a process has had resident.
func peakMemory(pid int) int64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
