package worker_test

import (
	"strings"
	"testing"

	"clickstream/internal/exit"
	"clickstream/internal/worker"
	"clickstream/properties"
)

func claim(t *testing.T, settings *properties.Config) *worker.Identity {
	t.Helper()
	w, err := worker.Claim(settings)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestIDsStayTheSameAndAreNotShared(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	settings := &properties.Config{ApplicationName: "app"}
	first, second := claim(t, settings), claim(t, settings)
	if first.ID == second.ID {
		t.Fatalf("two workers are called %s", first.ID)
	}
	first.Release()
	if again := claim(t, settings); again.ID != first.ID {
		t.Errorf("the next worker is called %s, the one before it %s", again.ID, first.ID)
	}
	if other := claim(t, &properties.Config{ApplicationName: "other"}); !strings.HasSuffix(other.ID, "-1") {
		t.Errorf("another application's first worker is called %s", other.ID)
	}
}

func TestAGivenIDIsNotShared(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	settings := &properties.Config{ApplicationName: "app", WorkerID: "me"}
	w := claim(t, settings)
	if w.ID != "me" {
		t.Errorf("the worker is called %s", w.ID)
	}
	if _, err := worker.Claim(settings); exit.Code(err) != exit.Usage {
		t.Errorf("the second has %v", err)
	}
	w.Release()
	claim(t, settings).Release()
}
