//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/policy"
	"clickstream/emulator"
)

// access is one action on one resource, as IAM names them. The resource is "" where the call does not tell it.
type access struct{ action, resource string }

// recorder notes what every call to an emulator needs to be allowed.
type recorder struct {
	emulator *emulator.Emulator

	mutex sync.Mutex
	seen  map[access]bool
	odd   []string // calls that it does not know
}

const (
	recordedAccount = "000000000000"
	recordedRegion  = "us-east-1"
)

// s3Actions are the actions that S3's operations need, where they are not called the same.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
var s3Actions = map[string]string{
	"AbortMultipartUpload": "s3:AbortMultipartUpload", "CreateBucket": "s3:CreateBucket", "DeleteBucket": "s3:DeleteBucket",
	"DeleteObject": "s3:DeleteObject", "DeleteObjects": "s3:DeleteObject", "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
	"GetBucketVersioning": "s3:GetBucketVersioning", "GetObject": "s3:GetObject", "HeadBucket": "s3:ListBucket", "HeadObject": "s3:GetObject",
	"ListMultipartUploads": "s3:ListBucketMultipartUploads", "ListObjectsV2": "s3:ListBucket",
	"PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration", "PutObject": "s3:PutObject",
}

// ServeHTTP notes the call and has the emulator answer it.
func (r *recorder) ServeHTTP(rw http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // broken off: its caller was stopped
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	r.note(request, body)
	r.emulator.Handler().ServeHTTP(rw, request)
}

func (r *recorder) note(request *http.Request, body []byte) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	target, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	form := request.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(target, "Kinesis_"), strings.HasPrefix(target, "DynamoDB_"):
		for _, a := range callAccess(target, operation, form, body) {
			r.seen[a] = true
		}
	case strings.HasPrefix(form, "application/x-www-form-urlencoded"):
		if bytes.Contains(body, []byte("Action=PutMetricData")) {
			r.seen[access{"cloudwatch:PutMetricData", ""}] = true
		} // GetCallerIdentity is for everybody, and the policy simulator need not be allowed
	default:
		r.s3(request, body)
	}
}

// callAccess is what a call of Kinesis or DynamoDB needs.
func callAccess(target, operation, form string, body []byte) []access {
	var in struct{ StreamName, StreamARN, ConsumerARN, ConsumerName, TableName, IndexName string }
	if strings.Contains(form, "cbor") {
		_ = cbor.Unmarshal(body, &in)
	} else {
		_ = json.Unmarshal(body, &in)
	}
	arn := func(service, name string) string {
		return "arn:aws:" + service + ":" + recordedRegion + ":" + recordedAccount + ":" + name
	}
	switch {
	case strings.HasPrefix(target, "DynamoDB_"):
		table := arn("dynamodb", "table/"+in.TableName)
		if in.IndexName != "" {
			table += "/index/" + in.IndexName
		}
		return []access{{"dynamodb:" + operation, table}}
	case in.ConsumerARN != "":
		return []access{{"kinesis:" + operation, in.ConsumerARN}}
	case in.ConsumerName != "": // of both resources, https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html
		return []access{{"kinesis:" + operation, in.StreamARN}, {"kinesis:" + operation, in.StreamARN + "/consumer/" + in.ConsumerName + ":0"}}
	case in.StreamARN != "":
		return []access{{"kinesis:" + operation, in.StreamARN}}
	case in.StreamName != "":
		return []access{{"kinesis:" + operation, arn("kinesis", "stream/"+in.StreamName)}}
	}
	return []access{{"kinesis:" + operation, ""}} // an iterator or a token names the stream
}

func (r *recorder) s3(request *http.Request, body []byte) {
	operation := r.emulator.S3().Operation(request)
	action, known := s3Actions[operation]
	if !known {
		r.odd = append(r.odd, "S3 "+operation)
		return
	}
	path := strings.TrimPrefix(request.URL.Path, "/")
	switch {
	case operation == "DeleteObjects":
		var in struct{ Object []struct{ Key string } }
		if err := xml.Unmarshal(body, &in); err != nil {
			r.odd = append(r.odd, err.Error())
		}
		for _, o := range in.Object {
			r.seen[access{action, "arn:aws:s3:::" + path + "/" + o.Key}] = true
		}
		return
	case request.Header.Get("X-Amz-Tagging") != "":
		r.seen[access{"s3:PutObjectTagging", "arn:aws:s3:::" + path}] = true
	}
	r.seen[access{action, "arn:aws:s3:::" + path}] = true
}

// saw reports whether the action was taken on a resource with such a name.
func (r *recorder) saw(action, resource string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for a := range r.seen {
		if a.action == action && strings.Contains(a.resource, resource) {
			return true
		}
	}
	return false
}

// take returns what was noted since the last time.
func (r *recorder) take(t *testing.T) map[access]bool {
	t.Helper()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.odd) > 0 {
		t.Errorf("calls that the test does not know: %v", r.odd)
	}
	seen := r.seen
	r.seen, r.odd = map[access]bool{}, nil
	return seen
}

// unseen are the actions of the policy, on whatever ends so where that is said, that no run of these tests takes, and who takes them.
var unseen = map[string]string{
	"dynamodb:DeleteItem -WorkerMetricStats": "the Java daemon, when another worker is gone for a day (KCL's LeaseAssignmentManager)",

	"s3:ListBucketVersions":  "cleanup, in a bucket that keeps versions",
	"s3:GetObjectVersion":    "cleanup, in a bucket that keeps versions",
	"s3:DeleteObjectVersion": "cleanup and doctor, in a bucket that keeps versions",
	"kms:GenerateDataKey":    "S3 for consume, where kmsKeyId is set",
	"kms:Decrypt":            "S3 for consume, verify and cleanup, where kmsKeyId is set",
}

// TestPolicyAllowsEveryCallAndNoMore runs every command but the Java daemon in both retrieval modes, and compares its calls with what iam prints for it.
func TestPolicyAllowsEveryCallAndNoMore(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the pipeline twice; left out with -short")
	}
	for _, mode := range []string{"POLLING", "FANOUT"} {
		t.Run(mode, func(t *testing.T) {
			p := newPermitted(t, mode)
			for _, variable := range p.environment {
				name, value, _ := strings.Cut(variable, "=")
				t.Setenv(name, value)
			}
			for purpose, seen := range p.pipeline() {
				p.mustAllow(purpose, seen)
				if purpose != "bootstrap" { // doctor is a part of it
					p.mustNeed(purpose, seen)
				}
			}
		})
	}
}

// TestPolicyAllowsEveryCallOfTheJavaDaemonAndNoMore records a run of each version of the Java daemon, in each retrieval mode, and compares. Each
// version's calls must be allowed; what is allowed must be taken by one of them, by doctor, or in a recording of a longer run, with a reshard.
func TestPolicyAllowsEveryCallOfTheJavaDaemonAndNoMore(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"POLLING", "FANOUT"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			seen, p := recordedCalls(t), (*permitted)(nil)
			for _, version := range []string{"3.1.3", "2.7.2"} {
				java := withJava(t, version)
				p = newPermitted(t, mode)
				calls := p.runJava(version, java)
				p.mustAllow("bootstrap", calls)
				maps.Copy(seen, calls)
			}
			p.process(nil, "bootstrap", "doctor", "-p", p.file, "--java", p.someJava())
			doctor := p.take(t)
			p.mustAllow("bootstrap", doctor)
			for a := range doctor {
				seen[a] = seen[a] || strings.Contains(a.resource, "/_clickstream/probe/") // the rest it tries because the policy has it
			}
			maps.DeleteFunc(seen, func(_ access, taken bool) bool { return !taken })
			p.mustNeed("bootstrap", seen)
		})
	}
}

// permitted is one application before a recorder.
type permitted struct {
	*testing.T
	*recorder
	file        string
	environment []string
}

func newPermitted(t *testing.T, mode string) *permitted {
	t.Helper()
	p := &permitted{T: t, recorder: &recorder{emulator: emulator.RunT(t), seen: map[access]bool{}}, file: filepath.Join(t.TempDir(), "sample.properties")}
	server := httptest.NewUnstartedServer(p.recorder)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true) // which the KCL's Kinesis client wants
	server.Start()
	t.Cleanup(server.Close)
	p.environment = []string{
		"AWS_ENDPOINT_URL=" + server.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=" + recordedRegion,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
	text := "streamName = clicks\napplicationName = clicks\nregionName = us-east-1\nbucket = objects\nobjectTags = team=clicks\nmaxBufferAgeMillis = 100\n" +
		"shardSyncIntervalMillis = 1\nleaseAssignmentIntervalMillis = 1000\nworkerMetricsReporterFreqInMillis = 1000\n" + // the Java daemon's
		"idleTimeBetweenReadsInMillis = 10\nfailoverTimeMillis = 1000\nexecutableName = clickstream consume -p " + p.file + "\nretrievalMode = " + mode + "\n"
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// pipeline runs the commands and returns the accesses of each purpose.
func (p *permitted) pipeline() map[string]map[access]bool {
	p.Helper()
	all := map[string]map[access]bool{}
	p.command("produce", "-p", p.file, "--records", "300", "--tps", "0", "--batch", "100")
	all["produce"] = p.take(p.T)
	daemon := func() *program { return clickstream(p.T, "daemon", "-p", p.file) }
	p.untilStored(daemon())
	p.ask("Kinesis_20131202.SplitShard", `{"StreamName": "clicks", "ShardToSplit": "shardId-000000000000", "NewStartingHashKey": "85070591730234615865843651857942052864"}`)
	p.seldom(daemon, access{"dynamodb:DeleteItem", ":table/clicks"})
	all["daemon"] = p.take(p.T)
	p.command("verify", "-p", p.file)
	all["verify"] = p.take(p.T)
	p.command("bootstrap", "doctor", "-p", p.file, "--java", p.someJava())
	all["bootstrap"] = p.take(p.T)
	p.leaveMore()
	p.command("cleanup", "-p", p.file, "--yes")
	all["cleanup"] = p.take(p.T)
	return all
}

// runJava runs the Java daemon until all records are stored, and returns its accesses.
func (p *permitted) runJava(version string, java []string) map[access]bool {
	p.Helper()
	p.process(nil, "produce", "-p", p.file, "--records", "300", "--tps", "0", "--batch", "100")
	p.take(p.T)
	environment := slices.Concat(p.environment, java)
	daemon := func() *program {
		return clickstreamWith(p.T, environment, "bootstrap", "-p", p.file, "--execute", "--kcl-version", version)
	}
	p.untilStored(daemon())
	if version == jars.DefaultVersion {
		p.seldom(daemon)
	}
	return p.take(p.T)
}

// process runs a command in a process of its own to its end, which must be a good one.
func (p *permitted) process(more []string, args ...string) {
	p.Helper()
	one := clickstreamWith(p.T, slices.Concat(p.environment, more), args...)
	if code := one.exitCode(); code != 0 {
		p.Fatalf("%v: exit code %d:\n%s", args, code, one.output.String())
	}
}

// command runs a command to its end, which must be a good one.
func (p *permitted) command(args ...string) string {
	p.Helper()
	var out, problems bytes.Buffer
	if code := run(p.Context(), append([]string{"clickstream"}, args...), strings.NewReader(""), &out, &problems); code != 0 {
		p.Fatalf("%v: exit code %d:\n%s%s", args, code, out.String(), problems.String())
	}
	return out.String()
}

// someJava is a program that calls itself Java.
func (p *permitted) someJava() string {
	p.Helper()
	name := filepath.Join(p.TempDir(), "java")
	if err := os.WriteFile(name, []byte("#!/bin/sh\necho 'openjdk version \"17\"'\n"), 0o755); err != nil {
		p.Fatal(err)
	}
	return name
}

// untilStored lets the daemon run until it has checkpointed all records, and stops it.
func (p *permitted) untilStored(daemon *program) {
	p.Helper()
	daemon.until("all records are stored", func() bool {
		stored := int64(0)
		for _, item := range p.emulator.DynamoDB().Items("clicks") {
			n, _ := p.emulator.Kinesis().RecordsThrough("clicks", item["leaseKey"].Text(), item["checkpoint"].Text())
			stored += n
		}
		return stored == 300
	})
	p.end(daemon)
}

// end stops a daemon.
func (p *permitted) end(daemon *program) {
	p.Helper()
	_ = daemon.cmd.Process.Signal(syscall.SIGTERM)
	if code := daemon.exitCode(); code != 143 && code != 0 {
		p.Fatalf("the daemon ended with %d:\n%s", code, daemon.output.String())
	}
}

// seldom has the daemon do what it seldom does, until it has taken the accesses, too: find claims and objects in its way, because its leases are
// lost, put a record apart, and begin with a bucket that somebody else has made.
func (p *permitted) seldom(daemon func() *program, also ...access) {
	p.Helper()
	p.ask("DynamoDB_20120810.DeleteTable", `{"TableName": "clicks"}`)
	p.answered(httptest.NewRequestWithContext(p.Context(), http.MethodDelete, "/objects/_clickstream/owner", nil))
	p.ask("Kinesis_20131202.PutRecord", `{"StreamName": "clicks", "PartitionKey": "a", "Data": "YQpi"}`) // two lines
	p.emulatedProduce()
	running := daemon()
	running.until("records are found stored, and one is put apart", func() bool {
		return !slices.ContainsFunc(append(also, access{"s3:PutObject", "/_errors/"}, access{"s3:GetObject", "/_claims/"}, access{"s3:GetObject", "/shardId-"}),
			func(a access) bool { return !p.saw(a.action, a.resource) })
	})
	p.end(running)
}

// emulatedProduce puts records that no policy is asked about.
func (p *permitted) emulatedProduce() {
	p.Helper()
	for i := range 100 {
		p.ask("Kinesis_20131202.PutRecord", fmt.Sprintf(`{"StreamName": "clicks", "PartitionKey": "%d", "Data": "e30="}`, i))
	}
}

// leaveMore leaves for cleanup what the Java daemon, another reader of the stream, and a tool that was killed leave behind.
func (p *permitted) leaveMore() {
	p.Helper()
	for table, key := range map[string]string{"clicks-CoordinatorState": "key", "clicks-WorkerMetricStats": "wid"} {
		p.ask("DynamoDB_20120810.CreateTable", `{"TableName": "`+table+`", "BillingMode": "PAY_PER_REQUEST",
			"AttributeDefinitions": [{"AttributeName": "`+key+`", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "`+key+`", "KeyType": "HASH"}]}`)
	}
	p.ask("Kinesis_20131202.RegisterStreamConsumer",
		`{"StreamARN": "arn:aws:kinesis:`+recordedRegion+`:`+recordedAccount+`:stream/clicks", "ConsumerName": "another"}`)
	p.answered(httptest.NewRequestWithContext(p.Context(), http.MethodPost, "/objects/shardId-000000000000/1-2?uploads", nil))
}

// ask makes a call that is not recorded.
func (p *permitted) ask(target, body string) {
	p.Helper()
	request := httptest.NewRequestWithContext(p.Context(), http.MethodPost, "/", strings.NewReader(body))
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	p.answered(request)
}

func (p *permitted) answered(request *http.Request) {
	p.Helper()
	answer := httptest.NewRecorder()
	p.emulator.Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusOK && answer.Code != http.StatusNoContent {
		p.Fatalf("%s %s: %d %s", request.Header.Get("X-Amz-Target"), request.URL, answer.Code, answer.Body.String())
	}
}

// iam prints the policy for a purpose.
func (p *permitted) iam(purpose string, more ...string) *policy.Document {
	p.Helper()
	var document policy.Document
	text := p.command(append([]string{"bootstrap", "iam", "-p", p.file, "--account", recordedAccount, "--for", purpose}, more...)...)
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		p.Fatalf("%v:\n%s", err, text)
	}
	return &document
}

func (p *permitted) mustAllow(purpose string, seen map[access]bool) {
	p.Helper()
	if len(seen) == 0 {
		p.Errorf("%s made no calls", purpose)
	}
	document := p.iam(purpose)
	for a := range seen {
		if !allows(document, a) {
			p.Errorf("the policy for %s does not allow %s on %q", purpose, a.action, a.resource)
		}
	}
}

// mustNeed: every action is taken on every resource that the policy for the purpose allows it on.
func (p *permitted) mustNeed(purpose string, seen map[access]bool) {
	p.Helper()
	for _, statement := range p.iam(purpose, "--server-side-encryption", "aws:kms", "--kms-key-id", "k").Statement {
		for _, action := range statement.Action {
			for _, resource := range statement.Resource {
				taken := slices.ContainsFunc(slices.Collect(maps.Keys(seen)), func(a access) bool { return a.action == action && a.on(resource) })
				excused := isUnseen(action, resource)
				if !taken && !excused && !seldom[purpose+" "+action] {
					p.Errorf("%s does not take %s on %s", purpose, action, resource)
				}
				if taken && excused {
					p.Errorf("%s is taken on %s, so it needs no excuse", action, resource)
				}
			}
		}
	}
}

// seldom are actions that a run takes or not: the daemon reads a lease that is gone when it writes it.
var seldom = map[string]bool{"daemon dynamodb:GetItem": true}

func isUnseen(action, resource string) bool {
	for key := range unseen {
		if name, end, _ := strings.Cut(key, " "); name == action && strings.HasSuffix(resource, end) {
			return true
		}
	}
	return false
}

// allows is what IAM does with a policy, as far as this one goes.
func allows(document *policy.Document, a access) bool {
	return slices.ContainsFunc(document.Statement, func(s policy.Statement) bool {
		return s.Effect == "Allow" && slices.Contains(s.Action, a.action) && slices.ContainsFunc(s.Resource, a.on)
	})
}

// on reports whether the access is one to what the pattern names.
func (a access) on(pattern string) bool {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	return a.resource == "" || regexp.MustCompile("^"+quoted+"$").MatchString(a.resource)
}

// recordedCalls are the calls to DynamoDB in recordings of the Java daemon.
func recordedCalls(t *testing.T) map[access]bool {
	t.Helper()
	calls := map[access]bool{}
	recordings, err := filepath.Glob("emulator/dynamodb/testdata/kcl*.txt")
	if err != nil || len(recordings) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, name := range recordings {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			call, found := strings.CutPrefix(line, "call ")
			operation, body, _ := strings.Cut(call, " ")
			// Some recordings have a second application in them.
			if a := callAccess("DynamoDB_20120810", operation, "", []byte(body))[0]; found && strings.Contains(a.resource, ":table/clicks") {
				calls[a] = true
			}
		}
	}
	return calls
}
