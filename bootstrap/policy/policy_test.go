package policy_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"clickstream/bootstrap/policy"
	"clickstream/internal/exit"
)

// isolate takes away what the machine says about AWS, and names an endpoint that nobody may ask.
func isolate(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "CLICKSTREAM_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Chdir(t.TempDir())
}

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	app := &cli.App{Writer: &out, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{policy.Command()}}
	err := app.RunContext(t.Context(), append([]string{"clickstream", "iam"}, args...))
	return out.String(), err
}

// printed runs the command for account 123456789012 and returns the statements by their names.
func printed(t *testing.T, args ...string) map[string]policy.Statement {
	t.Helper()
	text, err := run(t, append([]string{"--account", "123456789012", "--region", "us-east-1"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	var document policy.Document
	if err := json.Unmarshal([]byte(text), &document); err != nil || document.Version != "2012-10-17" {
		t.Fatalf("%v:\n%s", err, text)
	}
	statements := map[string]policy.Statement{}
	for _, s := range document.Statement {
		if _, twice := statements[s.Sid]; twice || s.Effect != "Allow" || len(s.Action) == 0 || len(s.Resource) == 0 || !slices.IsSorted(s.Action) {
			t.Errorf("statement %+v", s)
		}
		if strings.Trim(s.Sid, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			t.Errorf("IAM takes letters and digits in a Sid, not %q", s.Sid)
		}
		statements[s.Sid] = s
	}
	return statements
}

func TestWhoGetsWhat(t *testing.T) {
	isolate(t)
	for purpose, want := range map[string][]string{
		"produce": {"Stream"},
		"consume": {"Bucket", "Claims", "Markers", "Objects", "RejectedRecords", "Stream"},
		"daemon":  {"Bucket", "Claims", "LeaseTable", "Markers", "Objects", "RejectedRecords", "Stream"},
		"bootstrap": {
			"Bucket", "Claims", "CoordinatorTable", "LeaseTable", "LeaseTableIndex", "Markers", "Metrics", "Objects", "Probe", "RejectedRecords", "Stream",
			"WorkerMetricsTable",
		},
		"verify":         {"Bucket", "EveryObject", "LeaseTable", "Stream"},
		"cleanup":        {"Bucket", "CoordinatorTable", "EveryObject", "LeaseTable", "Stream", "WorkerMetricsTable"},
		"produce,verify": {"Bucket", "EveryObject", "LeaseTable", "Stream"},
	} {
		var got []string
		for sid := range printed(t, "--for", purpose) {
			got = append(got, sid)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", purpose, diff)
		}
	}
	produce := policy.Statement{
		Sid: "Stream", Effect: "Allow", Resource: []string{"arn:aws:kinesis:us-east-1:123456789012:stream/clickstream-sample"},
		Action: []string{"kinesis:CreateStream", "kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecords"},
	}
	if diff := cmp.Diff(produce, printed(t, "--for", "produce")["Stream"]); diff != "" {
		t.Errorf("produce (-want +got):\n%s", diff)
	}
}

func TestSettingsMakeTheResources(t *testing.T) {
	isolate(t)
	if err := os.WriteFile("java.properties", []byte("applicationName=app\nworkerMetricsTableName=workers\nfanoutConfig.consumerName=reader"), 0o600); err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:kinesis:eu-west-1:111111111111:stream/clicks"
	for _, test := range []struct {
		args []string
		sid  string
		want []string // nil: there is no such statement
	}{
		{[]string{"--stream-arn", arn}, "Stream", []string{arn}},
		{[]string{"--region", "cn-north-1"}, "Stream", []string{"arn:aws-cn:kinesis:cn-north-1:123456789012:stream/clickstream-sample"}},
		{[]string{"--region", "us-gov-west-1", "--bucket", "bkt"}, "Bucket", []string{"arn:aws-us-gov:s3:::bkt"}},
		{nil, "StreamConsumer", nil},
		{[]string{"--retrieval-mode", "FANOUT"}, "StreamConsumer", []string{"arn:aws:kinesis:us-east-1:123456789012:stream/clickstream-sample/consumer/clickstream-sample:*"}},
		{[]string{"--retrieval-mode", "DEFAULT", "-p", "java.properties"}, "StreamConsumer", []string{"arn:aws:kinesis:us-east-1:123456789012:stream/clickstream-sample/consumer/reader:*"}},
		{[]string{"--table-name", "leases"}, "LeaseTable", []string{"arn:aws:dynamodb:us-east-1:123456789012:table/leases"}},
		{[]string{"--table-name", "leases"}, "LeaseTableIndex", []string{"arn:aws:dynamodb:us-east-1:123456789012:table/leases/index/LeaseOwnerToLeaseKeyIndex"}},
		{[]string{"-p", "java.properties"}, "CoordinatorTable", []string{"arn:aws:dynamodb:us-east-1:123456789012:table/app-CoordinatorState"}},
		{[]string{"-p", "java.properties"}, "WorkerMetricsTable", []string{"arn:aws:dynamodb:us-east-1:123456789012:table/workers"}},
		{nil, "Bucket", []string{"arn:aws:s3:::clickstream-123456789012-us-east-1"}},
		{[]string{"--bucket-region", "eu-west-1"}, "Bucket", []string{"arn:aws:s3:::clickstream-123456789012-eu-west-1"}},
		{[]string{"--bucket", "bkt"}, "Objects", []string{"arn:aws:s3:::bkt/shardId-*/*-*"}},
		{[]string{"--bucket", "bkt", "--application", "app", "--key-template", "{application}/{stream}/y={year}/{shardId}/{first}-{last}.gz"}, "Objects", []string{"arn:aws:s3:::bkt/app/clickstream-sample/y=*/shardId-*/*-*.gz"}},
		{[]string{"--bucket", "bkt", "--application", "app"}, "Claims", []string{"arn:aws:s3:::bkt/_claims/app/*"}},
		{[]string{"--bucket", "bkt", "--application", "app"}, "Markers", []string{"arn:aws:s3:::bkt/_clickstream/owner"}},
		{[]string{"--bucket", "bkt", "--application", "app", "--key-template", "{application}/{shardId}/{first}-{last}"}, "Markers", []string{
			"arn:aws:s3:::bkt/_clickstream/owner", "arn:aws:s3:::bkt/_clickstream/applications/app",
		}},
		{[]string{"--bucket", "bkt"}, "EveryObject", []string{"arn:aws:s3:::bkt/*"}},
		{[]string{"--bucket", "bkt", "--application", "app", "--key-template", "{application}/{shardId}/{first}-{last}"}, "EveryObject", []string{
			"arn:aws:s3:::bkt/app/shardId-*/*-*", "arn:aws:s3:::bkt/_claims/app/*", "arn:aws:s3:::bkt/_errors/app/*", "arn:aws:s3:::bkt/_clickstream/owner",
			"arn:aws:s3:::bkt/_clickstream/applications/app", "arn:aws:s3:::bkt/_clickstream/probe/*",
		}},
		{nil, "EncryptionKey", nil},
		{[]string{"--server-side-encryption", "aws:kms", "--kms-key-id", "1234abcd"}, "EncryptionKey", []string{"arn:aws:kms:us-east-1:123456789012:key/1234abcd"}},
		{[]string{"--server-side-encryption", "aws:kms", "--kms-key-id", "arn:aws:kms:eu-west-1:111111111111:key/k"}, "EncryptionKey", []string{"arn:aws:kms:eu-west-1:111111111111:key/k"}},
		{[]string{"--server-side-encryption", "aws:kms", "--kms-key-id", "alias/clicks"}, "EncryptionKey", []string{"arn:aws:kms:us-east-1:123456789012:key/*"}},
		{[]string{"--metrics-level", "NONE"}, "Metrics", nil},
		{nil, "Metrics", []string{"*"}},
	} {
		if diff := cmp.Diff(test.want, printed(t, test.args...)[test.sid].Resource); diff != "" {
			t.Errorf("%v: %s (-want +got):\n%s", test.args, test.sid, diff)
		}
	}
}

func TestConditions(t *testing.T) {
	isolate(t)
	statements := printed(t, "--application", "app", "--server-side-encryption", "aws:kms", "--kms-key-id", "arn:aws:kms:us-east-1:123456789012:alias/clicks")
	for sid, want := range map[string]map[string]string{"Metrics": {"cloudwatch:namespace": "app"}, "EncryptionKey": {"kms:RequestAlias": "alias/clicks"}} {
		if diff := cmp.Diff(map[string]map[string]string{"StringEquals": want}, statements[sid].Condition); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sid, diff)
		}
	}
}

func TestSettingsTakeActionsAway(t *testing.T) {
	isolate(t)
	for _, test := range []struct{ sid, action, without string }{
		{"Stream", "kinesis:CreateStream", "--stream-arn=arn:aws:kinesis:us-east-1:123456789012:stream/clicks"},
		{"Bucket", "s3:CreateBucket", "--create-bucket-if-not-present=false"},
		{"Bucket", "s3:DeleteBucket", "--create-bucket-if-not-present=false"},
	} {
		if with := printed(t)[test.sid]; !slices.Contains(with.Action, test.action) {
			t.Errorf("%s is not in %+v", test.action, with)
		}
		if without := printed(t, test.without)[test.sid]; slices.Contains(without.Action, test.action) {
			t.Errorf("with %s, %s is in %+v", test.without, test.action, without)
		}
	}
	if tagged := printed(t, "--object-tags", "a=b")["Objects"]; !slices.Contains(tagged.Action, "s3:PutObjectTagging") {
		t.Errorf("with tags: %+v", tagged)
	}
	fanOut := printed(t, "--for", "daemon", "--retrieval-mode", "FANOUT")
	if got := fanOut["Stream"].Action; slices.Contains(got, "kinesis:GetRecords") || !slices.Contains(got, "kinesis:RegisterStreamConsumer") {
		t.Errorf("with fan-out: %v", got)
	}
}

func TestAccount(t *testing.T) {
	isolate(t)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>999999999999</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	foreign := "arn:aws:kinesis:us-east-1:111111111111:stream/clicks" // read by this account, whose tables keep the leases
	for _, test := range []struct {
		args          []string
		stream, table string
	}{
		{nil, "us-east-1:999999999999:stream/", "us-east-1:999999999999:table/"},
		{[]string{"--stream-arn", foreign}, foreign, "us-east-1:999999999999:table/"},
		{[]string{"--account", "222222222222"}, "us-east-1:222222222222:stream/", "us-east-1:222222222222:table/"},
	} {
		if out, err := run(t, append(test.args, "--for", "daemon")...); err != nil || !strings.Contains(out, test.stream) || !strings.Contains(out, test.table) {
			t.Errorf("%v: %v:\n%s", test.args, err, out)
		}
	}
}

func TestMistakesGetASentence(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for want, args := range map[string][]string{
		`--for knows no "dance", only produce consume bootstrap daemon cleanup verify all`: {"--for", "produce,dance"},
		"an AWS account is a number of 12 digits":                                          {"--account", "me"},
		"takes no arguments":          {"produce"},
		"there is no properties file": {"-p", "none.properties"},
	} {
		if out, err := run(t, args...); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%v: error %v with code %d, output %q", args, err, exit.Code(err), out)
		}
	}
	if out, err := run(t); exit.Code(err) != exit.Failed || !strings.Contains(err.Error(), "--account names it without asking") || out != "" {
		t.Errorf("without an answer: error %v with code %d, output %q", err, exit.Code(err), out)
	}
}
