package s3

import (
	"net/http"
	"strconv"
)

// uploadPart is UploadPart.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
//
// Kept: body, checksums and Content-MD5 as PutObject; a part of the same number
// is replaced.
//
// Left out: customer keys.
func uploadPart(rq *request) (*reply, error) {
	number, err := rq.partNumber()
	if err != nil {
		return nil, err
	}
	u, err := rq.at.pending(rq.query["uploadId"], rq.key)
	if err != nil {
		return nil, err
	}
	p, err := rq.readObject()
	if err != nil {
		return nil, err
	}
	made, err := u.newPart(number, p, rq.now())
	if err != nil {
		return nil, err
	}
	if err := rq.at.addPart(u.id, u.key, made); err != nil {
		return nil, err
	}
	r := newReply(http.StatusOK).set("ETag", made.etag())
	u.describeEncryption(r)
	if made.checksum.algorithm != "" {
		r.set(http.CanonicalHeaderKey(checksumHeader+made.checksum.algorithm), made.checksum.value())
	}
	return r, nil
}

// partNumber reads the number that an UploadPart must have.
func (rq *request) partNumber() (int, error) {
	text := rq.query["partNumber"]
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPartNumber {
		return 0, argument("partNumber", text, "Part number must be an integer between 1 and %d, inclusive", maxPartNumber)
	}
	return n, nil
}
