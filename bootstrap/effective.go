package bootstrap

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"clickstream/internal/awsclient"
	"clickstream/properties"
)

// effectiveValues returns, by key, what the daemon is to have otherwise than in the settings: what AWS's own settings say, names that it
// does not know, and the program behind the word clickstream.
func effectiveValues(user *properties.File, settings *properties.Config, clients *awsclient.Clients, say func(string, ...any)) map[string]string {
	effective := map[string]string{"regionName": clients.Region}
	if at := clients.Kinesis.Options().BaseEndpoint; at != nil {
		effective["kinesisEndpoint"] = *at
	}
	if at := clients.DynamoDB.Options().BaseEndpoint; at != nil {
		effective["dynamoDBEndpoint"] = *at
	}
	_, given := user.Get(cloudWatchEndpoint)
	if at := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_CLOUDWATCH"), os.Getenv("AWS_ENDPOINT_URL")); at != "" && !given {
		effective[cloudWatchEndpoint] = at
	}
	if settings.RetrievalMode == properties.RetrievalDefault {
		effective["retrievalMode"] = defaultRetrieval(user)
	}
	modernCredentials(user, effective, say)
	return effective
}

// defaultRetrieval is what DEFAULT means to the Java daemon, which must not hang on the settings that are written outright here
// (RetrievalMode.DEFAULT and PollingConfigBean.anyPropertiesSet).
func defaultRetrieval(user *properties.File) string {
	for _, key := range []string{
		"maxRecords", "idleTimeBetweenReadsInMillis", "maxGetRecordsThreadPool", "retryGetRecordsInSeconds", "millisBehindLatestThresholdForReducedTps",
	} {
		if entry, ok := user.Get(key); ok && strings.TrimSpace(entry.Value) != "" {
			return properties.RetrievalPolling
		}
	}
	return properties.RetrievalFanOut
}

// childCommand returns the record processor's command line, for a daemon that splits it at white space and knows no quotes: the word clickstream
// becomes this program's path, and clickstream consume is told the properties file where executableName does not. Paths with
// white space are named by links in dir.
func childCommand(settings *properties.Config, self, dir string) (string, error) {
	words := strings.Fields(settings.ExecutableName)
	if len(words) == 0 || words[0] != "clickstream" {
		return settings.ExecutableName, nil
	}
	program, err := withoutSpace(self, dir)
	if err != nil {
		return "", err
	}
	words[0] = program
	names := func(word string) bool {
		flag, _, _ := strings.Cut(word, "=")
		return slices.Contains([]string{"-p", "--p", "-properties", "--properties"}, flag)
	}
	if settings.Path != "" && len(words) > 1 && words[1] == "consume" && !slices.ContainsFunc(words, names) {
		file, err := filepath.Abs(settings.Path)
		if err != nil {
			return "", err
		}
		if file, err = withoutSpace(file, dir); err != nil {
			return "", err
		}
		words = append(words, "-p", file)
	}
	return strings.Join(words, " "), nil
}

func hasSpace(path string) bool { return strings.ContainsFunc(path, unicode.IsSpace) }
