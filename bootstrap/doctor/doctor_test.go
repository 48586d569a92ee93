package doctor_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/urfave/cli/v2"

	"clickstream/bootstrap/doctor"
	"clickstream/bootstrap/jars"
	"clickstream/emulator"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
)

func TestAllIsInOrder(t *testing.T) {
	for name, prepare := range map[string]func(w *world){
		"after produce": func(*world) {},
		"after a run": func(w *world) {
			w.lease("shardId-000000000000", "worker")
			w.bucket("app", 8)
		},
		"a bucket that others share": func(w *world) {
			w.settings["keyTemplate"] = "{application}/{shardId}/{first}-{last}"
			w.bucket("other", 8)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			prepare(w)
			var out bytes.Buffer
			w.config.Settings, w.config.Out = w.properties(), &out
			if err := doctor.Run(t.Context(), w.config); err != nil || !strings.Contains(out.String(), " 0 warnings, 0 fail, ") {
				t.Errorf("%v:\n%s", err, out.String())
			}
			if strings.Contains(out.String(), "very-secret") || strings.Contains(out.String(), "remedy") {
				t.Errorf("it says too much:\n%s", out.String())
			}
			if keys := w.emulator.S3().Keys("objects"); slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, delivery.ProbePrefix) }) {
				t.Errorf("the probe is still there: %v", keys)
			}
			if items := len(w.emulator.DynamoDB().Items("app")); items > 1 {
				t.Errorf("the lease table has %d items", items)
			}
		})
	}
}

// deny makes the emulator refuse an operation from now on.
func deny(w *world, operation string) {
	w.emulator.Fail(operation, 100, &emulator.Error{Code: "AccessDeniedException", Message: "User is not authorized"})
}

func TestFindings(t *testing.T) {
	for name, test := range map[string]struct {
		breaking func(w *world)
		check    string
		status   doctor.Status
		found    string
		remedy   string
	}{
		"no java":       {func(w *world) { w.config.Java = "./none" }, "java", doctor.Fails, "no java program by --java", "install Java 8"},
		"old java":      {func(w *world) { w.config.Java = w.java("1.7.0_80") }, "java", doctor.Fails, "is version 1.7.0_80", "install Java 8"},
		"a broken java": {func(w *world) { w.config.Java = "/bin/false" }, "java", doctor.Fails, "exit status 1", "clickstream daemon"},
		"no jars": {func(w *world) {
			w.config.Jars.Lock = &jars.Lock{KCL: "3.1.3", Jars: []jars.Jar{{Group: "no.such", Artifact: "jar", Version: "1", Size: 1, SHA256: strings.Repeat("0", 64)}}}
		}, "jars", doctor.Warning, "1 of the 1 jars of KCL 3.1.3 are not in ", "clickstream bootstrap -e fetches them"},
		"a provider of SDK 1":       {func(w *world) { w.settings["AwsCredentialsProvider"] = "DefaultAWSCredentialsProviderChain" }, "credentials", doctor.Warning, "a class of AWS SDK 1", "DefaultCredentialsProvider"},
		"an emulator's credentials": {func(w *world) { w.Setenv("AWS_ACCESS_KEY_ID", ""); w.Setenv("AWS_SECRET_ACCESS_KEY", "") }, "credentials", doctor.Warning, "the Java daemon finds none", "export AWS_ACCESS_KEY_ID"},
		"another region":            {func(w *world) { w.settings["streamArn"] = "arn:aws:kinesis:eu-west-1:000000000000:stream/clicks" }, "region", doctor.Fails, "a stream in eu-west-1", "regionName = eu-west-1"},
		"no STS":                    {func(w *world) { deny(w, "STS.GetCallerIdentity") }, "identity", doctor.Warning, "access denied", "set bucket"},
		"unknown credentials": {func(w *world) {
			w.emulator.Fail("Kinesis.DescribeStreamSummary", 9, &emulator.Error{Code: "UnrecognizedClientException"})
		}, "stream", doctor.Fails, "does not know these credentials", "correct the credentials"},
		"unknown credentials, by STS": {func(w *world) {
			w.emulator.Fail("STS.GetCallerIdentity", 9, &emulator.Error{Code: "InvalidClientTokenId", Status: http.StatusForbidden})
		}, "identity", doctor.Warning, "does not know these credentials", "correct the credentials"},
		"the clock":                {clockOff(10 * time.Minute), "clock", doctor.Fails, "behind AWS's: AWS refuses", "timedatectl"},
		"the clock, a bit":         {clockOff(-2 * time.Minute), "clock", doctor.Warning, "ahead of AWS's", "timedatectl"},
		"no stream":                {func(w *world) { w.settings["streamName"] = "klicks" }, "stream", doctor.Fails, "there is no stream klicks in us-east-1", "clickstream produce"},
		"may not see the stream":   {func(w *world) { deny(w, "Kinesis.DescribeStreamSummary") }, "stream", doctor.Fails, "may not call Kinesis DescribeStreamSummary", "clickstream bootstrap iam"},
		"may not list shards":      {func(w *world) { deny(w, "Kinesis.ListShards") }, "stream", doctor.Fails, "may not call Kinesis ListShards", "clickstream bootstrap iam"},
		"somebody else's table":    {func(w *world) { w.table("app", "customer") }, "lease table", doctor.Fails, "its key is not leaseKey", "another applicationName"},
		"may not see the table":    {func(w *world) { deny(w, "DynamoDB.DescribeTable") }, "lease table", doctor.Fails, "may not call DynamoDB DescribeTable", "bootstrap iam"},
		"may not read the leases":  {func(w *world) { w.lease("shardId-000000000000", ""); deny(w, "DynamoDB.Scan") }, "lease table", doctor.Fails, "may not call DynamoDB Scan", "bootstrap iam"},
		"leases of another stream": {func(w *world) { w.lease("shardId-000000000007", "") }, "lease table", doctor.Warning, "1 for shards that the stream does not have, such as shardId-000000000007", "cleanup --only tables"},
		"no bucket":                {func(w *world) { w.settings["createBucketIfNotPresent"] = "false" }, "bucket", doctor.Fails, "objects is not there, and createBucketIfNotPresent is false", "create it"},
		"another's bucket":         {func(w *world) { w.bucket("app", 8); w.Setenv("AWS_ACCESS_KEY_ID", "111111111111") }, "bucket", doctor.Fails, "may not call S3 HeadBucket", "world-wide"},
		"another application's":    {func(w *world) { w.bucket("other", 8) }, "bucket", doctor.Fails, "belongs to application other and stream clicks", "take another bucket"},
		"may not read the marker":  {func(w *world) { w.bucket("app", 8); w.refuse("GetObject", "AccessDenied", "Access Denied") }, "bucket", doctor.Fails, "may not call S3 GetObject", "bootstrap iam"},
		"may not write":            {func(w *world) { w.bucket("app", 8); w.refuse("PutObject", "AccessDenied", "Access Denied") }, "bucket writable", doctor.Fails, "may not call S3 PutObject", "bootstrap iam"},
		"may not use the key": {func(w *world) {
			w.settings["serverSideEncryption"], w.settings["kmsKeyId"] = "aws:kms", "k"
			w.bucket("app", 8)
			w.refuse("PutObject", "AccessDenied", "not authorized to perform: kms:GenerateDataKey on resource k")
		}, "bucket writable", doctor.Fails, "encrypted by aws:kms with key k", "allow kms:GenerateDataKey"},
		"may not remove":   {func(w *world) { w.bucket("app", 8); w.refuse("DeleteObject", "AccessDenied", "Access Denied") }, "bucket writable", doctor.Warning, "it stays in the bucket", "delete it"},
		"no rule":          {func(w *world) { w.bucket("app", 0) }, "claims' lifetime", doctor.Warning, "stay for ever", "under the prefix _claims/ after 8 days"},
		"a rule too short": {func(w *world) { w.bucket("app", 7) }, "claims' lifetime", doctor.Fails, "removes claims after 7 days", "after 8 days"},
		"may not see rules": {func(w *world) {
			w.bucket("app", 8)
			w.refuse("GetBucketLifecycleConfiguration", "AccessDenied", "Access Denied")
		}, "claims' lifetime", doctor.Warning, "may not call", "bootstrap iam"},
		"retention raised": {func(w *world) {
			w.bucket("app", 8)
			_, err := w.clients.Kinesis.IncreaseStreamRetentionPeriod(w.Context(), &kinesis.IncreaseStreamRetentionPeriodInput{StreamName: aws.String("clicks"), RetentionPeriodHours: aws.Int32(168)})
			w.must(err)
		}, "claims' lifetime", doctor.Fails, "keeps records for 168 hours: was its retention raised?", "after 14 days"},
		"a rule for all": {func(w *world) {
			w.bucket("app", 0)
			w.rule(s3types.LifecycleRule{Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("")}, Expiration: &s3types.LifecycleExpiration{Days: aws.Int32(3)}})
		}, "claims' lifetime", doctor.Fails, "after 3 days", "after 8 days"},
		"may not measure":       {func(w *world) { deny(w, "CloudWatch.PutMetricData") }, "metrics", doctor.Warning, "may not send metrics", "metricsLevel = NONE"},
		"nothing to measure":    {func(w *world) { w.settings["metricsLevel"] = "NONE"; deny(w, "CloudWatch.PutMetricData") }, "metrics", doctor.OK, "metricsLevel is NONE", ""},
		"no CloudWatch":         {func(w *world) { w.emulator.Fail("CloudWatch.PutMetricData", 9, &emulator.Error{Code: "InvalidAction"}) }, "metrics", doctor.Warning, "there is no CloudWatch at http", "metricsLevel = NONE"},
		"may not write leases":  {func(w *world) { deny(w, "DynamoDB.PutItem") }, "permissions", doctor.Fails, "denied: dynamodb:PutItem on arn:aws:dynamodb:us-east-1:000000000000:table/app,", "--for bootstrap"},
		"may not read records":  {func(w *world) { deny(w, "Kinesis.GetRecords") }, "permissions", doctor.Fails, "1 denied: kinesis:GetRecords on arn:aws:kinesis:us-east-1:000000000000:stream/clicks", "--for bootstrap"},
		"may not use the index": {func(w *world) { deny(w, "DynamoDB.Query") }, "permissions", doctor.Fails, "1 denied: dynamodb:Query on arn:aws:dynamodb:us-east-1:000000000000:table/app/index/LeaseOwnerToLeaseKeyIndex", "--for bootstrap"},
		"may not read claims":   {func(w *world) { w.bucket("app", 8); w.refuse("HeadObject", "AccessDenied", "") }, "permissions", doctor.Fails, "s3:GetObject on arn:aws:s3:::objects/_claims/app/*", "--for bootstrap"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.breaking(w)
			report := w.check()
			f := w.find(report, test.check)
			if f.Status != test.status || !strings.Contains(f.Found, test.found) || !strings.Contains(f.Remedy, test.remedy) || test.remedy == "" && f.Remedy != "" {
				t.Errorf("%+v", f)
			}
			if (report.Err() != nil) != slices.ContainsFunc(report.Findings, func(f doctor.Finding) bool { return f.Status == doctor.Fails }) {
				t.Errorf("error %v", report.Err())
			}
		})
	}
}

// clockOff has AWS's clock go before this machine's.
func clockOff(by time.Duration) func(w *world) {
	return func(w *world) {
		w.answer = func(_ string, rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
			return false
		}
	}
}

func TestNoCredentials(t *testing.T) {
	w := newWorld(t)
	w.Setenv("AWS_ACCESS_KEY_ID", "")
	w.Setenv("AWS_SECRET_ACCESS_KEY", "")
	w.Setenv("AWS_ENDPOINT_URL", "http://aws.invalid")
	report := w.check()
	if f := w.find(report, "credentials"); f.Status != doctor.Fails || !strings.Contains(f.Found, "no AWS credentials were found") || f.Remedy == "" {
		t.Errorf("%+v", f)
	}
	for _, check := range []string{"identity", "stream", "lease table", "bucket", "metrics", "permissions"} {
		if f := w.find(report, check); f.Status != doctor.Skipped || f.Found != "there are no credentials" {
			t.Errorf("%+v", f)
		}
	}
}

func TestLayouts(t *testing.T) {
	for name, test := range map[string]struct {
		tables func(w *world)
		want   string
	}{
		"2.x": {func(*world) {}, "app, one table, as clickstream's daemon and KCL 1 and 2 have it: 1 leases"},
		"3.x": {func(w *world) { w.table("app-CoordinatorState", "key"); w.table("app-WorkerMetricStats", "wid") }, "tables beside it that KCL 3.0 to 3.4 has"},
		"3.5": {func(w *world) {
			_, err := w.clients.DynamoDB.PutItem(w.Context(), &dynamodb.PutItemInput{TableName: aws.String("app"), Item: map[string]types.AttributeValue{
				"leaseKey": &types.AttributeValueMemberS{Value: "Leader"}, "entityType": &types.AttributeValueMemberS{Value: "COORDINATOR_STATE"},
			}})
			w.must(err)
		}, "everything in one table, as KCL 3.5 has it"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.lease("shardId-000000000000", "")
			test.tables(w)
			report := w.check()
			if f := w.find(report, "lease table"); f.Status != doctor.OK || !strings.Contains(f.Found, test.want) {
				t.Errorf("%+v", f)
			}
			if f := w.find(report, "lease holders"); f.Status != doctor.OK || f.Found != "nobody holds a lease" {
				t.Errorf("%+v", f)
			}
		})
	}
}

// TestHolders has one worker that renews its lease whenever it is looked at, and one that does not.
func TestHolders(t *testing.T) {
	w := newWorld(t)
	w.lease("shardId-000000000000", "alive")
	w.lease("shardId-000000000001", "dead")
	w.answer = func(operation string, _ http.ResponseWriter, _ *http.Request) bool {
		if strings.HasSuffix(operation, ".Scan") {
			_, err := w.clients.DynamoDB.UpdateItem(w.Context(), &dynamodb.UpdateItemInput{
				TableName: aws.String("app"), Key: map[string]types.AttributeValue{"leaseKey": &types.AttributeValueMemberS{Value: "shardId-000000000000"}},
				UpdateExpression: aws.String("ADD leaseCounter :one"), ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
			})
			w.must(err)
		}
		return false
	}
	want := "alive has 1 (1 renewed within 50ms: it runs); dead has 1 (not renewed for 50ms: it runs no more, or not on this table; others may take them after failoverTimeMillis)"
	if f := w.find(w.check(), "lease holders"); f.Status != doctor.OK || f.Found != want {
		t.Errorf("%+v", f)
	}
}

func TestSimulator(t *testing.T) {
	w := newWorld(t)
	w.bucket("app", 8)
	var asked []string
	w.decide(func(action, resource string) string {
		asked = append(asked, action+" "+resource)
		return "allowed"
	})
	f := w.find(w.check(), "permissions")
	if f.Status != doctor.OK || !strings.Contains(f.Found, "by IAM's policy simulator") || !strings.Contains(f.Found, " 0 denied") || strings.Contains(f.Found, "not tried") {
		t.Errorf("%+v", f)
	}
	for _, want := range []string{"dynamodb:UpdateTable arn:aws:dynamodb:us-east-1:000000000000:table/app ", "cloudwatch:PutMetricData * app", "s3:PutObject arn:aws:s3:::objects/_claims/app/0 "} {
		if !slices.Contains(asked, want) {
			t.Errorf("it was not asked about %q, but %q", want, asked)
		}
	}
	w.decide(func(action, _ string) string {
		if action == "dynamodb:UpdateTable" {
			return "implicitDeny"
		}
		return "allowed"
	})
	if f := w.find(w.check(), "permissions"); f.Status != doctor.Fails || !strings.Contains(f.Found, "1 denied: dynamodb:UpdateTable on arn:") {
		t.Errorf("%+v", f)
	}
}

// TestSilence has an endpoint that takes connections and never answers.
func TestSilence(t *testing.T) {
	w := newWorld(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	t.Cleanup(func() { _ = listener.Close() })
	w.Setenv("AWS_ENDPOINT_URL", "http://"+listener.Addr().String())
	w.config.Timeout = 50 * time.Millisecond
	report := w.check()
	for _, check := range []string{"stream", "lease table", "bucket"} {
		if f := w.find(report, check); f.Status != doctor.Fails {
			t.Errorf("%+v", f)
		}
	}
}

func TestJSON(t *testing.T) {
	w := newWorld(t)
	w.settings["streamName"] = "klicks"
	var out bytes.Buffer
	w.config.Settings, w.config.Out, w.config.JSON = w.properties(), &out, true
	if err := doctor.Run(t.Context(), w.config); exit.Code(err) != exit.Failed || err.Error() != "one check fails; its remedy stands above" {
		t.Errorf("error %v", err)
	}
	var got doctor.Report
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || w.find(&got, "stream").Status != doctor.Fails {
		t.Errorf("%v:\n%s", err, out.String())
	}
}

// TestAVersionedBucketKeepsNoProbe looks that the probe's version is removed, and not hidden.
func TestAVersionedBucketKeepsNoProbe(t *testing.T) {
	w := newWorld(t)
	w.bucket("app", 8)
	versions := map[string]string{}
	w.answer = func(operation string, rw http.ResponseWriter, r *http.Request) bool {
		switch operation {
		case "PutObject":
			versions[r.URL.Path] = ""
			rw.Header().Set("X-Amz-Version-Id", "v1")
		case "DeleteObject":
			versions[r.URL.Path] = r.URL.Query().Get("versionId")
			r.URL.RawQuery = ""
		}
		return false
	}
	if f := w.find(w.check(), "bucket writable"); f.Status != doctor.OK {
		t.Errorf("%+v", f)
	}
	for path, removed := range versions {
		if removed != "v1" {
			t.Errorf("of %s version %q was removed", path, removed)
		}
	}
	if len(versions) != 1 {
		t.Errorf("objects written: %v", versions)
	}
}

func TestMain(m *testing.M) {
	// The jars of this machine's Maven repository are none of the tests'.
	_ = os.Setenv("HOME", os.TempDir())
	os.Exit(m.Run())
}

// TestAStreamMadeAnew has leases of a stream that was deleted, and another of the same name and shards.
func TestAStreamMadeAnew(t *testing.T) {
	w := newWorld(t)
	put, err := w.clients.Kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("clicks"), PartitionKey: aws.String("k"), Data: []byte("a")})
	w.must(err)
	table := leases.NewTable(w.clients.DynamoDB, "app")
	w.must(table.Ensure(t.Context()))
	_, err = table.Create(t.Context(), leases.Lease{Key: *put.ShardId, Checkpoint: *put.SequenceNumber})
	w.must(err)
	if f := w.find(w.check(), "lease table"); f.Status != doctor.OK {
		t.Errorf("%+v", f)
	}
	w.emulator.Fail("Kinesis.GetShardIterator", 1, &emulator.Error{Code: "InvalidArgumentException", Message: "did not come from this stream"})
	if f := w.find(w.check(), "lease table"); f.Status != doctor.Fails || !strings.Contains(f.Found, "the checkpoint of "+*put.ShardId+" is not one of this stream's") || f.Remedy == "" {
		t.Errorf("%+v", f)
	}
}

func TestCommand(t *testing.T) {
	w := newWorld(t)
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		app := &cli.App{Writer: &out, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{doctor.Command()}}
		err := app.RunContext(t.Context(), append([]string{"clickstream", "doctor"}, args...))
		return out.String(), err
	}
	good := []string{"--stream", "clicks", "--application", "app", "--bucket", "objects", "--java", w.config.Java, "--jar-path", t.TempDir()}
	if out, err := run(good...); err != nil || !strings.Contains(out, "jars of KCL 3.1.3 are not in ") {
		t.Errorf("%v:\n%s", err, out)
	}
	if out, err := run(append(good, "--kcl-version", "2.7.2")...); err != nil || !strings.Contains(out, "jars of KCL 2.7.2") {
		t.Errorf("%v:\n%s", err, out)
	}
	for want, args := range map[string][]string{
		"takes no arguments":            {"now"},
		`no lock for version "1.0"`:     {"--kcl-version", "1.0"},
		"the lock of the daemon's jars": {"--lock", "none.lock"},
		"there is no properties file":   {"-p", "none.properties"},
	} {
		if out, err := run(args...); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%v: error %v with code %d, output %q", args, err, exit.Code(err), out)
		}
	}
}

// TestOldProviderIsNotAll has the credentials looked at too where the provider is one of SDK 1.
func TestOldProviderIsNotAll(t *testing.T) {
	w := newWorld(t)
	w.settings["AwsCredentialsProvider"] = "DefaultAWSCredentialsProviderChain"
	var found []doctor.Status
	for _, f := range w.check().Findings {
		if f.Check == "credentials" {
			found = append(found, f.Status)
		}
	}
	if !slices.Equal(found, []doctor.Status{doctor.Warning, doctor.OK}) {
		t.Errorf("credentials: %v, want a warning and what there is", found)
	}
}
