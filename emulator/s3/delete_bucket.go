package s3

import "net/http"

// deleteBucket is DeleteBucket.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
//
// Kept: BucketNotEmpty while there are objects. Unfinished uploads go with the
// bucket.
//
// Left out: nothing.
func deleteBucket(rq *request) (*reply, error) {
	if err := rq.store.drop(rq.at); err != nil {
		return nil, err
	}
	return newReply(http.StatusNoContent), nil
}
