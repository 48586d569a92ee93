package kinesis

// The structs below are parts of channels' inputs and descriptions; their field names are the wire's.

// ChannelStreamConfiguration says which stream a channel is to read, and how.
type ChannelStreamConfiguration struct {
	StreamARN           string
	RecordConfiguration RecordConfiguration
}

// RecordConfiguration says what records hold: JSON, GSR_JSON, STRING or BYTE_ARRAY.
type RecordConfiguration struct {
	RecordFormatType string
	GSRSchemaARN     string `json:",omitempty"`
}

const (
	formatJSON   = "JSON"
	formatSchema = "GSR_JSON"
	formatString = "STRING"
	formatBytes  = "BYTE_ARRAY"
)

// S3Destination is a bucket to deliver to.
type S3Destination struct {
	DataFreshnessInSeconds         *int64       `json:",omitempty"`
	DeadLetterQueueS3Configuration *DeadLetters `json:",omitempty"`
	StorageConfiguration           S3Storage
}

// DeadLetters is where records go that cannot be delivered.
type DeadLetters struct {
	BucketARN, ExpectedBucketOwner string
	ErrorOutputPrefix              string `json:",omitempty"`
}

// S3Storage says how objects are stored.
type S3Storage struct {
	BucketARN, ExpectedBucketOwner string
	OutputKeyTemplate              string `json:",omitempty"`
	StorageClass                   string `json:",omitempty"`
	CompressionType                string
}

// S3TablesDestination is a table to deliver to.
type S3TablesDestination struct {
	DataFreshnessInSeconds         *int64 `json:",omitempty"`
	DeadLetterQueueS3Configuration DeadLetters
	S3TablesConfigurationList      []S3TablesConfiguration
}

// S3TablesConfiguration names a table.
type S3TablesConfiguration struct {
	TableBucketARN, Namespace, TableName, CompressionType string
	PartitionSpec                                         *PartitionSpec `json:",omitempty"`
}

// PartitionSpec says how a table is partitioned.
type PartitionSpec struct{ PartitionFields []PartitionField }

// PartitionField is one field of a PartitionSpec.
type PartitionField struct{ Transform, SourceName string }

// ChannelEncryptionConfiguration names the KMS key of what is delivered.
type ChannelEncryptionConfiguration struct {
	EncryptionType string
	KeyId          string //nolint:revive // the wire's name
}

// ChannelLoggingConfiguration says whether a channel logs.
type ChannelLoggingConfiguration struct{ CloudWatchLogs CloudWatchLogs }

// CloudWatchLogs says where a channel logs.
type CloudWatchLogs struct {
	Enabled       bool
	LogGroupName  string `json:",omitempty"`
	LogStreamName string `json:",omitempty"`
}
