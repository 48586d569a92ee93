package s3

// deletePublicAccessBlock is DeletePublicAccessBlock.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html
//
// Kept: the document is removed.
//
// Left out: nothing.
func deletePublicAccessBlock(rq *request) (*reply, error) {
	return rq.deleteDocument(docPublicAccess)
}
