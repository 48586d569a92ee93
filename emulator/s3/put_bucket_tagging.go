package s3

import "net/http"

// putBucketTagging is PutBucketTagging.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html
//
// Kept: at most 50 tags, their lengths, no key twice.
//
// Left out: nothing.
func putBucketTagging(rq *request) (*reply, error) {
	n, err := rq.readXML("Tagging")
	if err != nil {
		return nil, err
	}
	tags, err := readTags(n, maxBucketTags, "Bucket")
	if err != nil {
		return nil, err
	}
	return rq.putDocument(docTagging, tagging(tags).buf, http.StatusNoContent)
}
