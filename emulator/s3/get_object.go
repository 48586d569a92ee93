package s3

// getObject is GetObject.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
//
// Kept: whole or by Range or partNumber, If-Match, If-None-Match, If-Modified-
// Since, If-Unmodified-Since, x-amz-checksum-mode, the response-… parameters,
// versionId=null.
//
// Left out: versions, archived objects (they are given as they are).
func getObject(rq *request) (*reply, error) {
	o, err := rq.readableObject()
	if err != nil {
		return nil, err
	}
	part, err := rq.pickPart(o)
	if err != nil {
		return nil, err
	}
	r := newReply(part.status)
	rq.describe(o, part, r)
	r.body = o.body[part.start:part.end]
	return r, nil
}
