package s3

import "net/http"

// putObjectTagging is PutObjectTagging.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
//
// Kept: at most 10 tags, their lengths, no key twice. Entity tag and date of
// the object stay.
//
// Left out: versions.
func putObjectTagging(rq *request) (*reply, error) {
	if err := rq.checkVersion(); err != nil {
		return nil, err
	}
	n, err := rq.readXML("Tagging")
	if err != nil {
		return nil, err
	}
	tags, err := readTags(n, maxObjectTags, "Object")
	if err != nil {
		return nil, err
	}
	if err := rq.at.retag(rq.key, tags); err != nil {
		return nil, err
	}
	return newReply(http.StatusOK), nil
}
