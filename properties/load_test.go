package properties_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/properties"
)

func defaults() *properties.Config {
	return &properties.Config{
		StreamName:                        "clickstream-sample",
		Shards:                            2,
		RecordsToWritePerBatch:            5,
		PutRecordsTps:                     20,
		WaitBetweenDescribeCallsInSeconds: 5,
		CreateBucketIfNotPresent:          true,
		MaxBufferSize:                     1048576,
		MaxBufferAgeMillis:                60000,
		KeyTemplate:                       "{shardId}/{first}-{last}",
		Format:                            "jsonl",
		Compression:                       "none",
		StorageClass:                      "STANDARD",
		ApplicationName:                   "clickstream-sample",
		TableName:                         "clickstream-sample",
		ExecutableName:                    "clickstream consume -p sample.properties",
		AwsCredentialsProvider:            "DefaultCredentialsProvider",
		InitialPositionInStream:           "TRIM_HORIZON",
		RetrievalMode:                     "POLLING",
		MaxRecords:                        10000,
		IdleTimeBetweenReadsInMillis:      1500,

		CallProcessRecordsEvenForEmptyRecordList: true,
		FailoverTimeMillis:                       10000,
		ShardSyncIntervalMillis:                  60000,
		ParentShardPollIntervalMillis:            10000,
		CleanupLeasesUponShardCompletion:         true,
		TaskBackoffTimeMillis:                    500,
		ShutdownGraceMillis:                      20000,
		MetricsLevel:                             "DETAILED",
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.properties")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, path := range map[string]string{"embedded sample": "", "empty file": write(t, ""), "blank values": write(t, "streamName=\nshards =  \nbucket=")} {
		t.Run(name, func(t *testing.T) {
			config, err := properties.Load(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := defaults()
			if want.Path = path; path != "" {
				want.ExecutableName = "clickstream consume -p " + path
			}
			if diff := cmp.Diff(want, config); diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadTakesTheSampleOfTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("sample.properties", []byte("shards = 7"), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := properties.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if config.Shards != 7 || config.Path != "sample.properties" {
		t.Errorf("shards %d from %q, want 7 from sample.properties", config.Shards, config.Path)
	}
}

func TestLoadLayers(t *testing.T) {
	path := write(t, "shards = 3\nputRecordsTps = 2.5\nstreamName = mine  \nretrievalMode = fanout\nawscredentialsPROVIDER = X|a|b\nunknownKey = 1")
	config, err := properties.Load(path, map[string]string{"shards": "4", "bucket": "my-clicks", "createBucketIfNotPresent": "No"})
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.Path, want.StreamName, want.Shards, want.PutRecordsTps = path, "mine", 4, 2.5
	want.ExecutableName = "clickstream consume -p " + path
	want.Bucket, want.CreateBucketIfNotPresent, want.RetrievalMode, want.AwsCredentialsProvider = "my-clicks", false, "FANOUT", "X|a|b"
	if diff := cmp.Diff(want, config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestLoadDerives(t *testing.T) {
	path := write(t, "streamName = ignored\nstreamArn = arn:aws:kinesis:eu-west-1:123456789012:stream/real\napplicationName = app\ninitialPositionInStreamExtended = 1767225600\n")
	config, err := properties.Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if config.StreamName != "real" || config.TableName != "app" || config.InitialPositionInStream != "AT_TIMESTAMP" {
		t.Errorf("stream %q, table %q, position %q", config.StreamName, config.TableName, config.InitialPositionInStream)
	}
	if got := config.MaxBufferAge(); got != time.Minute {
		t.Errorf("MaxBufferAge() = %v, want 1m", got)
	}
}

func TestLoadRefusesValues(t *testing.T) {
	for key, values := range map[string][]struct{ value, problem string }{
		"shards":                            {{"0", "must be at least 1"}, {"-2", "must be at least 1"}, {"two", "must be a whole number"}, {"2.5", "must be a whole number"}, {"99999999999999999999", "must be at most"}, {"", "must be a whole number"}},
		"recordsToWritePerBatch":            {{"0", "must be at least 1"}, {"501", "must be at most 500"}},
		"putRecordsTps":                     {{"-1", "must be at least 0"}, {"NaN", "must be a number"}, {"Inf", "must be at most 1000000"}, {"fast", "must be a number"}},
		"waitBetweenDescribeCallsInSeconds": {{"0", "must be at least 1"}},
		"streamName":                        {{"a b", "must have only letters"}, {strings.Repeat("s", 129), "must have 1 to 128 characters"}, {"", "must have 1 to 128 characters"}},
		"streamArn":                         {{"clickstream", "must look like arn:"}, {"arn:aws:s3:::bucket", "must look like arn:"}, {"arn:aws:kinesis:r:1:stream/a b", "must have only letters"}},
		"fanoutConfig.consumerName":         {{"a/b", "must have only letters"}},
		"fanoutConfig.consumerArn":          {{"arn:aws:kinesis:r:1:stream/a", "must look like arn:"}, {"arn:aws:kinesis:r:1:stream/a/consumer/b", "must look like arn:"}, {"arn:aws:kinesis:r:1:stream/a/consumer/b:x", "must look like arn:"}},
		"regionName":                        {{"us east", "must be a region's name"}},
		"bucket":                            {{"ab", "3 to 63"}, {"My-Clicks", "lower-case"}, {"-clicks", "begin and end"}, {"a..b", "two dots"}, {"192.168.5.4", "IP address"}, {"xn--clicks", "begin with xn--"}, {"clicks--x-s3", "end with --x-s3"}},
		"createBucketIfNotPresent":          {{"maybe", "must be true or false"}},
		"maxBufferAgeMillis":                {{"86400000", "must be at most 43200000"}},
		"maxBufferSize":                     {{"1MiB", "must be a whole number"}, {"0", "must be at least 1"}},
		"keyTemplate":                       {{"{shardId}/{firsst}-{last}", `"{firsst}`}, {"{first}-{last}", "must hold {shardId}"}, {"/{shardId}/{first}-{last}", "slashes"}, {"_claims/{shardId}/{first}-{last}", "clickstream's own"}, {strings.Repeat("x", 512) + "{shardId}", "longer than 512"}},
		"format":                            {{"csv", "must be one of jsonl, raw"}},
		"compression":                       {{"lz4", "must be one of none, gzip, zstd"}},
		"serverSideEncryption":              {{"yes", "must be one of AES256, aws:kms, aws:kms:dsse"}},
		"kmsKeyId":                          {{"alias/clicks", "set that to aws:kms"}},
		"storageClass":                      {{"DEEP_ARCHIVE", "must be one of STANDARD"}},
		"objectTags":                        {{"team", "must look like key=value"}, {"=x", "must look like"}, {"a=1,a=2", "only once"}, {"aws:a=1", "AWS keeps"}, {"a=\u00e9", "must have only"}, {"a=" + strings.Repeat("v", 257), "256 characters"}, {"a=,b=,c=,d=,e=,f=,g=,h=,i=,j=,k=", "at most 10"}},
		"metricsAddress":                    {{"localhost:http", "must be a folder"}, {"127.0.0.1:65536", "must be a folder"}, {" ", "must not be empty"}},
		"applicationName":                   {{"a/b", "must have only letters"}, {"ab", "3 to 255 characters"}},
		"tableName":                         {{"ab", "3 to 255 characters"}},
		"kinesisEndpoint":                   {{"localhost:4567", "must be a URL"}, {"ftp://x", "must be a URL"}},
		"initialPositionInStream":           {{"AT_TIMESTAMP", "must be one of TRIM_HORIZON, LATEST"}},
		"initialPositionInStreamExtended":   {{"yesterday", "must be a whole number"}},
		"maxRecords":                        {{"10001", "must be at most 10000"}},
		"executableName":                    {{" ", "must not be empty"}},
		"workerId":                          {{"jos\u00c3\u00a9", "must be ASCII"}},
	} {
		for _, test := range values {
			t.Run(key+"="+test.value, func(t *testing.T) {
				_, err := properties.Load(write(t, ""), map[string]string{key: test.value})
				if err == nil || !strings.Contains(err.Error(), test.problem) || !strings.Contains(err.Error(), key) {
					t.Errorf("error %v, want one on %s with %q", err, key, test.problem)
				}
			})
		}
	}
}

func TestLoadNamesTheOrigin(t *testing.T) {
	path := write(t, "# c\nshards = 0\n")
	_, err := properties.Load(path, nil)
	bad, ok := errors.AsType[*properties.ValueError](err)
	if !ok || bad.Key != "shards" || bad.Origin != path+":2" {
		t.Errorf("error %v, want one on shards at %s:2", err, path)
	}
	if _, err := properties.Load(path, map[string]string{"shards": "x"}); err == nil || !strings.HasPrefix(err.Error(), "--shards: shards must be a whole number") {
		t.Errorf("error %v, want one that begins with --shards", err)
	}
	if _, err := properties.Load(write(t, "a=b\nMaxBufferSize=1"), nil); err == nil || !strings.Contains(err.Error(), ":2: key MaxBufferSize must be written maxBufferSize") {
		t.Errorf("error %v, want one on the key's spelling", err)
	}
	for key, meant := range map[string]string{"streamNmae": "streamName", "shard": "shards", "maxBufferAgeMilis": "maxBufferAgeMillis", "recordToWritePerBach": "recordsToWritePerBatch"} {
		if _, err := properties.Load(write(t, "a=b\n"+key+"=1"), nil); err == nil || !strings.Contains(err.Error(), ":2: there is no key "+key+"; did you mean "+meant+"?") {
			t.Errorf("error %v, want one that names %s", err, meant)
		}
	}
	for _, key := range []string{"streams", "shardz9", "maxLeasesForWorker", "metricsBufferTimeMillis", "AwsCredentialsProviderDynamoDB", "fanoutConfig.consumer"} {
		if _, err := properties.Load(write(t, key+"=1"), nil); err != nil {
			t.Errorf("%s may be another program's key: %v", key, err)
		}
	}
	if _, err := properties.Load(filepath.Join(t.TempDir(), "none"), nil); err == nil || !strings.Contains(err.Error(), "there is no properties file") {
		t.Errorf("error %v, want one on the missing file", err)
	}
	if _, err := properties.Load(t.TempDir(), nil); err == nil {
		t.Error("a directory was read as properties file")
	}
	if _, err := properties.Load(path, map[string]string{"shard": "1"}); err == nil || !strings.Contains(err.Error(), `no setting "shard"`) {
		t.Errorf("error %v, want one on the unknown key", err)
	}
}

func TestSettingsNames(t *testing.T) {
	want := map[string][2]string{
		"maxBufferSize":                     {"max-buffer-size", "CLICKSTREAM_MAX_BUFFER_SIZE"},
		"dynamoDBEndpoint":                  {"dynamo-db-endpoint", "CLICKSTREAM_DYNAMO_DB_ENDPOINT"},
		"waitBetweenDescribeCallsInSeconds": {"wait-between-describe-calls-in-seconds", "CLICKSTREAM_WAIT_BETWEEN_DESCRIBE_CALLS_IN_SECONDS"},
		"workerId":                          {"worker-id", "CLICKSTREAM_WORKER_ID"},
		"fanoutConfig.consumerName":         {"consumer-name", "CLICKSTREAM_CONSUMER_NAME"},
		"AwsCredentialsProvider":            {"aws-credentials-provider", "CLICKSTREAM_AWS_CREDENTIALS_PROVIDER"},
	}
	names := map[string]string{}
	for _, setting := range properties.Settings() {
		for _, name := range append([]string{setting.Flag}, setting.Aliases...) {
			if other, taken := names[name]; taken {
				t.Errorf("--%s is both %s and %s", name, other, setting.Key)
			}
			names[name] = setting.Key
		}
		if pair, ok := want[setting.Key]; ok && pair != [2]string{setting.Flag, setting.Env} {
			t.Errorf("%s: flag %s, environment %s, want %v", setting.Key, setting.Flag, setting.Env, pair)
		}
		if (setting.Default == "") == (setting.Unset == "") {
			t.Errorf("%s must have a default or say what happens without, and not both", setting.Key)
		}
	}
	for _, alias := range []string{"stream", "application", "bucket", "region", "batch", "tps"} {
		if names[alias] == "" {
			t.Errorf("there is no --%s", alias)
		}
	}
}

// TestSampleShowsEverySetting keeps the sample complete and true: each key once, after a comment with its default, at its default.
func TestSampleShowsEverySetting(t *testing.T) {
	text := string(properties.Sample())
	for _, setting := range properties.Settings() {
		lines := regexp.MustCompile(`(?m)^(#?)`+setting.Key+` = (.*)$`).FindAllStringSubmatch(text, -1)
		if len(lines) != 1 {
			t.Errorf("%s stands there %d times, want once", setting.Key, len(lines))
			continue
		}
		line := lines[0]
		if setting.Default != "" && line[2] != setting.Default {
			t.Errorf("%s is shown as %q, its default is %q", setting.Key, line[2], setting.Default)
		}
		if setting.Default == "" && line[1] != "#" {
			t.Errorf("%s is set, it has no default", setting.Key)
		}
		before, _, _ := strings.Cut(text, line[0])
		paragraphs := strings.Split(before, "\n\n")
		if last := paragraphs[len(paragraphs)-1]; !strings.Contains(last, "Default:") {
			t.Errorf("%s has no comment that says its default: %q", setting.Key, last)
		}
	}
	if slices.ContainsFunc([]byte(text), func(c byte) bool { return c > 126 || c == '\t' || c == '\r' }) {
		t.Error("the sample is not plain ASCII")
	}
}
