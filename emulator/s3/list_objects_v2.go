package s3

import "strings"

// listObjectsV2 is ListObjectsV2.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
//
// Kept: prefix, delimiter, max-keys, continuation-token, start-after, encoding-
// type=url, fetch-owner.
//
// Left out: restore status.
func listObjectsV2(rq *request) (*reply, error) {
	if t := rq.query["list-type"]; t != "2" {
		return nil, argument("list-type", t, "Invalid list type")
	}
	l, err := rq.listing()
	if err != nil {
		return nil, err
	}
	l.after = rq.query["start-after"]
	l.afterPrefix = endsGroup(l)
	if rq.query.has("continuation-token") {
		token, err := decodeToken(rq.query["continuation-token"])
		if err != nil || token.last == "" {
			return nil, argument("continuation-token", rq.query["continuation-token"], "The continuation token provided is incorrect")
		}
		l.after, l.afterPrefix = token.last, !token.isKey
	}
	p := rq.at.list(l)
	x := rq.startListing("ListBucketResult", l)
	x.optional("ContinuationToken", rq.query["continuation-token"])
	if p.truncated {
		x.text("NextContinuationToken", listToken{last: p.last, isKey: p.lastIsKey}.encode())
	}
	x.optionalKey("StartAfter", rq.query["start-after"])
	x.int("KeyCount", len(p.objects)+len(p.prefixes))
	x.bool("IsTruncated", p.truncated)
	owner := ""
	if strings.EqualFold(rq.query["fetch-owner"], "true") {
		owner = rq.at.account
	}
	x.contents(p, owner)
	x.close("ListBucketResult")
	return x.reply(), nil
}
