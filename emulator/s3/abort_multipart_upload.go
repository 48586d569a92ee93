package s3

import "net/http"

// abortMultipartUpload is AbortMultipartUpload.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
//
// Kept: the upload and its parts are dropped; NoSuchUpload when it is not
// there.
//
// Left out: nothing.
func abortMultipartUpload(rq *request) (*reply, error) {
	if err := rq.at.abort(rq.query["uploadId"], rq.key); err != nil {
		return nil, err
	}
	return newReply(http.StatusNoContent), nil
}
