package doctor_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"clickstream/bootstrap/doctor"
	"clickstream/bootstrap/jars"
	"clickstream/emulator"
	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// world is a machine with Java and jars before an emulator with a stream of two shards: all in order.
type world struct {
	*testing.T
	emulator *emulator.Emulator
	clients  *awsclient.Clients
	settings map[string]string
	config   doctor.Config

	// answer, if not nil, may answer a call instead of the emulator; operation is S3's or the target's, such as Kinesis_20131202.ListShards.
	answer func(operation string, rw http.ResponseWriter, r *http.Request) bool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "CLICKSTREAM_") {
			t.Setenv(name, "")
		}
	}
	t.Chdir(t.TempDir())
	w := &world{T: t, emulator: emulator.RunT(t), settings: map[string]string{}}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "very-secret", "AWS_REGION": "us-east-1",
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "credentials"),
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(name, value)
	}
	maps.Copy(w.settings, map[string]string{"streamName": "clicks", "applicationName": "app", "bucket": "objects", "failoverTimeMillis": "100"})
	w.config = doctor.Config{Java: w.java("17.0.15"), Jars: jars.Options{Lock: &jars.Lock{KCL: "3.1.3"}, Dir: t.TempDir()}}
	w.clients = w.load()
	w.stream("clicks")
	return w
}

// ServeHTTP is the emulator, but for what answer answers.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	operation := r.Header.Get("X-Amz-Target")
	if operation == "" {
		operation = w.emulator.S3().Operation(r)
	}
	if w.answer == nil || !w.answer(operation, rw, r) {
		w.emulator.Handler().ServeHTTP(rw, r)
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) load() *awsclient.Clients {
	w.Helper()
	clients, err := awsclient.Load(w.Context(), w.properties())
	w.must(err)
	return clients
}

func (w *world) properties() *properties.Config {
	w.Helper()
	config, err := properties.Load("", w.settings)
	w.must(err)
	return config
}

// java makes a java program of that version.
func (w *world) java(version string) string {
	w.Helper()
	if runtime.GOOS == "windows" {
		w.Skip("the java of this test is a shell script")
	}
	program := filepath.Join(w.TempDir(), "java")
	w.must(os.WriteFile(program, fmt.Appendf(nil, "#!/bin/sh\necho 'openjdk version \"%s\"' >&2\n", version), 0o755))
	return program
}

func (w *world) stream(name string) {
	w.Helper()
	_, err := w.clients.Kinesis.CreateStream(w.Context(), &kinesis.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(2)})
	w.must(err)
}

func (w *world) table(name, key string) {
	w.Helper()
	_, err := w.clients.DynamoDB.CreateTable(w.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: &key, AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: &key, KeyType: types.KeyTypeHash}},
	})
	w.must(err)
}

func (w *world) lease(shard, owner string) {
	w.Helper()
	table := leases.NewTable(w.clients.DynamoDB, "app")
	w.must(table.Ensure(w.Context()))
	_, err := table.Create(w.Context(), leases.Lease{Key: shard, Owner: owner, Counter: 1, Checkpoint: leases.TrimHorizon})
	w.must(err)
}

// bucket makes the bucket, with a marker that names the application, and a rule for claims unless days is 0.
func (w *world) bucket(owner string, days int32) {
	w.Helper()
	_, err := w.clients.S3.CreateBucket(w.Context(), &s3.CreateBucketInput{Bucket: aws.String("objects")})
	w.must(err)
	body := delivery.Owner{Application: owner, Stream: "clicks"}.Encode()
	_, err = w.clients.S3.PutObject(w.Context(), &s3.PutObjectInput{Bucket: aws.String("objects"), Key: aws.String(delivery.OwnerKey), Body: bytes.NewReader(body)})
	w.must(err)
	if days > 0 {
		w.rule(s3types.LifecycleRule{Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String(delivery.ClaimPrefix)}, Expiration: &s3types.LifecycleExpiration{Days: &days}})
	}
}

func (w *world) rule(rule s3types.LifecycleRule) {
	w.Helper()
	rule.ID, rule.Status = aws.String("rule"), s3types.ExpirationStatusEnabled
	_, err := w.clients.S3.PutBucketLifecycleConfiguration(w.Context(), &s3.PutBucketLifecycleConfigurationInput{
		Bucket: aws.String("objects"), LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: []s3types.LifecycleRule{rule}},
	})
	w.must(err)
}

// refuse answers an operation of S3 as S3 does what is not allowed.
func (w *world) refuse(operation, code, message string) {
	w.answer = func(asked string, rw http.ResponseWriter, r *http.Request) bool {
		if asked == operation {
			w.emulator.S3().Fail(rw, r, http.StatusForbidden, code, message)
		}
		return asked == operation
	}
}

// check makes all checks.
func (w *world) check() *doctor.Report {
	w.Helper()
	w.config.Settings = w.properties()
	report, err := doctor.Check(w.Context(), w.config)
	w.must(err)
	return report
}

// find returns what a check found.
func (w *world) find(report *doctor.Report, check string) doctor.Finding {
	w.Helper()
	for _, f := range report.Findings {
		if f.Check == check {
			return f
		}
	}
	w.Fatalf("there is no check %q in %+v", check, report.Findings)
	return doctor.Finding{}
}

// decide is a policy simulator that decides about each action.
func (w *world) decide(decision func(action, resource string) string) {
	type member struct{ EvalActionName, EvalDecision string }
	w.answer = func(_ string, rw http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Content-Type") != "application/x-www-form-urlencoded; charset=utf-8" {
			return false
		}
		text, err := io.ReadAll(r.Body)
		w.must(err)
		r.Body = io.NopCloser(bytes.NewReader(text))
		asked := r.Clone(r.Context())
		asked.Body = io.NopCloser(bytes.NewReader(text))
		w.must(asked.ParseForm())
		if asked.Form.Get("Action") != "SimulatePrincipalPolicy" {
			return false
		}
		var members []member
		for i := 1; asked.Form.Has(fmt.Sprintf("ActionNames.member.%d", i)); i++ {
			action := asked.Form.Get(fmt.Sprintf("ActionNames.member.%d", i))
			members = append(members, member{action, decision(action, asked.Form.Get("ResourceArns.member.1")+" "+asked.Form.Get("ContextEntries.member.1.ContextKeyValues.member.1"))})
		}
		answer := struct {
			XMLName xml.Name `xml:"SimulatePrincipalPolicyResponse"`
			Members []member `xml:"SimulatePrincipalPolicyResult>EvaluationResults>member"`
		}{Members: members}
		w.must(xml.NewEncoder(rw).Encode(answer))
		return true
	}
}
