package s3

// deleteBucketPolicy is DeleteBucketPolicy.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html
//
// Kept: the policy is removed.
//
// Left out: nothing.
func deleteBucketPolicy(rq *request) (*reply, error) {
	return rq.deleteDocument(docPolicy)
}
