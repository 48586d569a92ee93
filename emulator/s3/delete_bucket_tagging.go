package s3

// deleteBucketTagging is DeleteBucketTagging.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html
//
// Kept: the tags are removed.
//
// Left out: nothing.
func deleteBucketTagging(rq *request) (*reply, error) {
	return rq.deleteDocument(docTagging)
}
