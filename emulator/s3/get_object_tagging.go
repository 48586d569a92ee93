package s3

// getObjectTagging is GetObjectTagging.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html
//
// Kept: the tags as they were put.
//
// Left out: versions.
func getObjectTagging(rq *request) (*reply, error) {
	if err := rq.checkVersion(); err != nil {
		return nil, err
	}
	o, err := rq.at.mustGet(rq.key)
	if err != nil {
		return nil, err
	}
	return tagging(o.tags).reply(), nil
}
