package s3

// getBucketTagging is GetBucketTagging.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html
//
// Kept: the tags as they were put; NoSuchTagSet where there are none.
//
// Left out: nothing.
func getBucketTagging(rq *request) (*reply, error) {
	return rq.getDocument(docTagging, errNoSuchTagSet)
}
