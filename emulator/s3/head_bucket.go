package s3

import "net/http"

// headBucket is HeadBucket.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
//
// Kept: 200 with x-amz-bucket-region, 403 for another account's bucket, 404.
//
// Left out: the redirect from another region: a bucket answers in all of them.
func headBucket(rq *request) (*reply, error) {
	return newReply(http.StatusOK).
		set("X-Amz-Bucket-Region", rq.at.region).
		set("X-Amz-Access-Point-Alias", "false"), nil
}
