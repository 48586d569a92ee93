package s3

// headObject is HeadObject.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
//
// Kept: what GetObject says in its headers, conditions and ranges too.
//
// Left out: as GetObject.
func headObject(rq *request) (*reply, error) {
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
	return r, nil
}
