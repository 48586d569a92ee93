package deploy_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// needDocker skips the test where no engine answers.
func needDocker(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("containers are left out with -short")
	}
	if err := exec.CommandContext(t.Context(), "docker", "info").Run(); err != nil {
		needs(t, "no Docker engine answers ("+err.Error()+"): install and start Docker")
	}
}

// docker runs the docker command and returns what it prints on standard output.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", args...).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("docker %s: %v\n%s%s", strings.Join(args, " "), err, out, exit.Stderr)
		}
		t.Fatalf("docker %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// remove lets the container go at the end of the test, which prints its log if the test has failed.
func remove(t *testing.T, container string) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := exec.Command("docker", "logs", "--tail", "40", container).CombinedOutput()
			t.Logf("%s:\n%s", container, out)
		}
		atEnd(t, "rm", "--force", "--volumes", container)
	})
}

// atEnd runs the docker command when the test's own context has ended.
func atEnd(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("docker", args...).CombinedOutput(); err != nil {
		t.Errorf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// eventually waits until done, for as long as the test may run.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(5 * time.Minute)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited for 5 minutes until %s", what)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}
