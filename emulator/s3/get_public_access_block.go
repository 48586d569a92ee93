package s3

// getPublicAccessBlock is GetPublicAccessBlock.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html
//
// Kept: the document as it was put; all four true in a new bucket.
//
// Left out: nothing.
func getPublicAccessBlock(rq *request) (*reply, error) {
	return rq.getDocument(docPublicAccess, errNoSuchPublicAccessBlock)
}
