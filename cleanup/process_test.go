package cleanup_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"clickstream/cleanup"
	"clickstream/properties"
)

// objectCount is how many objects TestKilledHalfWay has; go test ./cleanup -run KilledHalfWay -objects 1000000 is the long form.
var objectCount = flag.Int("objects", 4000, "objects in the bucket of TestKilledHalfWay")

// asProcess is the environment variable that makes the test's binary clean up instead of testing.
const asProcess = "CLICKSTREAM_TEST_CLEANUP"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) == "" {
		os.Exit(m.Run())
	}
	settings, err := properties.Load("", map[string]string{"streamName": "clicks", "applicationName": "app", "bucket": "objects"})
	if err == nil {
		err = cleanup.Run(context.Background(), cleanup.Config{Settings: settings, Out: os.Stdout, In: os.Stdin, Yes: true})
	}
	status, _ := os.ReadFile("/proc/self/status")
	fmt.Printf("%s\n%v\n", regexp.MustCompile(`VmHWM:.*`).Find(status), err)
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// seed puts objects of claims and data.
func (w *world) seed(count int) {
	w.t.Helper()
	for i := range count {
		if i%4 == 3 {
			w.fast(fmt.Sprintf("_claims/app/shardId-%012d/%056d.0", i%8, i))
		} else {
			w.fast(fmt.Sprintf("shardId-%012d/%056d-%056d", i%8, i, i))
		}
	}
}

// process starts cleanup as a process of its own.
func (w *world) process(out io.Writer) *exec.Cmd {
	w.t.Helper()
	self, err := os.Executable()
	w.must(err)
	cmd := exec.CommandContext(w.t.Context(), self)
	cmd.Env = append(os.Environ(), asProcess+"=1", "GORACE=atexit_sleep_ms=0")
	cmd.Stdout, cmd.Stderr = out, out
	return cmd
}

// TestKilledHalfWay kills cleanup when half of the objects are gone. The next run finds the rest its own, and finishes.
func TestKilledHalfWay(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds; left out with -short")
	}
	w := newWorld(t, nil)
	w.bucket("app")
	w.seed(*objectCount)
	half := make(chan struct{})
	var batches atomic.Int32
	f := w.ahead(func(operation string, _ http.ResponseWriter, r *http.Request) bool {
		if operation != "DeleteObjects" || int(batches.Add(1)) != *objectCount/2000 {
			return false
		}
		close(half)
		hang(r)
		return true
	})
	var out bytes.Buffer
	first := w.process(&out)
	w.must(first.Start())
	<-half
	w.must(first.Process.Kill())
	if err := first.Wait(); err == nil {
		t.Fatalf("it ended by itself:\n%s", out.String())
	}
	left := len(w.emulator.S3().Keys("objects"))
	if left == 0 || left > *objectCount {
		t.Errorf("%d of %d objects are left of a run that was killed half way", left, *objectCount)
	}
	out.Reset()
	if err := w.process(&out).Run(); err != nil || w.left() != "||" {
		t.Fatalf("the second run: left %s, %v:\n%s", w.left(), err, out.String())
	}
	if n := f.count("HeadObject"); n != 0 {
		t.Errorf("%d objects were asked for their metadata", n)
	}
	t.Logf("%d objects were left of %d, in %d calls; the second run:\n%s", left, *objectCount, f.count("DeleteObjects"), out.String())
	out.Reset()
	if err := w.process(&out).Run(); err != nil || !strings.HasPrefix(out.String(), "nothing to do: ") {
		t.Errorf("the third run: %v:\n%s", err, out.String())
	}
}
