//go:build unix

package doctest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A block marked again is run this often at the least, and after each try there is a moment in which what it waits for can happen.
const (
	tries  = 5
	moment = 50 * time.Millisecond
)

// Runner runs a page's blocks from top to bottom, as a reader in an empty folder would.
type Runner struct {
	Dir         string            // where the page is followed
	Environment []string          // of its commands
	Replace     map[string]string // in blocks, before they run
	Patience    time.Duration     // how long blocks marked again are run again
	Have        func(need string) error
	Log         func(format string, args ...any)
	terminals   map[string]*terminal
	port        string // of the emulator that the page has started
	printed     string // by the last block
	ran         bool   // the last block was run
}

// Run follows the page and stops what it has left running. The error says which line of the page did not do what the page says.
func (r *Runner) Run(ctx context.Context, page *Page) (err error) {
	r.terminals = map[string]*terminal{}
	defer func() {
		for name := range r.terminals {
			if _, stopErr := r.stop(name); err == nil && stopErr != nil {
				err = fmt.Errorf("%s: at the end of the page: %w", page.Path, stopErr)
			}
		}
	}()
	for i, step := range page.Steps {
		if err := r.step(ctx, page, i, step); err != nil {
			return fmt.Errorf("%s:%d: %w", page.Path, step.Line, err)
		}
	}
	return nil
}

func (r *Runner) step(ctx context.Context, page *Page, i int, step Step) error {
	if step.Stop != "" {
		printed, err := r.stop(step.Stop)
		r.printed, r.ran = printed, true
		return err
	}
	if step.Lang != "output" {
		if reason := r.missing(step); reason != nil {
			r.Log("%s:%d is not run: %v", page.Path, step.Line, reason)
			r.ran = false
			return nil
		}
	}
	switch {
	case step.Lang == "output" && r.ran:
		return Match(r.replaced(step.Text), r.printed, varying(step.Marks["varies"]))
	case step.Lang == "sh":
		r.ran = true
		return r.shell(ctx, page, i, step)
	case step.Marks["file"] != "":
		return os.WriteFile(filepath.Join(r.Dir, step.Marks["file"]), []byte(step.Text), 0o600)
	case step.Lang == "js":
		return r.javaScript(ctx, step.Text)
	}
	return nil
}

// missing returns why the block cannot be run here.
func (r *Runner) missing(step Step) error {
	need := step.Marks["needs"]
	if step.Lang == "js" && need == "" {
		need = "node"
	}
	if need == "" {
		return nil
	}
	return r.Have(need)
}

// replaced is a block's text for this run: the emulator is on a port of its own.
func (r *Runner) replaced(text string) string {
	for from, to := range r.Replace {
		text = strings.ReplaceAll(text, from, to)
	}
	if r.port != "" {
		text = strings.ReplaceAll(text, DefaultPort, r.port)
	}
	return text
}

// DefaultPort is the emulator's, as pages name it.
const DefaultPort = "4567"

func (r *Runner) shell(ctx context.Context, page *Page, i int, step Step) error {
	if name := step.Marks["terminal"]; name != "" {
		return r.open(ctx, name, step)
	}
	want := 0
	if code := step.Marks["exit"]; code != "" {
		want, _ = strconv.Atoi(code)
	}
	_, again := step.Marks["again"]
	pause := time.NewTicker(moment)
	defer pause.Stop()
	for try, begin := 1, time.Now(); ; try++ {
		printed, code, err := r.bash(ctx, r.replaced(step.Text))
		r.printed = printed
		switch {
		case err != nil:
			return err
		case again && !r.came(page, i, code == want) && (try < tries || time.Since(begin) < r.Patience):
			select {
			case <-pause.C:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		case code != want:
			return fmt.Errorf("exit code %d, not %d. What was printed:\n%s", code, want, printed)
		}
		return nil
	}
}

// came tells whether what the block waits for is there: it has ended as it should, and printed what the output block behind it says.
func (r *Runner) came(page *Page, i int, ended bool) bool {
	if !ended || i+1 == len(page.Steps) || page.Steps[i+1].Lang != "output" {
		return ended
	}
	output := page.Steps[i+1]
	return Match(r.replaced(output.Text), r.printed, varying(output.Marks["varies"])) == nil
}

// state is the file in which one block leaves its folder and environment to the next.
func (r *Runner) state() string { return filepath.Join(r.Dir, ".doctest-state") }

// left ends a block that leaves something running, which belongs into a terminal of its own.
const left = "if [ -n \"$(jobs -p)\" ]; then kill $(jobs -p); echo 'the block leaves a process running: say <!-- terminal: NAME -->'; exit 99; fi\n"

// bash runs a block. What it prints goes through a file: a process that it leaves behind would hold a pipe open.
func (r *Runner) bash(ctx context.Context, text string) (string, int, error) {
	out, err := os.CreateTemp(r.Dir, ".doctest-out")
	if err != nil {
		return "", 0, err
	}
	defer func() {
		_ = out.Close()
		_ = os.Remove(out.Name())
	}()
	cmd := r.command(ctx, text+"\n"+left+"{ export -p; printf 'cd %q\\n' \"$PWD\"; } > "+quoted(r.state()))
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	printed, readErr := os.ReadFile(out.Name())
	if readErr != nil {
		return "", 0, readErr
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return "", 0, err
	}
	return string(printed), cmd.ProcessState.ExitCode(), nil
}

func (r *Runner) command(ctx context.Context, text string) *exec.Cmd {
	script := "set -e\nset -o pipefail\nif [ -e " + quoted(r.state()) + " ]; then . " + quoted(r.state()) + "; fi\n" + text
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = r.Dir
	cmd.Env = r.Environment
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// terminal is one in which something runs until it is stopped.
type terminal struct {
	cmd   *exec.Cmd
	out   *os.File
	ended chan struct{}
}

// open starts a block in a terminal of its own and waits until it has printed what until says.
func (r *Runner) open(ctx context.Context, name string, step Step) error {
	until, err := regexp.Compile(step.Marks["until"])
	if err != nil {
		return err
	}
	if r.terminals[name] != nil {
		return fmt.Errorf("something runs in the terminal %s already", name)
	}
	out, err := os.CreateTemp(r.Dir, ".doctest-out")
	if err != nil {
		return err
	}
	t := &terminal{cmd: r.command(ctx, r.replaced(step.Text)), out: out, ended: make(chan struct{})}
	t.cmd.Stdout, t.cmd.Stderr = out, out
	if err := t.cmd.Start(); err != nil {
		return err
	}
	r.terminals[name] = t
	go func() {
		defer close(t.ended)
		_ = t.cmd.Wait()
	}()
	printed, err := t.until(ctx, until)
	if port := regexp.MustCompile(`emulator ready on https?://[^:]+:(\d+)`).FindStringSubmatch(printed); port != nil {
		r.port = port[1]
	}
	r.printed = printed
	return err
}

// until waits for a line.
func (t *terminal) until(ctx context.Context, wanted *regexp.Regexp) (string, error) {
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		printed, err := os.ReadFile(t.out.Name())
		if err != nil || wanted.Match(printed) {
			return string(printed), err
		}
		select {
		case <-look.C:
		case <-t.ended:
			printed, _ := os.ReadFile(t.out.Name())
			if wanted.Match(printed) {
				return string(printed), nil
			}
			return "", fmt.Errorf("it ended before it printed %s:\n%s", wanted, printed)
		case <-ctx.Done():
			return "", fmt.Errorf("it did not print %s:\n%s", wanted, printed)
		}
	}
}

// stop presses Ctrl-C in a terminal, and returns what was printed there in all. Only a stop in order is none to complain of.
func (r *Runner) stop(name string) (string, error) {
	t := r.terminals[name]
	if t == nil {
		return "", fmt.Errorf("nothing runs in the terminal %q", name)
	}
	delete(r.terminals, name)
	// A shell that waits for a program dies of the signal itself if the program did, so the programs alone are told.
	_ = syscall.Kill(-t.cmd.Process.Pid, syscall.SIGINT)
	<-t.ended
	_ = syscall.Kill(-t.cmd.Process.Pid, syscall.SIGKILL)
	_ = t.out.Close()
	printed, err := os.ReadFile(t.out.Name())
	_ = os.Remove(t.out.Name())
	if err != nil {
		return "", err
	}
	status, _ := t.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if code := t.cmd.ProcessState.ExitCode(); code != 0 && code != 130 && status.Signal() != syscall.SIGINT {
		return string(printed), fmt.Errorf("the terminal %s, stopped by Ctrl-C, ended with code %d:\n%s", name, code, printed)
	}
	return string(printed), nil
}

// javaScript has node read a script.
func (r *Runner) javaScript(ctx context.Context, text string) error {
	name := filepath.Join(r.Dir, ".doctest.mjs")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "node", "--check", name).CombinedOutput()
	if err != nil {
		return fmt.Errorf("node does not read it: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}
