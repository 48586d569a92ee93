package properties

import "time"

// Config holds every setting that clickstream knows, checked, one field per key of the properties file. Values not set anywhere have
// their defaults. Settings says what each key means; keys of the Java daemon that are not there stay in the file for it alone.
type Config struct {
	// Path is the properties file that was read, "" for the embedded sample.
	Path string

	StreamName    string // the stream's name, also where only StreamArn is given
	StreamArn     string // "" unless set
	RegionName    string // "" unless set: the AWS settings then decide; see awsclient.Clients.Region for the outcome
	Shards        int    // shards of a stream that produce creates
	BucketRegion  string // "" unless set: the stream's region
	Bucket        string // "" unless set: clickstream-<account>-<region>
	KeyTemplate   string
	Format        string // FormatJSONLines or FormatRaw
	Compression   string // CompressionNone, CompressionGzip or CompressionZstd
	MaxBufferSize int64  // bytes of raw data

	ServerSideEncryption string // "" unless set: the bucket's own
	KmsKeyID             string // "" unless set: the account's key for S3
	StorageClass         string // S3's name of the data objects' storage class
	ObjectTags           string // as written; see Tags
	MetricsAddress       string // "" unless set: no metrics; see MetricsListener

	RecordsToWritePerBatch            int
	PutRecordsTps                     float64 // calls per second; 0 is unpaced
	Aggregation                       bool
	OrderByKey                        bool
	ShardLimits                       bool
	RecordTTLMillis                   int64 // 0 is for ever
	WaitBetweenDescribeCallsInSeconds int
	CreateBucketIfNotPresent          bool
	MaxBufferAgeMillis                int64

	ApplicationName string
	TableName       string // the lease table: ApplicationName unless set
	ExecutableName  string // command line of a child, split at white space, no quoting
	WorkerID        string // "" unless set: one per machine and application

	AwsCredentialsProvider string // for the Java daemon only
	KinesisEndpoint        string // URL, "" unless set
	DynamoDBEndpoint       string // URL, "" unless set

	InitialPositionInStream         string // PositionTrimHorizon, PositionLatest, or PositionAtTimestamp where the next is set
	InitialPositionInStreamExtended int64  // seconds since 1970, 0 unless set

	RetrievalMode                            string // RetrievalDefault, RetrievalPolling or RetrievalFanOut
	ConsumerName                             string // fanoutConfig.consumerName; "" for ApplicationName
	ConsumerArn                              string // fanoutConfig.consumerArn; "" for the consumer of that name
	MaxRecords                               int
	IdleTimeBetweenReadsInMillis             int64
	CallProcessRecordsEvenForEmptyRecordList bool

	FailoverTimeMillis               int64
	ShardSyncIntervalMillis          int64
	ParentShardPollIntervalMillis    int64
	CleanupLeasesUponShardCompletion bool

	TaskBackoffTimeMillis int64
	ShutdownGraceMillis   int64
	TimeoutInSeconds      int // 0: a child may take as long as it likes

	MetricsLevel string // MetricsNone, MetricsSummary or MetricsDetailed; for the Java daemon only
}

// The values of the settings that name one of several ways.
const (
	FormatJSONLines = "jsonl"
	FormatRaw       = "raw"

	CompressionNone = "none"
	CompressionGzip = "gzip"
	CompressionZstd = "zstd"

	PositionTrimHorizon = "TRIM_HORIZON"
	PositionLatest      = "LATEST"
	PositionAtTimestamp = "AT_TIMESTAMP"

	RetrievalDefault = "DEFAULT"
	RetrievalPolling = "POLLING"
	RetrievalFanOut  = "FANOUT"

	MetricsNone     = "NONE"
	MetricsSummary  = "SUMMARY"
	MetricsDetailed = "DETAILED"
)

// DefaultRegion is the region where neither the settings nor AWS's own name one.
const DefaultRegion = "us-east-1"

// WaitBetweenDescribeCalls returns WaitBetweenDescribeCallsInSeconds as a duration.
func (c *Config) WaitBetweenDescribeCalls() time.Duration {
	return time.Duration(c.WaitBetweenDescribeCallsInSeconds) * time.Second
}

// MaxBufferAge returns MaxBufferAgeMillis as a duration.
func (c *Config) MaxBufferAge() time.Duration { return millis(c.MaxBufferAgeMillis) }

// IdleTimeBetweenReads returns IdleTimeBetweenReadsInMillis as a duration.
func (c *Config) IdleTimeBetweenReads() time.Duration { return millis(c.IdleTimeBetweenReadsInMillis) }

// FailoverTime returns FailoverTimeMillis as a duration.
func (c *Config) FailoverTime() time.Duration { return millis(c.FailoverTimeMillis) }

// ShardSyncInterval returns ShardSyncIntervalMillis as a duration.
func (c *Config) ShardSyncInterval() time.Duration { return millis(c.ShardSyncIntervalMillis) }

// ParentShardPollInterval returns ParentShardPollIntervalMillis as a duration.
func (c *Config) ParentShardPollInterval() time.Duration {
	return millis(c.ParentShardPollIntervalMillis)
}

// TaskBackoffTime returns TaskBackoffTimeMillis as a duration.
func (c *Config) TaskBackoffTime() time.Duration { return millis(c.TaskBackoffTimeMillis) }

// ShutdownGrace returns ShutdownGraceMillis as a duration.
func (c *Config) ShutdownGrace() time.Duration { return millis(c.ShutdownGraceMillis) }

// Timeout returns TimeoutInSeconds as a duration, 0 for none.
func (c *Config) Timeout() time.Duration { return time.Duration(c.TimeoutInSeconds) * time.Second }

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
