//go:build linux

package main

import (
	"bufio"
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
	body, _ := io.ReadAll(request.Body)
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
		r.seen[jsonAccess(target, operation, body)] = true
	case strings.HasPrefix(form, "application/x-www-form-urlencoded"):
		if bytes.Contains(body, []byte("Action=PutMetricData")) {
			r.seen[access{"cloudwatch:PutMetricData", ""}] = true
		} // GetCallerIdentity is for everybody, and the policy simulator need not be allowed
	default:
		r.s3(request, body)
	}
}

// jsonAccess is what a call of Kinesis or DynamoDB needs.
func jsonAccess(target, operation string, body []byte) access {
	var in struct{ StreamName, StreamARN, ConsumerARN, TableName, IndexName string }
	_ = json.Unmarshal(body, &in) // CBOR tells no names
	arn := func(service, name string) string {
		return "arn:aws:" + service + ":" + recordedRegion + ":" + recordedAccount + ":" + name
	}
	switch {
	case strings.HasPrefix(target, "DynamoDB_"):
		table := arn("dynamodb", "table/"+in.TableName)
		if in.IndexName != "" {
			table += "/index/" + in.IndexName
		}
		return access{"dynamodb:" + operation, table}
	case in.ConsumerARN != "":
		return access{"kinesis:" + operation, in.ConsumerARN}
	case in.StreamARN != "":
		return access{"kinesis:" + operation, in.StreamARN}
	case in.StreamName != "":
		return access{"kinesis:" + operation, arn("kinesis", "stream/"+in.StreamName)}
	}
	return access{"kinesis:" + operation, ""}
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

// needless are the actions of the policy that no run of this test takes, and who takes them.
var needless = map[string]string{
	"s3:ListBucketVersions":  "cleanup, in a bucket that keeps versions",
	"s3:GetObjectVersion":    "cleanup, in a bucket that keeps versions",
	"s3:DeleteObjectVersion": "cleanup and doctor, in a bucket that keeps versions",
	"kms:GenerateDataKey":    "S3 for consume, where kmsKeyId is set",
	"kms:Decrypt":            "S3 for consume, verify and cleanup, where kmsKeyId is set",
}

// TestPolicyAllowsEveryCallAndNoMore runs the pipeline, every command with what iam prints for it, and reads the recordings of the Java daemon.
func TestPolicyAllowsEveryCallAndNoMore(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the pipeline twice; left out with -short")
	}
	all := map[access]bool{}
	for _, mode := range []string{"POLLING", "FANOUT"} {
		p := newPermitted(t, mode)
		maps.Copy(all, p.pipeline())
		java := p.javaCalls()
		p.mustAllow("bootstrap", java)
		maps.Copy(all, java)
	}
	taken := map[string]bool{}
	for a := range all {
		taken[a.action] = true
	}
	for _, mode := range []string{"POLLING", "FANOUT"} {
		p := newPermitted(t, mode)
		for _, statement := range p.iam("all", "--server-side-encryption", "aws:kms", "--kms-key-id", "k").Statement {
			for _, action := range statement.Action {
				if !taken[action] && needless[action] == "" {
					t.Errorf("nobody takes %s on %v", action, statement.Resource)
				}
				if taken[action] && needless[action] != "" {
					t.Errorf("%s is taken, so it needs no excuse", action)
				}
			}
		}
	}
}

// permitted is one application before a recorder.
type permitted struct {
	*testing.T
	*recorder
	file string
}

func newPermitted(t *testing.T, mode string) *permitted {
	t.Helper()
	p := &permitted{T: t, recorder: &recorder{emulator: emulator.RunT(t), seen: map[access]bool{}}, file: filepath.Join(t.TempDir(), "sample.properties")}
	server := httptest.NewServer(p.recorder)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": recordedRegion,
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	text := "streamName = clicks\napplicationName = clicks\nbucket = objects\nobjectTags = team=clicks\nmaxBufferAgeMillis = 100\n" +
		"idleTimeBetweenReadsInMillis = 10\nfailoverTimeMillis = 1000\nexecutableName = clickstream consume -p " + p.file + "\nretrievalMode = " + mode + "\n"
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// pipeline runs every command, each only with what its policy allows, and returns all accesses.
func (p *permitted) pipeline() map[access]bool {
	p.Helper()
	all := map[access]bool{}
	ran := func(purpose string) {
		p.Helper()
		seen := p.take(p.T)
		p.mustAllow(purpose, seen)
		maps.Copy(all, seen)
	}
	p.command("produce", "-p", p.file, "--records", "300", "--tps", "0", "--batch", "100")
	ran("produce")
	p.runDaemon(300)
	ran("daemon")
	p.command("verify", "-p", p.file)
	ran("verify")
	p.command("bootstrap", "doctor", "-p", p.file, "--java", p.someJava())
	ran("bootstrap")
	p.unfinishedUpload()
	p.command("cleanup", "-p", p.file, "--yes")
	ran("cleanup")
	return all
}

// command runs a command to its end, which must be a good one.
func (p *permitted) command(args ...string) string {
	p.Helper()
	var out, problems bytes.Buffer
	if code := run(append([]string{"clickstream"}, args...), strings.NewReader(""), &out, &problems); code != 0 {
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

// runDaemon runs the daemon until it has checkpointed so many records.
func (p *permitted) runDaemon(records int64) {
	p.Helper()
	daemon := clickstream(p.T, "daemon", "-p", p.file)
	daemon.until("all records are stored", func() bool {
		stored := int64(0)
		for _, item := range p.emulator.DynamoDB().Items("clicks") {
			n, _ := p.emulator.Kinesis().RecordsThrough("clicks", item["leaseKey"].Text(), item["checkpoint"].Text())
			stored += n
		}
		return stored == records
	})
	_ = daemon.cmd.Process.Signal(syscall.SIGTERM)
	if code := daemon.exitCode(); code != 143 && code != 0 {
		p.Fatalf("the daemon ended with %d:\n%s", code, daemon.output.String())
	}
}

// unfinishedUpload begins an upload as a tool that was killed would have.
func (p *permitted) unfinishedUpload() {
	p.Helper()
	request := httptest.NewRequestWithContext(p.Context(), http.MethodPost, "/objects/shardId-000000000000/1-2?uploads", nil)
	answer := httptest.NewRecorder()
	p.emulator.Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		p.Fatalf("the upload: %d %s", answer.Code, answer.Body.String())
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

// allows is what IAM does with a policy, as far as this one goes.
func allows(document *policy.Document, a access) bool {
	return slices.ContainsFunc(document.Statement, func(s policy.Statement) bool {
		return s.Effect == "Allow" && slices.Contains(s.Action, a.action) && slices.ContainsFunc(s.Resource, func(pattern string) bool {
			quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
			return a.resource == "" || regexp.MustCompile("^"+quoted+"$").MatchString(a.resource)
		})
	})
}

// javaCalls is what the Java daemon calls: of DynamoDB as recorded, of the others as its documentation and its recordings agree.
func (p *permitted) javaCalls() map[access]bool {
	p.Helper()
	calls := map[access]bool{{"cloudwatch:PutMetricData", ""}: true}
	stream := "arn:aws:kinesis:" + recordedRegion + ":" + recordedAccount + ":stream/clicks"
	text, err := os.ReadFile(p.file)
	if err != nil {
		p.Fatal(err)
	}
	kinesis := []string{"ListShards", "GetShardIterator", "GetRecords"}
	if bytes.Contains(text, []byte("FANOUT")) {
		kinesis = []string{"ListShards", "DescribeStreamSummary", "DescribeStreamConsumer", "RegisterStreamConsumer"}
		for _, operation := range []string{"DescribeStreamConsumer", "SubscribeToShard"} {
			calls[access{"kinesis:" + operation, stream + "/consumer/clicks:1795378421"}] = true
		}
	}
	for _, operation := range kinesis {
		calls[access{"kinesis:" + operation, stream}] = true
	}
	recordings, err := filepath.Glob("emulator/dynamodb/testdata/kcl*.txt")
	if err != nil || len(recordings) == 0 {
		p.Fatalf("no recordings: %v", err)
	}
	for _, name := range recordings {
		file, err := os.Open(name)
		if err != nil {
			p.Fatal(err)
		}
		lines := bufio.NewScanner(file)
		for lines.Buffer(nil, 1<<20); lines.Scan(); {
			call, found := strings.CutPrefix(lines.Text(), "call ")
			operation, body, _ := strings.Cut(call, " ")
			// Some recordings have a second application in them.
			if a := jsonAccess("DynamoDB_20120810", operation, []byte(body)); found && strings.Contains(a.resource, ":table/clicks") {
				calls[a] = true
			}
		}
		if err := lines.Err(); err != nil {
			p.Fatal(fmt.Errorf("%s: %w", name, err))
		}
		_ = file.Close()
	}
	return calls
}
