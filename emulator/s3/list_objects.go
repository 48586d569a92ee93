package s3

// listObjects is ListObjects.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
//
// Kept: prefix, delimiter, marker, max-keys, encoding-type=url; NextMarker with
// a delimiter only.
//
// Left out: restore status.
func listObjects(rq *request) (*reply, error) {
	l, err := rq.listing()
	if err != nil {
		return nil, err
	}
	l.after = rq.query["marker"]
	l.afterPrefix = endsGroup(l)
	p := rq.at.list(l)
	x := rq.startListing("ListBucketResult", l)
	x.key("Marker", rq.query["marker"])
	if p.truncated && l.delimiter != "" {
		x.key("NextMarker", p.last)
	}
	x.bool("IsTruncated", p.truncated)
	x.contents(p, rq.at.account)
	x.close("ListBucketResult")
	return x.reply(), nil
}
