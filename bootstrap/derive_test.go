package bootstrap_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap"
	"clickstream/properties"
)

// settingsFor returns the settings that the daemon gets from a file, and what was said.
func settingsFor(t *testing.T, java, file, text string) (daemon map[string]string, log string) {
	t.Helper()
	write(t, file, text, 0o600)
	command, log, err := run(t, file, bootstrap.Config{Java: java})
	if err != nil {
		t.Fatal(err)
	}
	return daemonFile(t, paste(t, command)), log
}

func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

// TestSilentFile has the daemon told all that it needs and the user's file does not say.
func TestSilentFile(t *testing.T) {
	java := machine(t, "17.0.15")
	got, log := settingsFor(t, java, "mine.properties", "")
	want := map[string]string{
		"streamName": "clickstream-sample", "applicationName": "clickstream-sample", "regionName": properties.DefaultRegion,
		"executableName": program(t) + " consume -p mine.properties", "AwsCredentialsProvider": "DefaultCredentialsProvider",
		"initialPositionInStream": "TRIM_HORIZON", "retrievalMode": "POLLING", "maxRecords": "10000", "idleTimeBetweenReadsInMillis": "1500",
		"callProcessRecordsEvenForEmptyRecordList": "true", "taskBackoffTimeMillis": "500", "shutdownGraceMillis": "20000",
		"failoverTimeMillis": "10000", "shardSyncIntervalMillis": "60000", "parentShardPollIntervalMillis": "10000",
		"cleanupLeasesUponShardCompletion": "true", "metricsLevel": "DETAILED",
	}
	if diff := cmp.Diff(want, got); diff != "" || log != "" {
		t.Errorf("the daemon's settings (-want +got):\n%s\nsaid: %s", diff, log)
	}
}

// TestUsersFileStands has everything that the user's file says reach the daemon, also what clickstream knows nothing of.
func TestUsersFileStands(t *testing.T) {
	java := machine(t, "17.0.15")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4567")
	got, _ := settingsFor(t, java, "mine.properties", `
shards = 7
retrievalMode = FANOUT
shutdownGraceMillis = 0
workerId = me
kinesisEndpoint = http://127.0.0.1:1
leaseAssignmentIntervalMillis = 1000
leaseAssignmentIntervalMillis = 2000
kinesisClient.a\ b = c:\\d
initialPositionInStreamExtended = 1700000000
executableName = /bin/other  -p sample.properties
tableName = other-table
`)
	for key, want := range map[string]string{
		"retrievalMode": "FANOUT", "shutdownGraceMillis": "0", "workerId": "me", "leaseAssignmentIntervalMillis": "2000",
		"kinesisClient.a b": `c:\d`, "initialPositionInStreamExtended": "1700000000", "executableName": "/bin/other  -p sample.properties",
		"tableName": "other-table", "kinesisEndpoint": "http://127.0.0.1:1", "dynamoDBEndpoint": "http://127.0.0.1:4567",
		"cloudWatchClient.endpointOverride": "http://127.0.0.1:4567",
	} {
		if got[key] != want {
			t.Errorf("%s = %q, want %q", key, got[key], want)
		}
	}
	for _, key := range []string{"shards", "initialPositionInStream"} {
		if value, there := got[key]; there {
			t.Errorf("%s = %q is there", key, value)
		}
	}
}

// TestOverridesGoOverTheFile has what flags and environment say to every command said to the daemon too.
func TestOverridesGoOverTheFile(t *testing.T) {
	java := machine(t, "17.0.15")
	write(t, "mine.properties", "maxRecords = 5\nfailoverTimeMillis = 3000", 0o600)
	settings, err := properties.Load("mine.properties", map[string]string{"maxRecords": "7", "streamName": "other"})
	if err != nil {
		t.Fatal(err)
	}
	var out, log bytes.Buffer
	if err := bootstrap.Run(t.Context(), bootstrap.Config{Settings: settings, Java: java, Jars: noJars(), Out: &out, Err: &log}); err != nil {
		t.Fatal(err)
	}
	got := daemonFile(t, paste(t, out.String()))
	if got["maxRecords"] != "7" || got["streamName"] != "other" || got["failoverTimeMillis"] != "3000" {
		t.Errorf("the daemon's settings are %v", got)
	}
}

func TestDefaultRetrievalIsSaidOutright(t *testing.T) {
	java := machine(t, "17.0.15")
	for text, want := range map[string]string{
		"retrievalMode = DEFAULT":                                                 "FANOUT",
		"retrievalMode = DEFAULT\nmaxRecords = 10000":                             "POLLING",
		"retrievalMode = DEFAULT\nmillisBehindLatestThresholdForReducedTps = 100": "POLLING",
	} {
		if got, _ := settingsFor(t, java, "mine.properties", text); got["retrievalMode"] != want {
			t.Errorf("%q: %s, want %s", text, got["retrievalMode"], want)
		}
	}
}

func TestCredentialsOfSDK1(t *testing.T) {
	java := machine(t, "17.0.15")
	for value, want := range map[string]string{
		"DefaultAWSCredentialsProviderChain":                                          "DefaultCredentialsProvider",
		"com.amazonaws.auth.profile.ProfileCredentialsProvider|me":                    "ProfileCredentialsProvider|me",
		"EC2ContainerCredentialsProviderWrapper, SystemPropertiesCredentialsProvider": "ContainerCredentialsProvider,InstanceProfileCredentialsProvider,SystemPropertyCredentialsProvider",
	} {
		got, log := settingsFor(t, java, "mine.properties", "awsCredentialsProvider = "+value+"\nAwsCredentialsProviderDynamoDB = "+value)
		if got["AwsCredentialsProvider"] != want || got["AwsCredentialsProviderDynamoDB"] != want || got["awsCredentialsProvider"] != "" {
			t.Errorf("%s became %q and %q, want %q", value, got["AwsCredentialsProvider"], got["AwsCredentialsProviderDynamoDB"], want)
		}
		if !strings.Contains(log, "mine.properties:1: ") || !strings.Contains(log, value+" is a class of AWS SDK 1") {
			t.Errorf("said %q", log)
		}
	}
	if _, log := settingsFor(t, java, "mine.properties", "AwsCredentialsProvider = org.example.Mine|a, DefaultCredentialsProvider"); log != "" {
		t.Errorf("said %q", log)
	}
}

// TestNoSpaceInExecutableName has links made for paths that the daemon would split.
func TestNoSpaceInExecutableName(t *testing.T) {
	java := machine(t, "17.0.15")
	got, _ := settingsFor(t, java, "my settings.properties", "executableName = clickstream consume --format raw")
	words := strings.Fields(got["executableName"])
	if len(words) != 6 || words[4] != "-p" {
		t.Fatalf("executableName is %q", got["executableName"])
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(words[5]); err != nil || target != filepath.Join(here, "my settings.properties") {
		t.Errorf("%s leads to %s, %v", words[5], target, err)
	}
	t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), "my cache"))
	if _, _, err := run(t, "my settings.properties", bootstrap.Config{Java: java}); err == nil || !strings.Contains(err.Error(), "splits executableName at white space") {
		t.Errorf("error %v", err)
	}
}
