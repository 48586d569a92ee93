package s3

// deleteBucketOwnershipControls is DeleteBucketOwnershipControls.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html
//
// Kept: the document is removed.
//
// Left out: nothing.
func deleteBucketOwnershipControls(rq *request) (*reply, error) {
	return rq.deleteDocument(docOwnership)
}
