package producer_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/java"
	"clickstream/emulator"
	"clickstream/producer"
)

// needs skips a test for want of something, and fails it where nothing may be wanting.
func needs(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// kcl returns the java to run and the classpath of the KCL for Java.
func kcl(t *testing.T) (program, classpath string) {
	t.Helper()
	program, err := java.Find("")
	if err == nil {
		var modules []byte
		if modules, err = exec.CommandContext(t.Context(), program, "--list-modules").Output(); err == nil && !bytes.Contains(modules, []byte("jdk.compiler")) {
			err = fmt.Errorf("%s has no compiler", program)
		}
	}
	if err != nil {
		needs(t, "%v (on Debian: apt-get install default-jdk-headless)", err)
	}
	lock, err := jars.Embedded("")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	set, err := jars.Ensure(ctx, jars.Options{Lock: lock, Repository: os.Getenv(jars.RepositoryEnvironment)})
	if err != nil {
		needs(t, "the jars of the KCL cannot be fetched (%v): set %s to a Maven repository that can be reached", err, jars.RepositoryEnvironment)
	}
	return program, strings.Join(set.ClassPath(), string(filepath.ListSeparator))
}

// TestTheJavaKCLReadsOurAggregates has the KCL's own code take apart what the producer put into a stream of three shards.
func TestTheJavaKCLReadsOurAggregates(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starting Java is left out with -short")
	}
	program, classpath := kcl(t)
	w := newWorld(t, 3, emulator.Options{})
	p := mustNew(t, w, producer.Options{Aggregate: true, AggregateBytes: 5000, Linger: time.Hour})
	want := map[string]int{}
	encode := base64.StdEncoding.EncodeToString
	for i := range 3000 {
		r := producer.Record{PartitionKey: fmt.Sprintf("resource-%d", i%200), Data: fmt.Appendf(nil, `{"n":%d}`, i)}
		switch i % 10 {
		case 0:
			r.PartitionKey = strings.Repeat("страница 🙂 ", 10) + fmt.Sprint(i%50)
		case 1:
			r.ExplicitHashKey = fmt.Sprintf("%d%037d", i%34, i)
			if r.ExplicitHashKey[0] == '0' {
				r.ExplicitHashKey = "0"
			}
		case 2:
			r.Data = []byte{}
		case 3:
			r.Data = bytes.Repeat([]byte{0, 0xff, byte(i)}, i%900) // some are too large to be packed
		}
		want[encode([]byte(r.PartitionKey))+" "+r.ExplicitHashKey+" "+encode(r.Data)]++
		mustPut(t, p, r, nil)
	}
	mustClose(t, p)

	shards, err := w.emulator.Kinesis().Shards(stream)
	if err != nil {
		t.Fatal(err)
	}
	ranges := map[string]string{}
	for _, s := range shards {
		ranges[s.ShardId] = s.HashKeyRange.StartingHashKey + " " + s.HashKeyRange.EndingHashKey
	}
	stored, err := w.emulator.Kinesis().Records(stream)
	if err != nil {
		t.Fatal(err)
	}
	var in bytes.Buffer
	for _, r := range stored {
		fmt.Fprintf(&in, "%s %s %s\n", ranges[r.ShardID], encode([]byte(r.PartitionKey)), encode(r.Data))
	}
	command := exec.CommandContext(t.Context(), program, "-cp", classpath, "testdata/Deaggregate.java")
	var out, complaints bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = &in, &out, &complaints
	if err := command.Run(); err != nil {
		t.Fatalf("java: %v\n%s", err, complaints.String())
	}
	got := map[string]int{}
	for line := range strings.Lines(out.String()) {
		got[strings.TrimSuffix(line, "\n")]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%.2000s", diff)
	}
	if n := len(stored); n > 700 {
		t.Errorf("%d Kinesis records", n)
	}
}
