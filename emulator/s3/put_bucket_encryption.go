package s3

import "net/http"

// putBucketEncryption is PutBucketEncryption.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
//
// Kept: a document with one rule and a known algorithm.
//
// Left out: the effect: an object has the encryption of its own request, AES256
// by default.
func putBucketEncryption(rq *request) (*reply, error) {
	n, err := rq.readXML("ServerSideEncryptionConfiguration")
	if err != nil {
		return nil, err
	}
	rules := n.all("Rule")
	if len(rules) != 1 {
		return nil, errMalformedXML
	}
	switch rules[0].child("ApplyServerSideEncryptionByDefault").value("SSEAlgorithm") {
	case "AES256", "aws:kms", "aws:kms:dsse":
		return rq.putDocument(docEncryption, n.document(), http.StatusOK)
	}
	return nil, errMalformedXML
}
