package s3

// deleteBucketLifecycle is DeleteBucketLifecycle.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketLifecycle.html
//
// Kept: the rules are removed.
//
// Left out: nothing.
func deleteBucketLifecycle(rq *request) (*reply, error) {
	return rq.deleteDocument(docLifecycle)
}
