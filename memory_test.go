//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/wholebody"
)

// TestMaxMemoryBoundsTheProcess puts far more than the emulator may hold. The process stays below the limit with the slack that
// docs/emulator.md states: a quarter, and 128 MiB. Deleting makes room again, each time.
func TestMaxMemoryBoundsTheProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds; left out with -short")
	}
	t.Parallel()
	const limit = 128 << 20
	dir := t.TempDir()
	path := filepath.Join(dir, "clickstream")
	// Built anew, since the race detector, which this test may run with, takes several times the memory.
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	p := &program{t: t, dir: dir, cmd: exec.CommandContext(t.Context(), path, "emulator", "--port", "0", "--max-memory", "128MiB"), ended: make(chan struct{})}
	p.run()
	p.until("the emulator is ready", func() bool { return strings.Contains(p.output.String(), "ready on") })
	url := regexp.MustCompile(`http://\S+`).FindString(p.output.String())
	client := kinesis.New(kinesis.Options{
		BaseEndpoint: &url, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), Retryer: aws.NopRetryer{},
		HTTPClient: &http.Client{Transport: wholebody.Transport{Transport: &http.Transport{}}},
	})
	name, data := aws.String("clicks"), make([]byte, 1<<10)
	for round := range 3 {
		if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(4)}); err != nil {
			t.Fatal(err)
		}
		held, refused := 0, 0
		for refused < 50*500 {
			in := &kinesis.PutRecordsInput{StreamName: name}
			for i := range 500 {
				in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: data, PartitionKey: aws.String(strconv.Itoa(i))})
			}
			out, err := client.PutRecords(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			refused += int(*out.FailedRecordCount)
			held += len(in.Records) - int(*out.FailedRecordCount)
		}
		if bytes := held << 10; bytes > limit || bytes < limit*9/10 {
			t.Errorf("round %d: %d bytes of data are held", round, bytes)
		}
		if _, err := client.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: name}); err != nil {
			t.Fatal(err)
		}
	}
	peak, err := peakMemory(p.cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if most := limit + limit/4 + 128<<20; peak > most {
		t.Errorf("the process had %d bytes of memory, more than %d", peak, most)
	}
	t.Logf("at most %d MiB of memory for %d MiB held", peak>>20, limit>>20)
}

// peakMemory is the most memory that a process has had.
func peakMemory(id int) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
	if err != nil {
		return 0, err
	}
	match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if match == nil {
		return 0, errors.New("/proc does not tell the memory of processes")
	}
	kib, err := strconv.Atoi(string(match[1]))
	return kib << 10, err
}
