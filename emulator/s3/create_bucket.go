package s3

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
	"strings"

	"clickstream/emulator/internal/wire"
)

// createBucket is CreateBucket.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
//
// Kept: name rules, LocationConstraint (absent, empty, or that of the request's
// region; anything from us-east-1), tags. A bucket that is there:
// BucketAlreadyOwnedByYou, or BucketAlreadyExists when it is another account's;
// 200 where both are in us-east-1, as in the service.
//
// Left out: directory buckets, ACLs, object lock, the ownership header's
// effect.
func createBucket(rq *request) (*reply, error) {
	if !validBucketName(rq.bucket) {
		return nil, errInvalidBucketName.with("BucketName", rq.bucket)
	}
	text, err := rq.readDocument()
	if err != nil {
		return nil, err
	}
	region, tags := "", []field(nil)
	if len(bytes.TrimSpace(text)) > 0 {
		n, err := parseXML(text)
		if err != nil {
			return nil, err
		}
		if region, tags, err = readBucketConfiguration(n); err != nil {
			return nil, err
		}
	}
	if region, err = placeBucket(region, rq.scope.Region); err != nil {
		return nil, err
	}
	b := newBucket(rq.bucket, rq.scope.Account, region, rq.store.clock)
	if len(tags) > 0 {
		b.documents[docTagging] = tagging(tags).buf
	}
	if err := rq.store.create(b); err != nil {
		return nil, err
	}
	return newReply(http.StatusOK).set("Location", "/"+rq.bucket), nil
}

// readBucketConfiguration reads a CreateBucketConfiguration.
func readBucketConfiguration(n *node) (region string, tags []field, err error) {
	if n.name != "CreateBucketConfiguration" {
		return "", nil, errMalformedXML
	}
	if n.child("Location") != nil || n.child("Bucket") != nil {
		return "", nil, errNotImplemented.because("The emulator has no directory buckets.")
	}
	if set := n.child("Tags"); set != nil {
		if tags, err = readTagList(set, maxBucketTags, "Bucket"); err != nil {
			return "", nil, err
		}
	}
	return n.value("LocationConstraint"), tags, nil
}

// placeBucket gives the region of a new bucket from what the body asks for and
// the region that the request was signed for.
func placeBucket(constraint, region string) (string, error) {
	switch constraint {
	case "EU":
		constraint = "eu-west-1"
	case wire.DefaultRegion:
		return "", errInvalidLocation.with("LocationConstraint", constraint)
	}
	switch {
	case region == wire.DefaultRegion:
		return cmp.Or(constraint, wire.DefaultRegion), nil
	case constraint == "":
		return "", errIllegalLocation.because("The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
	case constraint != region:
		return "", errIllegalLocation.because("The %s location constraint is incompatible for the region specific endpoint this request was sent to.", constraint)
	}
	return constraint, nil
}

// validBucketName holds a name to the rules of general purpose buckets.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func validBucketName(name string) bool {
	const inside = "abcdefghijklmnopqrstuvwxyz0123456789-."
	if len(name) < 3 || len(name) > 63 || strings.Trim(name, inside) != "" {
		return false
	}
	if strings.Trim(name[:1]+name[len(name)-1:], "-.") != name[:1]+name[len(name)-1:] || strings.Contains(name, "..") {
		return false
	}
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return net.ParseIP(name) == nil
}
