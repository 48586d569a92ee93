package s3

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// putBucketPolicy is PutBucketPolicy.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
//
// Kept: any JSON object of at most 20 KiB.
//
// Left out: its meaning: statements are neither checked nor applied, and the
// block of public policies is not either.
func putBucketPolicy(rq *request) (*reply, error) {
	text, err := rq.readDocument()
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(text)
	if len(text) == 0 || text[0] != '{' || !json.Valid(text) {
		return nil, errMalformedPolicy
	}
	if len(text) > maxPolicy {
		return nil, errMalformedPolicy.because("Normalized policy document exceeds the maximum allowed size of %d bytes.", maxPolicy)
	}
	return rq.putDocument(docPolicy, text, http.StatusNoContent)
}

// maxPolicy is the most bytes of a bucket policy.
const maxPolicy = 20 * 1024
