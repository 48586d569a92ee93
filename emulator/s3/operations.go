package s3

import (
	"net/http"
	"slices"
)

// operations lists all operations of the S3 API for general purpose buckets.
func operations() []operation { return slices.Concat(implemented(), missing()) }

// implemented lists the operations that are here, by name.
func implemented() []operation {
	return []operation{
		{name: "AbortMultipartUpload", method: http.MethodDelete, level: onObject, sub: "uploadId", run: abortMultipartUpload},
		{name: "CompleteMultipartUpload", method: http.MethodPost, level: onObject, sub: "uploadId", run: completeMultipartUpload},
		{name: "CopyObject", method: http.MethodPut, level: onObject, header: "X-Amz-Copy-Source", run: copyObject},
		{name: "CreateBucket", method: http.MethodPut, level: onBucket, run: createBucket, unbound: true},
		{name: "CreateMultipartUpload", method: http.MethodPost, level: onObject, sub: "uploads", run: createMultipartUpload},
		{name: "DeleteBucket", method: http.MethodDelete, level: onBucket, run: deleteBucket},
		{name: "DeleteBucketEncryption", method: http.MethodDelete, level: onBucket, sub: "encryption", run: deleteBucketEncryption},
		{name: "DeleteBucketLifecycle", method: http.MethodDelete, level: onBucket, sub: "lifecycle", run: deleteBucketLifecycle},
		{name: "DeleteBucketOwnershipControls", method: http.MethodDelete, level: onBucket, sub: "ownershipControls", run: deleteBucketOwnershipControls},
		{name: "DeleteBucketPolicy", method: http.MethodDelete, level: onBucket, sub: "policy", run: deleteBucketPolicy},
		{name: "DeleteBucketTagging", method: http.MethodDelete, level: onBucket, sub: "tagging", run: deleteBucketTagging},
		{name: "DeleteObject", method: http.MethodDelete, level: onObject, run: deleteObject},
		{name: "DeleteObjectTagging", method: http.MethodDelete, level: onObject, sub: "tagging", run: deleteObjectTagging},
		{name: "DeleteObjects", method: http.MethodPost, level: onBucket, sub: "delete", run: deleteObjects},
		{name: "DeletePublicAccessBlock", method: http.MethodDelete, level: onBucket, sub: "publicAccessBlock", run: deletePublicAccessBlock},
		{name: "GetBucketEncryption", method: http.MethodGet, level: onBucket, sub: "encryption", run: getBucketEncryption},
		{name: "GetBucketLifecycleConfiguration", method: http.MethodGet, level: onBucket, sub: "lifecycle", run: getBucketLifecycleConfiguration},
		{name: "GetBucketLocation", method: http.MethodGet, level: onBucket, sub: "location", run: getBucketLocation},
		{name: "GetBucketOwnershipControls", method: http.MethodGet, level: onBucket, sub: "ownershipControls", run: getBucketOwnershipControls},
		{name: "GetBucketPolicy", method: http.MethodGet, level: onBucket, sub: "policy", run: getBucketPolicy},
		{name: "GetBucketTagging", method: http.MethodGet, level: onBucket, sub: "tagging", run: getBucketTagging},
		{name: "GetBucketVersioning", method: http.MethodGet, level: onBucket, sub: "versioning", run: getBucketVersioning},
		{name: "GetObject", method: http.MethodGet, level: onObject, run: getObject},
		{name: "GetObjectAttributes", method: http.MethodGet, level: onObject, sub: "attributes", run: getObjectAttributes},
		{name: "GetObjectTagging", method: http.MethodGet, level: onObject, sub: "tagging", run: getObjectTagging},
		{name: "GetPublicAccessBlock", method: http.MethodGet, level: onBucket, sub: "publicAccessBlock", run: getPublicAccessBlock},
		{name: "HeadBucket", method: http.MethodHead, level: onBucket, run: headBucket},
		{name: "HeadObject", method: http.MethodHead, level: onObject, run: headObject},
		{name: "ListBuckets", method: http.MethodGet, level: onService, run: listBuckets},
		{name: "ListMultipartUploads", method: http.MethodGet, level: onBucket, sub: "uploads", run: listMultipartUploads},
		{name: "ListObjectVersions", method: http.MethodGet, level: onBucket, sub: "versions", run: listObjectVersions},
		{name: "ListObjects", method: http.MethodGet, level: onBucket, run: listObjects},
		{name: "ListObjectsV2", method: http.MethodGet, level: onBucket, sub: "list-type", run: listObjectsV2},
		{name: "ListParts", method: http.MethodGet, level: onObject, sub: "uploadId", run: listParts},
		{name: "PutBucketEncryption", method: http.MethodPut, level: onBucket, sub: "encryption", run: putBucketEncryption},
		{name: "PutBucketLifecycleConfiguration", method: http.MethodPut, level: onBucket, sub: "lifecycle", run: putBucketLifecycleConfiguration},
		{name: "PutBucketOwnershipControls", method: http.MethodPut, level: onBucket, sub: "ownershipControls", run: putBucketOwnershipControls},
		{name: "PutBucketPolicy", method: http.MethodPut, level: onBucket, sub: "policy", run: putBucketPolicy},
		{name: "PutBucketTagging", method: http.MethodPut, level: onBucket, sub: "tagging", run: putBucketTagging},
		{name: "PutObject", method: http.MethodPut, level: onObject, run: putObject},
		{name: "PutObjectTagging", method: http.MethodPut, level: onObject, sub: "tagging", run: putObjectTagging},
		{name: "PutPublicAccessBlock", method: http.MethodPut, level: onBucket, sub: "publicAccessBlock", run: putPublicAccessBlock},
		{name: "UploadPart", method: http.MethodPut, level: onObject, sub: "uploadId", run: uploadPart},
		{name: "UploadPartCopy", method: http.MethodPut, level: onObject, sub: "uploadId", header: "X-Amz-Copy-Source", run: uploadPartCopy},
	}
}

// missing lists those that are not, by name, so that the answer can say which
// one it was.
func missing() []operation {
	return []operation{
		{name: "CreateBucketMetadataConfiguration", method: http.MethodPost, level: onBucket, sub: "metadataConfiguration"},
		{name: "CreateBucketMetadataTableConfiguration", method: http.MethodPost, level: onBucket, sub: "metadataTable"},
		{name: "CreateSession", method: http.MethodGet, level: onBucket, sub: "session"},
		{name: "DeleteBucketAnalyticsConfiguration", method: http.MethodDelete, level: onBucket, sub: "analytics"},
		{name: "DeleteBucketCors", method: http.MethodDelete, level: onBucket, sub: "cors"},
		{name: "DeleteBucketIntelligentTieringConfiguration", method: http.MethodDelete, level: onBucket, sub: "intelligent-tiering"},
		{name: "DeleteBucketInventoryConfiguration", method: http.MethodDelete, level: onBucket, sub: "inventory"},
		{name: "DeleteBucketMetadataConfiguration", method: http.MethodDelete, level: onBucket, sub: "metadataConfiguration"},
		{name: "DeleteBucketMetadataTableConfiguration", method: http.MethodDelete, level: onBucket, sub: "metadataTable"},
		{name: "DeleteBucketMetricsConfiguration", method: http.MethodDelete, level: onBucket, sub: "metrics"},
		{name: "DeleteBucketReplication", method: http.MethodDelete, level: onBucket, sub: "replication"},
		{name: "DeleteBucketWebsite", method: http.MethodDelete, level: onBucket, sub: "website"},
		{name: "GetBucketAbac", method: http.MethodGet, level: onBucket, sub: "abac"},
		{name: "GetBucketAccelerateConfiguration", method: http.MethodGet, level: onBucket, sub: "accelerate"},
		{name: "GetBucketAcl", method: http.MethodGet, level: onBucket, sub: "acl"},
		{name: "GetBucketAnalyticsConfiguration", method: http.MethodGet, level: onBucket, sub: "analytics"},
		{name: "GetBucketCors", method: http.MethodGet, level: onBucket, sub: "cors"},
		{name: "GetBucketIntelligentTieringConfiguration", method: http.MethodGet, level: onBucket, sub: "intelligent-tiering"},
		{name: "GetBucketInventoryConfiguration", method: http.MethodGet, level: onBucket, sub: "inventory"},
		{name: "GetBucketLogging", method: http.MethodGet, level: onBucket, sub: "logging"},
		{name: "GetBucketMetadataConfiguration", method: http.MethodGet, level: onBucket, sub: "metadataConfiguration"},
		{name: "GetBucketMetadataTableConfiguration", method: http.MethodGet, level: onBucket, sub: "metadataTable"},
		{name: "GetBucketMetricsConfiguration", method: http.MethodGet, level: onBucket, sub: "metrics"},
		{name: "GetBucketNotificationConfiguration", method: http.MethodGet, level: onBucket, sub: "notification"},
		{name: "GetBucketPolicyStatus", method: http.MethodGet, level: onBucket, sub: "policyStatus"},
		{name: "GetBucketReplication", method: http.MethodGet, level: onBucket, sub: "replication"},
		{name: "GetBucketRequestPayment", method: http.MethodGet, level: onBucket, sub: "requestPayment"},
		{name: "GetBucketWebsite", method: http.MethodGet, level: onBucket, sub: "website"},
		{name: "GetObjectAcl", method: http.MethodGet, level: onObject, sub: "acl"},
		{name: "GetObjectLegalHold", method: http.MethodGet, level: onObject, sub: "legal-hold"},
		{name: "GetObjectLockConfiguration", method: http.MethodGet, level: onBucket, sub: "object-lock"},
		{name: "GetObjectRetention", method: http.MethodGet, level: onObject, sub: "retention"},
		{name: "GetObjectTorrent", method: http.MethodGet, level: onObject, sub: "torrent"},
		{name: "PostObject", method: http.MethodPost, level: onBucket},
		{name: "PutBucketAbac", method: http.MethodPut, level: onBucket, sub: "abac"},
		{name: "PutBucketAccelerateConfiguration", method: http.MethodPut, level: onBucket, sub: "accelerate"},
		{name: "PutBucketAcl", method: http.MethodPut, level: onBucket, sub: "acl"},
		{name: "PutBucketAnalyticsConfiguration", method: http.MethodPut, level: onBucket, sub: "analytics"},
		{name: "PutBucketCors", method: http.MethodPut, level: onBucket, sub: "cors"},
		{name: "PutBucketIntelligentTieringConfiguration", method: http.MethodPut, level: onBucket, sub: "intelligent-tiering"},
		{name: "PutBucketInventoryConfiguration", method: http.MethodPut, level: onBucket, sub: "inventory"},
		{name: "PutBucketLogging", method: http.MethodPut, level: onBucket, sub: "logging"},
		{name: "PutBucketMetricsConfiguration", method: http.MethodPut, level: onBucket, sub: "metrics"},
		{name: "PutBucketNotificationConfiguration", method: http.MethodPut, level: onBucket, sub: "notification"},
		{name: "PutBucketReplication", method: http.MethodPut, level: onBucket, sub: "replication"},
		{name: "PutBucketRequestPayment", method: http.MethodPut, level: onBucket, sub: "requestPayment"},
		{name: "PutBucketVersioning", method: http.MethodPut, level: onBucket, sub: "versioning"},
		{name: "PutBucketWebsite", method: http.MethodPut, level: onBucket, sub: "website"},
		{name: "PutObjectAcl", method: http.MethodPut, level: onObject, sub: "acl"},
		{name: "PutObjectLegalHold", method: http.MethodPut, level: onObject, sub: "legal-hold"},
		{name: "PutObjectLockConfiguration", method: http.MethodPut, level: onBucket, sub: "object-lock"},
		{name: "PutObjectRetention", method: http.MethodPut, level: onObject, sub: "retention"},
		{name: "RenameObject", method: http.MethodPut, level: onObject, sub: "renameObject"},
		{name: "RestoreObject", method: http.MethodPost, level: onObject, sub: "restore"},
		{name: "SelectObjectContent", method: http.MethodPost, level: onObject, sub: "select"},
		{name: "UpdateObjectEncryption", method: http.MethodPut, level: onObject, sub: "encryption"},
	}
}

// Operations lists the names of the operations that the store runs.
func (s *Store) Operations() []string {
	var names []string
	for _, op := range implemented() {
		names = append(names, op.name)
	}
	return names
}
