package s3

import "net/http"

// deleteObject is DeleteObject.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
//
// Kept: 204 whether the key was there or not, If-Match, versionId=null.
//
// Left out: delete markers, MFA.
func deleteObject(rq *request) (*reply, error) {
	if err := rq.checkVersion(); err != nil {
		return nil, err
	}
	if err := rq.at.remove(rq.key, writeCondition{etag: rq.header().Get("If-Match")}); err != nil {
		return nil, err
	}
	return newReply(http.StatusNoContent), nil
}
