package s3

// getBucketOwnershipControls is GetBucketOwnershipControls.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html
//
// Kept: the document as it was put; BucketOwnerEnforced in a new bucket.
//
// Left out: nothing.
func getBucketOwnershipControls(rq *request) (*reply, error) {
	return rq.getDocument(docOwnership, errNoSuchOwnership)
}
