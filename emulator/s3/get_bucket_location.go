package s3

import "clickstream/emulator/internal/wire"

// getBucketLocation is GetBucketLocation.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
//
// Kept: the region; empty for us-east-1.
//
// Left out: nothing.
func getBucketLocation(rq *request) (*reply, error) {
	x := newXML()
	x.root("LocationConstraint")
	if rq.at.region != wire.DefaultRegion {
		x.buf = appendEscaped(x.buf, rq.at.region)
	}
	x.close("LocationConstraint")
	return x.reply(), nil
}
