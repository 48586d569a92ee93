package bootstrap

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"clickstream/properties"
)

// daemonKeys are the settings that the Java daemon reads, in the sample's order. All of them are written outright into its file, so that a
// default is what clickstream says it is, in every version of the KCL.
func daemonKeys() []string {
	return []string{
		"streamName", "streamArn", "regionName", "applicationName", "tableName", "executableName", "workerId", "AwsCredentialsProvider",
		"kinesisEndpoint", "dynamoDBEndpoint", "initialPositionInStream", "initialPositionInStreamExtended", "retrievalMode",
		"maxRecords", "idleTimeBetweenReadsInMillis", "fanoutConfig.consumerName", "fanoutConfig.consumerArn",
		"callProcessRecordsEvenForEmptyRecordList", "taskBackoffTimeMillis", "timeoutInSeconds", "shutdownGraceMillis",
		"failoverTimeMillis", "shardSyncIntervalMillis", "parentShardPollIntervalMillis", "cleanupLeasesUponShardCompletion", "metricsLevel",
	}
}

// reasons says why a value stands in the daemon's file that does not stand in the user's.
func reasons() map[string]string {
	return map[string]string{
		"executableName":         "the word clickstream stands for this program",
		"AwsCredentialsProvider": "a class of AWS SDK 2: the daemon starts with no other",
		"retrievalMode":          "unset, it means FANOUT, which AWS charges extra for",
		"shutdownGraceMillis":    "unset, it means 0: the children are not told that the daemon stops",
		"workerId":               "stays the same: after a crash the daemon has its leases again at once, instead of two minutes later",
		"callProcessRecordsEvenForEmptyRecordList": "unset, it means false: an idle shard's last batch would never be closed by its age",
		"regionName":       "the daemon has none to fall back on",
		"kinesisEndpoint":  "the AWS settings name it",
		"dynamoDBEndpoint": "the AWS settings name it",
		cloudWatchEndpoint: "AWS_ENDPOINT_URL names it, and the daemon has no simpler key for it",
	}
}

// cloudWatchEndpoint is the key of a property of the SDK's client: there is no cloudWatchEndpoint.
const cloudWatchEndpoint = "cloudWatchClient.endpointOverride"

// derived is the daemon's own properties file: the user's settings, and what it needs besides.
type derived struct {
	user  *properties.File
	given []properties.Entry // as in the user's file
	added []properties.Entry // in place of what is there, or where it is silent
}

// readUser parses the properties file that the settings come from.
func readUser(settings *properties.Config) (*properties.File, error) {
	name, text := "the embedded "+properties.SampleName, properties.Sample()
	if settings.Path != "" {
		var err error
		if text, err = os.ReadFile(settings.Path); err != nil {
			return nil, fmt.Errorf("read the properties file: %w", err)
		}
		name = settings.Path
	}
	return properties.Parse(bytes.NewReader(text), name)
}

// derive makes the daemon's file. effective holds, by key, the values that are not the settings' own.
func derive(user *properties.File, settings *properties.Config, effective map[string]string) *derived {
	d := &derived{user: user}
	keys := daemonKeys()
	for _, key := range keys {
		value, ok := effective[key]
		if !ok {
			value = daemonValue(settings, key)
		}
		d.set(key, value)
	}
	d.copyUnknown(effective)
	for _, key := range slices.Sorted(maps.Keys(effective)) {
		if !slices.Contains(keys, key) {
			d.set(key, effective[key])
		}
	}
	return d
}

// daemonValue is a setting as the daemon is to have it.
func daemonValue(settings *properties.Config, key string) string {
	value := settings.Value(key)
	switch {
	case key == "initialPositionInStream" && value == properties.PositionAtTimestamp:
		return "" // said by initialPositionInStreamExtended alone
	case key == "tableName" && value == settings.ApplicationName:
		return ""
	}
	return value
}

func (d *derived) set(key, value string) {
	entry, given := d.user.Get(key)
	switch {
	case value == "":
	case given && strings.TrimSpace(entry.Value) == value:
		d.given = append(d.given, properties.Entry{Key: key, Value: value})
	default:
		d.added = append(d.added, properties.Entry{Key: key, Value: value})
	}
}

// copyUnknown takes over the keys that clickstream knows nothing of, which are for the daemon alone, but for those that effective replaces.
func (d *derived) copyUnknown(effective map[string]string) {
	known := map[string]bool{}
	for _, setting := range properties.Settings() {
		known[setting.Key] = true
	}
	for i, entry := range d.user.Entries {
		last := !slices.ContainsFunc(d.user.Entries[i+1:], func(e properties.Entry) bool { return e.Key == entry.Key })
		if _, replaced := effective[entry.Key]; last && !replaced && !known[entry.Key] && !strings.EqualFold(entry.Key, credentialsKey) {
			d.given = append(d.given, entry)
		}
	}
}

// bytes returns the file's text.
func (d *derived) bytes() []byte {
	var out strings.Builder
	fmt.Fprintf(&out, "# Made by clickstream bootstrap from %s: changes belong there, here they are overwritten.\n\n", strings.Map(printable, d.user.Name))
	for _, entry := range d.given {
		fmt.Fprintln(&out, entry)
	}
	out.WriteString("\n# From the environment, or from the defaults of clickstream:\n")
	why := reasons()
	for _, entry := range d.added {
		if reason := why[entry.Key]; reason != "" {
			fmt.Fprintf(&out, "# %s\n", reason)
		}
		fmt.Fprintln(&out, entry)
	}
	return []byte(out.String())
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return '?'
	}
	return r
}
