package s3

import "net/http"

// deleteBucketEncryption is DeleteBucketEncryption.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html
//
// Kept: the encryption falls back to AES256.
//
// Left out: nothing.
func deleteBucketEncryption(rq *request) (*reply, error) {
	return rq.putDocument(docEncryption, defaultEncryption(), http.StatusNoContent)
}
