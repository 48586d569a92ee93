package policy

import (
	"slices"
	"strings"

	"clickstream/internal/delivery"
	"clickstream/properties"
)

// Purpose is what somebody with the policy wants to do.
type Purpose string

// The purposes. The daemons start consume as their child, with their own credentials: what it needs is in theirs.
const (
	Produce   Purpose = "produce"
	Consume   Purpose = "consume"
	Bootstrap Purpose = "bootstrap" // the Java daemon
	Daemon    Purpose = "daemon"
	Cleanup   Purpose = "cleanup"
	Verify    Purpose = "verify"
	All       Purpose = "all"
)

// Purposes returns all purposes, All last.
func Purposes() []Purpose {
	return []Purpose{Produce, Consume, Bootstrap, Daemon, Cleanup, Verify, All}
}

// covers reports whether somebody with purpose p does what only is done for.
func (p Purpose) covers(only Purpose) bool {
	return p == only || p == All || only == Consume && (p == Bootstrap || p == Daemon)
}

// The names of the statements, in the order in which they are written.
const (
	Stream      = "Stream"
	Consumer    = "StreamConsumer"
	LeaseTable  = "LeaseTable"
	LeaseIndex  = "LeaseTableIndex"
	Coordinator = "CoordinatorTable"   // of KCL 3
	Workers     = "WorkerMetricsTable" // of KCL 3
	Bucket      = "Bucket"
	Objects     = "Objects"
	Claims      = "Claims"
	Rejected    = "RejectedRecords"
	Markers     = "Markers"
	EveryObject = "EveryObject"
	Probe       = "Probe" // of bootstrap doctor
	Encryption  = "EncryptionKey"
	Metrics     = "Metrics"
)

// IndexName is KCL 3's name for the index of the lease table.
const IndexName = "LeaseOwnerToLeaseKeyIndex"

// The keys of conditions.
const (
	namespaceKey = "cloudwatch:namespace"
	aliasKey     = "kms:RequestAlias"
)

// grant is one action in one statement, and who takes it.
type grant struct {
	sid, action string
	who         []Purpose
	when        func(*properties.Config) bool // nil: always
}

// grants is the table that policies are made of.
func grants() []grant {
	all := append(streamGrants(), tableGrants()...)
	all = append(all, bucketGrants()...)
	return append(all, objectGrants()...)
}

func streamGrants() []grant {
	return []grant{
		{sid: Stream, action: "kinesis:CreateStream", who: []Purpose{Produce}, when: named},
		{sid: Stream, action: "kinesis:DescribeStreamSummary", who: []Purpose{Produce, Consume, Cleanup}},
		{sid: Stream, action: "kinesis:ListShards", who: []Purpose{Produce, Bootstrap, Daemon, Verify}},
		{sid: Stream, action: "kinesis:PutRecords", who: []Purpose{Produce}},
		{sid: Stream, action: "kinesis:GetShardIterator", who: []Purpose{Bootstrap, Daemon}, when: polls},
		{sid: Stream, action: "kinesis:GetRecords", who: []Purpose{Bootstrap, Daemon}, when: polls},
		{sid: Stream, action: "kinesis:GetShardIterator", who: []Purpose{Verify}},
		{sid: Stream, action: "kinesis:GetRecords", who: []Purpose{Verify}},
		{sid: Stream, action: "kinesis:DescribeStreamConsumer", who: []Purpose{Bootstrap, Daemon}, when: fansOut},
		{sid: Stream, action: "kinesis:RegisterStreamConsumer", who: []Purpose{Bootstrap, Daemon}, when: registers},
		{sid: Stream, action: "kinesis:ListStreamConsumers", who: []Purpose{Cleanup}},
		{sid: Stream, action: "kinesis:ListTagsForStream", who: []Purpose{Cleanup}},
		{sid: Stream, action: "kinesis:DeleteStream", who: []Purpose{Cleanup}},
		{sid: Consumer, action: "kinesis:DescribeStreamConsumer", who: []Purpose{Bootstrap, Daemon}, when: fansOut},
		{sid: Consumer, action: "kinesis:RegisterStreamConsumer", who: []Purpose{Bootstrap, Daemon}, when: registers},
		{sid: Consumer, action: "kinesis:SubscribeToShard", who: []Purpose{Bootstrap, Daemon}, when: fansOut},
		{sid: Metrics, action: "cloudwatch:PutMetricData", who: []Purpose{Bootstrap}, when: measures},
	}
}

func tableGrants() []grant {
	return []grant{
		{sid: LeaseTable, action: "dynamodb:CreateTable", who: []Purpose{Bootstrap, Daemon}},
		{sid: LeaseTable, action: "dynamodb:DescribeTable", who: []Purpose{Bootstrap, Daemon, Cleanup}},
		{sid: LeaseTable, action: "dynamodb:UpdateTable", who: []Purpose{Bootstrap}}, // adds the index
		{sid: LeaseTable, action: "dynamodb:Scan", who: []Purpose{Bootstrap, Daemon, Verify, Cleanup}},
		{sid: LeaseTable, action: "dynamodb:GetItem", who: []Purpose{Bootstrap, Daemon}}, // the Go daemon when a lease is gone that it writes
		{sid: LeaseTable, action: "dynamodb:PutItem", who: []Purpose{Bootstrap, Daemon}},
		{sid: LeaseTable, action: "dynamodb:UpdateItem", who: []Purpose{Bootstrap, Daemon}},
		{sid: LeaseTable, action: "dynamodb:DeleteItem", who: []Purpose{Bootstrap, Daemon}},
		{sid: LeaseTable, action: "dynamodb:DeleteTable", who: []Purpose{Cleanup}},
		{sid: LeaseIndex, action: "dynamodb:Query", who: []Purpose{Bootstrap}},
		// The daemon has the coordinator's items by their keys, by its lock client also; it updates workers' metrics, reads all, and deletes those
		// of workers that are gone for a day (LeaseAssignmentManager).
		{sid: Coordinator, action: "dynamodb:CreateTable", who: []Purpose{Bootstrap}},
		{sid: Coordinator, action: "dynamodb:DescribeTable", who: []Purpose{Bootstrap, Cleanup}},
		{sid: Coordinator, action: "dynamodb:Scan", who: []Purpose{Cleanup}},
		{sid: Coordinator, action: "dynamodb:GetItem", who: []Purpose{Bootstrap}},
		{sid: Coordinator, action: "dynamodb:PutItem", who: []Purpose{Bootstrap}},
		{sid: Coordinator, action: "dynamodb:UpdateItem", who: []Purpose{Bootstrap}},
		{sid: Coordinator, action: "dynamodb:DeleteItem", who: []Purpose{Bootstrap}},
		{sid: Coordinator, action: "dynamodb:DeleteTable", who: []Purpose{Cleanup}},
		{sid: Workers, action: "dynamodb:CreateTable", who: []Purpose{Bootstrap}},
		{sid: Workers, action: "dynamodb:DescribeTable", who: []Purpose{Bootstrap, Cleanup}},
		{sid: Workers, action: "dynamodb:Scan", who: []Purpose{Bootstrap, Cleanup}},
		{sid: Workers, action: "dynamodb:UpdateItem", who: []Purpose{Bootstrap}},
		{sid: Workers, action: "dynamodb:DeleteItem", who: []Purpose{Bootstrap}},
		{sid: Workers, action: "dynamodb:DeleteTable", who: []Purpose{Cleanup}},
	}
}

func bucketGrants() []grant {
	return []grant{
		// Without it S3 answers 403 for keys that are not there, and whoever asks for a claim cannot know that there is none.
		{sid: Bucket, action: "s3:ListBucket", who: []Purpose{Consume, Verify, Cleanup}},
		{sid: Bucket, action: "s3:CreateBucket", who: []Purpose{Consume}, when: makesBucket},
		{sid: Bucket, action: "s3:PutLifecycleConfiguration", who: []Purpose{Consume}, when: makesBucket},
		{sid: Bucket, action: "s3:GetLifecycleConfiguration", who: []Purpose{Consume}},
		{sid: Bucket, action: "s3:GetBucketVersioning", who: []Purpose{Cleanup}},
		{sid: Bucket, action: "s3:ListBucketVersions", who: []Purpose{Cleanup}},
		{sid: Bucket, action: "s3:ListBucketMultipartUploads", who: []Purpose{Cleanup}},
		{sid: Bucket, action: "s3:DeleteBucket", who: []Purpose{Cleanup}, when: makesBucket},
		{sid: Encryption, action: "kms:GenerateDataKey", who: []Purpose{Consume}, when: encrypts},
		{sid: Encryption, action: "kms:Decrypt", who: []Purpose{Consume, Verify, Cleanup}, when: encrypts},
	}
}

func objectGrants() []grant {
	all := []grant{
		{sid: Objects, action: "s3:PutObjectTagging", who: []Purpose{Consume}, when: tags},
		{sid: Rejected, action: "s3:PutObject", who: []Purpose{Consume}},
	}
	for _, sid := range []string{Objects, Claims, Markers} {
		all = append(all, grant{sid: sid, action: "s3:PutObject", who: []Purpose{Consume}}, grant{sid: sid, action: "s3:GetObject", who: []Purpose{Consume}})
	}
	// Objects may carry the keys of an earlier template, which only their metadata proves ours.
	for _, action := range []string{"s3:GetObject", "s3:GetObjectVersion"} {
		all = append(all, grant{sid: EveryObject, action: action, who: []Purpose{Cleanup}})
	}
	all = append(all, grant{sid: EveryObject, action: "s3:GetObject", who: []Purpose{Verify}})
	for _, action := range []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"} {
		all = append(all, grant{sid: EveryObject, action: action, who: []Purpose{Cleanup}})
	}
	for _, action := range []string{"s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"} {
		all = append(all, grant{sid: Probe, action: action, who: []Purpose{Bootstrap}})
	}
	return all
}

func named(c *properties.Config) bool       { return c.StreamArn == "" }
func polls(c *properties.Config) bool       { return c.RetrievalMode != properties.RetrievalFanOut }
func fansOut(c *properties.Config) bool     { return c.RetrievalMode != properties.RetrievalPolling }
func registers(c *properties.Config) bool   { return fansOut(c) && c.ConsumerArn == "" }
func measures(c *properties.Config) bool    { return c.MetricsLevel != properties.MetricsNone }
func makesBucket(c *properties.Config) bool { return c.CreateBucketIfNotPresent }
func encrypts(c *properties.Config) bool    { return c.KmsKeyID != "" }
func tags(c *properties.Config) bool        { return c.ObjectTags != "" }

// resources are what the statement sid is about.
func (n *Names) resources(sid string) []string {
	if sid == EveryObject && n.separates() { // others may keep objects beside ours
		return slices.Concat(n.resources(Objects), n.resources(Claims), n.resources(Rejected), n.resources(Markers), n.resources(Probe))
	}
	return map[string][]string{
		Stream:      {n.stream()},
		Consumer:    {n.consumer()},
		LeaseTable:  {n.table(n.Tables.Leases)},
		LeaseIndex:  {n.table(n.Tables.Leases) + "/index/" + IndexName},
		Coordinator: {n.table(n.Tables.Coordinator)},
		Workers:     {n.table(n.Tables.Metrics)},
		Bucket:      {n.arn("s3", "", n.Bucket)},
		Objects:     {n.objects()},
		Claims:      {n.own(delivery.ClaimPrefix)},
		Rejected:    {n.own(delivery.ErrorPrefix)},
		Markers:     n.markers(),
		EveryObject: {n.object("*")},
		Probe:       {n.object(delivery.ProbePrefix + "*")},
		Encryption:  {n.key()},
		Metrics:     {"*"}, // they have no resources, only a namespace
	}[sid]
}

// separates reports whether the keys of the objects tell whose they are, so that applications may share the bucket.
func (n *Names) separates() bool {
	return strings.Contains(n.Settings.KeyTemplate, "{application}")
}

// markers are the objects that say whose the bucket is: each application has its own where they may share it.
func (n *Names) markers() []string {
	all := []string{n.object(delivery.OwnerKey)}
	if n.separates() {
		all = append(all, n.object(delivery.ApplicationKey(n.Settings.ApplicationName)))
	}
	return all
}

func (n *Names) condition(sid string) map[string]map[string]string {
	equals := func(key, value string) map[string]map[string]string {
		return map[string]map[string]string{"StringEquals": {key: value}}
	}
	switch {
	case sid == Metrics:
		return equals(namespaceKey, n.Settings.ApplicationName)
	case sid == Encryption && n.alias() != "":
		return equals(aliasKey, n.alias())
	}
	return nil
}
