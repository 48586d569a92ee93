package s3

import "net/http"

// putBucketOwnershipControls is PutBucketOwnershipControls.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html
//
// Kept: a document with one rule of a known ownership.
//
// Left out: the effect: there are no ACLs.
func putBucketOwnershipControls(rq *request) (*reply, error) {
	n, err := rq.readXML("OwnershipControls")
	if err != nil {
		return nil, err
	}
	rules := n.all("Rule")
	if len(rules) != 1 {
		return nil, errMalformedXML
	}
	switch rules[0].value("ObjectOwnership") {
	case "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter":
		return rq.putDocument(docOwnership, n.document(), http.StatusOK)
	}
	return nil, errMalformedXML
}
