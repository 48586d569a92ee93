package s3

// getBucketPolicy is GetBucketPolicy.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
//
// Kept: the text as it was put.
//
// Left out: nothing.
func getBucketPolicy(rq *request) (*reply, error) {
	r, err := rq.getDocument(docPolicy, errNoSuchPolicy)
	if err != nil {
		return nil, err
	}
	r.header = []field{{"Content-Type", "application/json"}}
	return r, nil
}
