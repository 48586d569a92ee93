package s3

import "strings"

// listBuckets is ListBuckets.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
//
// Kept: the buckets of the request's account by name, with region; prefix,
// bucket-region, max-buckets and continuation-token.
//
// Left out: directory buckets.
func listBuckets(rq *request) (*reply, error) {
	most, err := rq.limit("max-buckets", maxBuckets, maxBuckets)
	if err != nil {
		return nil, err
	}
	after, err := decodeToken(rq.query["continuation-token"])
	if err != nil {
		return nil, err
	}
	x := newXML()
	x.root("ListAllMyBucketsResult")
	x.owner("Owner", rq.scope.Account)
	x.open("Buckets")
	listed, last := 0, ""
	token := ""
	for _, b := range rq.store.owned(rq.scope.Account) {
		if b.name <= after.last || !strings.HasPrefix(b.name, rq.query["prefix"]) || !rq.wantsRegion(b.region) {
			continue
		}
		if listed == most {
			token = listToken{last: last, isKey: true}.encode()
			break
		}
		x.open("Bucket")
		x.text("Name", b.name)
		x.time("CreationDate", b.created)
		x.text("BucketRegion", b.region)
		x.close("Bucket")
		listed, last = listed+1, b.name
	}
	x.close("Buckets")
	x.optional("ContinuationToken", token)
	x.optional("Prefix", rq.query["prefix"])
	x.close("ListAllMyBucketsResult")
	return x.reply(), nil
}

func (rq *request) wantsRegion(region string) bool {
	want := rq.query["bucket-region"]
	return want == "" || want == region
}
