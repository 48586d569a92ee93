package deploy_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clickstream/emulator"
)

const (
	producerUnit = "clickstream-producer.service"
	consumerUnit = "clickstream-consumer.service"
	drainUnit    = "clickstream-drain.service"
)

// TestInstances boots producers and consumers by the launch templates' user data, as moto's CloudFormation has filled it in, in root file
// systems with systemd. They come up, are killed, halted, stopped, and taken away by Auto Scaling; verify finds nothing missing and nothing twice.
// Amazon Linux's own lines, which install packages, call a stub.
func TestInstances(t *testing.T) {
	t.Parallel()
	needMachines(t)
	program := filepath.Join(t.TempDir(), "clickstream")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "clickstream")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	jars := filepath.Join(t.TempDir(), "jars")
	if out, err := exec.CommandContext(t.Context(), program, "bootstrap", "bundle", jars).CombinedOutput(); err != nil {
		needs(t, "the jars of the Java daemon cannot be fetched, set CLICKSTREAM_MAVEN_REPOSITORY: "+string(out))
	}
	t.Run("java", func(t *testing.T) {
		t.Parallel()
		f := newFleet(t, "java", program, jars)
		f.comeUp([]string{"install -y -q java-21-amazon-corretto-headless", "install -y -q amazon-cloudwatch-agent"})
		f.kill()
		f.scaleIn()
		f.stop()
	})
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		f := newFleet(t, "go", program, jars)
		f.comeUp([]string{"install -y -q amazon-cloudwatch-agent"})
		f.reboot()
		f.scaleIn()
	})
}

// needMachines skips the test where machines cannot be booted.
func needMachines(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("machines are left out with -short")
	}
	if os.Geteuid() != 0 {
		needs(t, "only root can boot machines with systemd-nspawn")
	}
	for _, name := range []string{"systemd-nspawn", "ip", "nsenter"} {
		if _, err := exec.LookPath(name); err != nil {
			needs(t, name+" is not here: run deploy/rootfs.sh as root on a Debian machine")
		}
	}
	if _, err := os.Stat("../.tools/rootfs"); err != nil {
		needs(t, "no root file system is here: run deploy/rootfs.sh as root on a Debian machine")
	}
}

// fleet is a stack with one producer and one consumer.
type fleet struct {
	*testing.T
	*account
	program, stream, bucket string
	producer, consumer      *machine
}

func newFleet(t *testing.T, daemon, program, jars string) *fleet {
	t.Helper()
	binary, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(binary)
	m := startMoto(t)
	s := m.change(t, "create-stack", with(map[string]string{
		"ConsumerDaemon": daemon, "ProgramSha256": hex.EncodeToString(digest[:]),
		"S3BufferSizeInBytes": "50000", "ProducerPutRecordsBatchSize": "25", // some 35 kB/s: an object every few seconds
	}))
	f := &fleet{T: t, program: program, stream: s.output("StreamName"), bucket: s.output("BucketName")}
	f.account = newAccount(t, emulator.Setup{
		Streams: []emulator.StreamSetup{{Name: f.stream, Shards: 2}},
		Buckets: []emulator.BucketSetup{{Name: f.bucket}, {Name: "programs"}},
	})
	for key, path := range map[string]string{"clickstream": program, "jars": jars} {
		f.put("programs/"+key, path)
	}
	id := strconv.Itoa(os.Getpid())
	f.producer = newMachine(t, f.account, "producer-"+daemon+"-"+id, m.instances(t, "clicks-producers").Script)
	// The KCL waits for minutes when an application is new, and after a kill.
	quick := strings.NewReplacer("metricsLevel = SUMMARY\n", "metricsLevel = SUMMARY\nfailoverTimeMillis = 2000\nshardSyncIntervalMillis = 1\n"+
		"leaseAssignmentIntervalMillis = 1000\nworkerMetricsReporterFreqInMillis = 1000\n")
	f.consumer = newMachine(t, f.account, "consumer-"+daemon+"-"+id, quick.Replace(m.instances(t, "clicks-consumers").Script))
	return f
}

func (f *fleet) put(key, path string) {
	f.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	request, err := http.NewRequestWithContext(f.Context(), http.MethodPut, f.url+"/"+key, bytes.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		f.Fatal(err)
	}
	if _ = response.Body.Close(); response.StatusCode != http.StatusOK {
		f.Fatalf("PUT %s: %s", key, response.Status)
	}
}

// comeUp boots both machines and waits until they have signalled that their services run.
func (f *fleet) comeUp(packages []string) {
	f.Helper()
	f.producer.boot()
	f.consumer.boot()
	for m, resource := range map[*machine]string{f.producer: "Producers", f.consumer: "Consumers"} {
		eventually(f.T, m.name+" signals", func() bool { return m.read("var/log/cfn-signal") != "" })
		if got, want := m.read("var/log/cfn-signal"), "--exit-code 0 --stack clicks --resource "+resource+" --region us-east-1\n"; got != want {
			f.Fatalf("%s calls cfn-signal with %q, not %q", m.name, got, want)
		}
		if calls := m.read("var/log/agent"); !strings.Contains(calls, "-c file:/etc/clickstream/logs.json") {
			f.Errorf("%s calls the CloudWatch agent with %q", m.name, calls)
		}
	}
	if got := strings.Split(strings.TrimSpace(f.consumer.read("var/log/dnf")), "\n"); !slices.Equal(got, packages) {
		f.Errorf("the consumer calls dnf with %q", got)
	}
	f.moreObjects(4)
}

// kill kills the main processes, which systemd starts again.
func (f *fleet) kill() {
	f.Helper()
	for m, service := range map[*machine]string{f.producer: producerUnit, f.consumer: consumerUnit} {
		before := m.unit(service)
		m.do("kill", "--signal=KILL", "--kill-who=main", service)
		eventually(f.T, service+" runs again", func() bool {
			now := m.unit(service)
			return now.state == "active" && now.restarts == before.restarts+1 && now.main != before.main && now.main != 0
		})
	}
	f.moreObjects(4)
}

// stopped: the service is, and did so by itself and in time.
func (m *machine) stopped(service string) {
	m.Helper()
	if u := m.unit(service); u.state != "inactive" || u.result != "success" {
		m.Errorf("%s is %s, its end is a %s", service, u.state, u.result)
	}
}

// stop starts the consumer after the producer's end, waits until it has every record of the stream, and stops it.
func (f *fleet) stop() {
	f.Helper()
	missing := f.sent() - f.verify()
	f.consumer.do("start", consumerUnit)
	f.stopAtEnd(missing)
}

// stopAtEnd stops the consumer when it has got so many records, the rest of the stream: all are stored then, though none of the last
// batches is full or old.
func (f *fleet) stopAtEnd(missing int) {
	f.Helper()
	eventually(f.T, strconv.Itoa(missing)+" records have reached the record processors", func() bool { return f.consumer.received() == missing })
	f.consumer.do("stop", consumerUnit)
	f.consumer.stopped(consumerUnit)
	if stored := f.verify(); stored != f.sent() {
		f.Errorf("%d of %d records are stored", stored, f.sent())
	}
}

// reboot halts the consumer while it is busy, which drains it, and boots it again: its services come up without the user data.
func (f *fleet) reboot() {
	f.Helper()
	f.consumer.halt()
	f.producer.do("stop", producerUnit)
	f.producer.stopped(producerUnit)
	missing := f.sent() - f.verify()
	if missing == 0 {
		f.Error("nothing is left for the machine to do: this shows nothing")
	}
	f.consumer.boot()
	f.stopAtEnd(missing)
	if signals := f.consumer.read("var/log/cfn-signal"); strings.Count(signals, "\n") != 1 {
		f.Errorf("the user data has run again: %s", signals)
	}
}

// scaleIn has Auto Scaling want both instances gone: they stop their services, and then say that they may go.
func (f *fleet) scaleIn() {
	f.Helper()
	services := map[*machine]string{f.producer: producerUnit, f.consumer: consumerUnit}
	for m, service := range services {
		m.do("start", service)
	}
	f.moreObjects(2)
	for m := range services {
		m.metadata.set("Terminated")
	}
	for m, service := range services {
		group := "clicks-" + strings.SplitN(m.name, "-", 2)[0] + "s"
		eventually(f.T, m.name+" lets itself go", func() bool { return f.completes(m.metadata.instance, group) > 0 })
		m.stopped(service)
		eventually(f.T, m.name+" is done draining", func() bool { return m.unit(drainUnit).state == "inactive" })
		if n := f.completes(m.metadata.instance, group); n != 1 {
			f.Errorf("%s has let itself go %d times", m.name, n)
		}
	}
	f.verify()
}

// moreObjects waits until so many more objects are stored.
func (f *fleet) moreObjects(more int) {
	f.Helper()
	objects := func() int {
		keys := f.S3().Keys(f.bucket)
		return len(slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !strings.HasPrefix(key, "shardId-") }))
	}
	want := objects() + more
	eventually(f.T, strconv.Itoa(want)+" objects are stored", func() bool { return objects() >= want })
}

// sent is how many records the stream has.
func (f *fleet) sent() int {
	f.Helper()
	records, err := f.Kinesis().Records(f.stream)
	if err != nil {
		f.Fatal(err)
	}
	return len(records)
}

var storedRecords = regexp.MustCompile(`(\d+) stored / 0 missing / 0 twice`)

// verify returns how many records are stored; none may be missing or twice.
func (f *fleet) verify() int {
	f.Helper()
	command := exec.CommandContext(f.Context(), f.program, "verify", "--stream", f.stream, "--bucket", f.bucket, "--application", "clickstream-sample")
	command.Dir = f.TempDir()
	command.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+f.url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1")
	out, err := command.CombinedOutput()
	match := storedRecords.FindSubmatch(out)
	if err != nil || match == nil {
		f.Fatalf("clickstream verify: %v\n%s", err, out)
	}
	n, _ := strconv.Atoi(string(match[1]))
	f.Logf("%d sent / %s", f.sent(), match[0])
	return n
}
