package s3

// getBucketEncryption is GetBucketEncryption.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
//
// Kept: the document as it was put; AES256 where none was.
//
// Left out: nothing.
func getBucketEncryption(rq *request) (*reply, error) {
	return rq.getDocument(docEncryption, errNoSuchEncryption)
}
