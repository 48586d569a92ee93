package properties

import (
	"slices"
	"strings"
	"sync"

	"clickstream/internal/delivery"
)

// Kind is the type of a setting's value.
type Kind int

// The kinds of values.
const (
	Text    Kind = iota
	Integer      // a whole number
	Number       // a number that may have a fraction
	Boolean      // true or false
)

// Setting describes one key of the properties file and the flag and environment variable that override it.
type Setting struct {
	Key     string
	Flag    string   // without dashes: the key's words joined by hyphens
	Aliases []string // shorter flags
	Env     string   // CLICKSTREAM_ and the key's words joined by underscores
	Default string   // as text; "" where nothing is set
	Unset   string   // what happens while nothing is set, where Default is ""
	Unit    string   // "" where there is none
	Usage   string   // one clause in lower case
	Kind    Kind

	field func(*Config) any            // *string, *int, *int64, *float64 or *bool
	check func(string) (string, error) // returns the value as it is kept, or an error that says what the value must be
}

// Settings returns all settings in the order of the sample file. The slice is the caller's.
func Settings() []Setting { return slices.Clone(allSettings()) }

// allSettings makes the table once: every command reads it several times before it does anything. Nobody changes it.
//
//nolint:gochecknoglobals // made once
var allSettings = sync.OnceValue(func() []Setting {
	all := append(streamSettings(), objectSettings()...)
	all = append(all, placementSettings()...)
	all = append(all, metricsSettings()...)
	all = append(all, applicationSettings()...)
	all = append(all, daemonSettings()...)
	for i := range all {
		words := words(all[i].Key)
		all[i].Flag = strings.Join(words, "-")
		all[i].Env = "CLICKSTREAM_" + strings.ToUpper(strings.Join(words, "_"))
	}
	return all
})

// words cuts a key in camel case into lower-case words: dynamoDBEndpoint has the words dynamo, db, endpoint. Where it has a point, what
// stands before is left out: fanoutConfig.consumerName has the words consumer, name.
func words(key string) []string {
	var list []string
	key = key[strings.LastIndexByte(key, '.')+1:]
	start := 0
	for i := 1; i < len(key); i++ {
		next := i+1 < len(key) && lower(key[i+1])
		if !lower(key[i]) && (lower(key[i-1]) || next) {
			list = append(list, strings.ToLower(key[start:i]))
			start = i
		}
	}
	return append(list, strings.ToLower(key[start:]))
}

func lower(c byte) bool { return c < 'A' || c > 'Z' }

func streamSettings() []Setting {
	return []Setting{
		{
			Key: "streamName", Aliases: []string{"stream"}, Default: "clickstream-sample", check: streamName,
			Usage: "the Kinesis stream",
			field: func(c *Config) any { return &c.StreamName },
		},
		{
			Key: "streamArn", Unset: "streamName is used", check: streamARN,
			Usage: "the stream's ARN; it wins over streamName",
			field: func(c *Config) any { return &c.StreamArn },
		},
		{
			Key: "regionName", Aliases: []string{"region"}, Unset: "AWS_REGION, else the AWS profile's region, else " + DefaultRegion, check: region,
			Usage: "region of the stream, the lease table and the bucket",
			field: func(c *Config) any { return &c.RegionName },
		},
		{
			Key: "shards", Default: "2", Kind: Integer, check: integer(1, 1_000_000),
			Usage: "shards of a stream that produce creates",
			field: func(c *Config) any { return &c.Shards },
		},
		{
			Key: "recordsToWritePerBatch", Aliases: []string{"batch"}, Default: "5", Unit: "records", Kind: Integer, check: integer(1, 500),
			Usage: "records in one PutRecords call, at most the service's 500",
			field: func(c *Config) any { return &c.RecordsToWritePerBatch },
		},
		{
			Key: "putRecordsTps", Aliases: []string{"tps"}, Default: "20", Unit: "calls/s", Kind: Number, check: number(0, 1_000_000),
			Usage: "PutRecords calls per second; 0 is as fast as it goes",
			field: func(c *Config) any { return &c.PutRecordsTps },
		},
		{
			Key: "aggregation", Default: "false", Kind: Boolean, check: boolean,
			Usage: "pack many clicks into one Kinesis record, in the KPL's format; the daemons take them apart",
			field: func(c *Config) any { return &c.Aggregation },
		},
		{
			Key: "orderByKey", Default: "false", Kind: Boolean, check: boolean,
			Usage: "send no click before the one before it with the same partition key is stored",
			field: func(c *Config) any { return &c.OrderByKey },
		},
		{
			Key: "shardLimits", Default: "false", Kind: Boolean, check: boolean,
			Usage: "hold back what the shards would refuse: 1,000 records and 1 MiB a second each, less after refusals",
			field: func(c *Config) any { return &c.ShardLimits },
		},
		{
			Key: "recordTtlMillis", Default: "0", Unit: "ms", Kind: Integer, check: integer(0, 7*24*3600*1000),
			Usage: "give a click up that is not stored by then; 0 is never",
			field: func(c *Config) any { return &c.RecordTTLMillis },
		},
		{
			Key: "waitBetweenDescribeCallsInSeconds", Default: "5", Unit: "s", Kind: Integer, check: integer(1, 3600),
			Usage: "wait between two looks whether a new stream is ACTIVE",
			field: func(c *Config) any { return &c.WaitBetweenDescribeCallsInSeconds },
		},
	}
}

func objectSettings() []Setting {
	return []Setting{
		{
			Key: "bucket", Unset: "clickstream-<account>-<region>", check: bucket,
			Usage: "the S3 bucket that holds the objects",
			field: func(c *Config) any { return &c.Bucket },
		},
		{
			Key: "bucketRegion", Unset: "the stream's region", check: region,
			Usage: "the bucket's region",
			field: func(c *Config) any { return &c.BucketRegion },
		},
		{
			Key: "createBucketIfNotPresent", Default: "true", Kind: Boolean, check: boolean,
			Usage: "create the bucket where it does not exist",
			field: func(c *Config) any { return &c.CreateBucketIfNotPresent },
		},
		{
			Key: "maxBufferSize", Default: "1048576", Unit: "bytes", Kind: Integer, check: integer(1, 1<<30),
			Usage: "raw data that closes a batch, which becomes one object",
			field: func(c *Config) any { return &c.MaxBufferSize },
		},
		{
			Key: "maxBufferAgeMillis", Default: "60000", Unit: "ms", Kind: Integer, check: integer(1, 12*3600*1000), // consume claims no batch that is a day old
			Usage: "age of its first record that closes a batch",
			field: func(c *Config) any { return &c.MaxBufferAgeMillis },
		},
		{
			Key: "keyTemplate", Default: delivery.DefaultTemplate, check: keyTemplate,
			Usage: "key of an object; it may hold " + strings.Join(delivery.Placeholders(), " "),
			field: func(c *Config) any { return &c.KeyTemplate },
		},
		{
			Key: "format", Default: FormatJSONLines, check: oneOf(FormatJSONLines, FormatRaw),
			Usage: "how records stand in an object: jsonl is each record's data and a line feed, raw is 4 bytes of length, big endian, and the data",
			field: func(c *Config) any { return &c.Format },
		},
		{
			Key: "compression", Default: CompressionNone, check: oneOf(CompressionNone, CompressionGzip, CompressionZstd),
			Usage: "of the objects: none, gzip or zstd",
			field: func(c *Config) any { return &c.Compression },
		},
	}
}

func applicationSettings() []Setting {
	return []Setting{
		{
			Key: "applicationName", Aliases: []string{"application"}, Default: "clickstream-sample", check: applicationName,
			Usage: "the consuming application: its lease table is called so, its claims in the bucket are filed under it",
			field: func(c *Config) any { return &c.ApplicationName },
		},
		{
			Key: "tableName", Unset: "applicationName", check: tableName,
			Usage: "the DynamoDB lease table",
			field: func(c *Config) any { return &c.TableName },
		},
		{
			Key: "executableName", Default: "clickstream consume -p " + SampleName, check: nonBlank,
			Usage: "the child that the daemon starts for each shard, split at white space, no quotes; the word clickstream stands for this program",
			field: func(c *Config) any { return &c.ExecutableName },
		},
		{
			Key: "workerId", Unset: "one that stays the same for this machine and application", check: nonBlank,
			Usage: "the name under which a daemon holds leases",
			field: func(c *Config) any { return &c.WorkerID },
		},
		{
			Key: "AwsCredentialsProvider", Default: "DefaultCredentialsProvider", check: nonBlank,
			Usage: "class by which the Java daemon finds credentials; clickstream itself always uses AWS's default chain",
			field: func(c *Config) any { return &c.AwsCredentialsProvider },
		},
		{
			Key: "kinesisEndpoint", Unset: "AWS_ENDPOINT_URL_KINESIS or AWS_ENDPOINT_URL, else AWS", check: endpoint,
			Usage: "URL of Kinesis",
			field: func(c *Config) any { return &c.KinesisEndpoint },
		},
		{
			Key: "dynamoDBEndpoint", Unset: "AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL, else AWS", check: endpoint,
			Usage: "URL of DynamoDB",
			field: func(c *Config) any { return &c.DynamoDBEndpoint },
		},
		{
			Key: "initialPositionInStream", Default: PositionTrimHorizon, check: oneOf(PositionTrimHorizon, PositionLatest),
			Usage: "where a shard without a checkpoint begins: TRIM_HORIZON is its oldest record, LATEST what comes from now on",
			field: func(c *Config) any { return &c.InitialPositionInStream },
		},
		{
			Key: "initialPositionInStreamExtended", Unset: "initialPositionInStream is used", Unit: "seconds since 1970", Kind: Integer, check: integer(1, 1<<40),
			Usage: "begin at this time instead",
			field: func(c *Config) any { return &c.InitialPositionInStreamExtended },
		},
	}
}

func daemonSettings() []Setting {
	return append(retrievalSettings(), leaseSettings()...)
}

func retrievalSettings() []Setting {
	return []Setting{
		{
			Key: "retrievalMode", Default: RetrievalPolling, check: oneOf(RetrievalDefault, RetrievalPolling, RetrievalFanOut),
			Usage: "POLLING reads by GetRecords, FANOUT by SubscribeToShard, DEFAULT leaves it to the daemon (Java: FANOUT unless a polling setting is there)",
			field: func(c *Config) any { return &c.RetrievalMode },
		},
		{
			Key: "fanoutConfig.consumerName", Unset: "applicationName is used", check: consumerName,
			Usage: "the stream's consumer that FANOUT reads as; it is registered when it is not there",
			field: func(c *Config) any { return &c.ConsumerName },
		},
		{
			Key: "fanoutConfig.consumerArn", Unset: "the consumer is found by its name", check: consumerARN,
			Usage: "ARN of a consumer that is there already; it wins over fanoutConfig.consumerName",
			field: func(c *Config) any { return &c.ConsumerArn },
		},
		{
			Key: "maxRecords", Default: "10000", Unit: "records", Kind: Integer, check: integer(1, 10_000),
			Usage: "records in one GetRecords call, at most the service's 10000",
			field: func(c *Config) any { return &c.MaxRecords },
		},
		{
			Key: "idleTimeBetweenReadsInMillis", Default: "1500", Unit: "ms", Kind: Integer, check: integer(0, 3_600_000),
			Usage: "wait between two GetRecords calls on one shard",
			field: func(c *Config) any { return &c.IdleTimeBetweenReadsInMillis },
		},
		{
			Key: "callProcessRecordsEvenForEmptyRecordList", Default: "true", Kind: Boolean, check: boolean,
			Usage: "call the child when nothing was read too, so that it can close a batch by age (the Java daemon's own default is false)",
			field: func(c *Config) any { return &c.CallProcessRecordsEvenForEmptyRecordList },
		},
		{
			Key: "taskBackoffTimeMillis", Default: "500", Unit: "ms", Kind: Integer, check: integer(0, 3_600_000),
			Usage: "wait before a failed task of a shard is tried again",
			field: func(c *Config) any { return &c.TaskBackoffTimeMillis },
		},
		{
			Key: "timeoutInSeconds", Unset: "a child may take as long as it likes", Unit: "s", Kind: Integer, check: integer(1, 86_400),
			Usage: "time a child has for one call",
			field: func(c *Config) any { return &c.TimeoutInSeconds },
		},
		{
			Key: "shutdownGraceMillis", Default: "20000", Unit: "ms", Kind: Integer, check: integer(0, 3_600_000),
			Usage: "time the children have to store what they hold when the daemon is stopped (the Java daemon's own default, 0, gives them none)",
			field: func(c *Config) any { return &c.ShutdownGraceMillis },
		},
	}
}

func leaseSettings() []Setting {
	return []Setting{
		{
			Key: "failoverTimeMillis", Default: "10000", Unit: "ms", Kind: Integer, check: integer(100, 3_600_000),
			Usage: "a lease not renewed for so long is free for another worker",
			field: func(c *Config) any { return &c.FailoverTimeMillis },
		},
		{
			Key: "shardSyncIntervalMillis", Default: "60000", Unit: "ms", Kind: Integer, check: integer(1, 3_600_000),
			Usage: "time between two comparisons of shards and leases",
			field: func(c *Config) any { return &c.ShardSyncIntervalMillis },
		},
		{
			Key: "parentShardPollIntervalMillis", Default: "10000", Unit: "ms", Kind: Integer, check: integer(1, 3_600_000),
			Usage: "time between two looks whether a shard's parents are done",
			field: func(c *Config) any { return &c.ParentShardPollIntervalMillis },
		},
		{
			Key: "cleanupLeasesUponShardCompletion", Default: "true", Kind: Boolean, check: boolean,
			Usage: "delete the lease of a closed shard when its children have made progress",
			field: func(c *Config) any { return &c.CleanupLeasesUponShardCompletion },
		},
		{
			Key: "metricsLevel", Default: MetricsDetailed, check: oneOf(MetricsNone, MetricsSummary, MetricsDetailed),
			Usage: "what the Java daemon reports to CloudWatch: NONE, SUMMARY or DETAILED",
			field: func(c *Config) any { return &c.MetricsLevel },
		},
	}
}
