package s3

import (
	"net/http"
	"strings"
)

// putPublicAccessBlock is PutPublicAccessBlock.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html
//
// Kept: the four settings; one that is not named is false.
//
// Left out: the effect: nothing is ever public.
func putPublicAccessBlock(rq *request) (*reply, error) {
	n, err := rq.readXML("PublicAccessBlockConfiguration")
	if err != nil {
		return nil, err
	}
	x := newXML()
	x.root(n.name)
	for _, name := range []string{"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"} {
		switch strings.ToLower(n.value(name)) {
		case "true":
			x.bool(name, true)
		case "false", "":
			x.bool(name, false)
		default:
			return nil, errMalformedXML
		}
	}
	x.close(n.name)
	return rq.putDocument(docPublicAccess, x.buf, http.StatusOK)
}
