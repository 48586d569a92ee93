package s3

import "net/http"

// deleteObjectTagging is DeleteObjectTagging.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html
//
// Kept: the tags are removed.
//
// Left out: versions.
func deleteObjectTagging(rq *request) (*reply, error) {
	if err := rq.checkVersion(); err != nil {
		return nil, err
	}
	if err := rq.at.retag(rq.key, nil); err != nil {
		return nil, err
	}
	return newReply(http.StatusNoContent), nil
}
