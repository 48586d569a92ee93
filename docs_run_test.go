//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"clickstream/emulator"
	"clickstream/internal/doctest"
)

// TestDocumentationRuns follows each page from top to bottom in an empty folder, and compares what is printed with what the page says.
func TestDocumentationRuns(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("following the pages takes a minute; left out with -short")
	}
	checker, pages := documentation(t)
	for _, page := range pages {
		if !slices.ContainsFunc(page.Steps, func(s doctest.Step) bool { return s.Lang == "sh" || s.Lang == "js" }) {
			continue
		}
		t.Run(page.Path, func(t *testing.T) {
			t.Parallel()
			runner := reader(t, checker.Root, page)
			ctx, cancel := untilDeadline(t)
			defer cancel()
			if err := runner.Run(ctx, page); err != nil {
				t.Error(err)
			}
		})
	}
}

// untilDeadline ends a little before the test binary is ended, so that the error says which line of the page took so long. It is not shorter
// than that: pages build programs, which a machine that has built nothing yet does for minutes.
func untilDeadline(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	deadline, ok := t.Deadline()
	if !ok {
		return context.WithCancel(t.Context())
	}
	return context.WithDeadline(t.Context(), deadline.Add(-15*time.Second))
}

// reader is a new machine with Go, bash and clickstream, on which a page is followed.
func reader(t *testing.T, root string, page *doctest.Page) *doctest.Runner {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		lacking(t, "the documentation's commands are run by bash, which is not installed")
	}
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := linkOrCopy(self, filepath.Join(bin, "clickstream")); err != nil {
		t.Fatal(err)
	}
	runner := &doctest.Runner{
		Dir:         filepath.Join(home, "empty"),
		Environment: readersEnvironment(t, home, bin),
		Replace:     map[string]string{"/path/to/clickstream": root, "127.0.0.1:8080": freeAddress(t)},
		Patience:    time.Minute,
		Have:        have,
		Log:         t.Logf,
	}
	if err := os.Mkdir(runner.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(page.Steps, func(s doctest.Step) bool { return s.Marks["needs"] == "java" }) && have("java") == nil {
		runner.Environment = append(runner.Environment, withJava(t, "3.1.3")...)
	}
	if slices.Contains(page.Needs, "clone") {
		cloneInto(t, root, runner.Dir)
	}
	if slices.Contains(page.Needs, "emulator") {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		e, err := emulator.New(emulator.Options{Listener: listener})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		runner.Environment = append(runner.Environment, "AWS_ENDPOINT_URL="+e.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1")
	}
	return runner
}

// freeAddress is of a port that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// readersEnvironment is this machine's without its AWS account, its settings and its home, but with what Go has built already.
func readersEnvironment(t *testing.T, home, bin string) []string {
	t.Helper()
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "CLICKSTREAM_")
	})
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOSUMDB"}
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(string(out), "\n")
	for i, name := range names {
		environment = append(environment, name+"="+values[i])
	}
	return append(environment,
		"HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache"), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOBIN="+filepath.Join(home, "gobin"),
		"AWS_EC2_METADATA_DISABLED=true",
		"GOFLAGS=-trimpath",  // or else each folder's build is another one
		"CLICKSTREAM_PORT=0", // of an emulator that the page starts; the Runner puts it in for the one that the page names
	)
}

// cloneInto copies the repository, as its reader has it.
func cloneInto(t *testing.T, root, to string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		switch {
		case err != nil || relative == ".":
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"logs", "out", "dist", "node_modules"}, entry.Name())):
			return fs.SkipDir
		case entry.IsDir():
			return os.Mkdir(filepath.Join(to, relative), 0o755)
		case !entry.Type().IsRegular() || relative == "clickstream":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, relative), text, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// have returns why a block's need is not met here. In CI all but an account and hours are, and blocks whose need is not met fail.
func have(need string) error {
	switch need {
	case "account":
		return errors.New("it needs an AWS account")
	case "time":
		return errors.New("it takes long, or is done by another page or by CI")
	}
	if os.Getenv("CI") == "true" {
		return nil
	}
	if _, err := exec.LookPath(need); err != nil || need != "docker" {
		return err
	}
	out, err := exec.Command("docker", "image", "inspect", "--format", "{{.Id}}", "clickstream:static").CombinedOutput()
	if err != nil {
		return fmt.Errorf("no Docker engine answers, or it has no image clickstream:static, which make image builds: %s", bytes.TrimSpace(out))
	}
	return nil
}
