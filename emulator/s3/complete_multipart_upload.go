package s3

import (
	"strconv"
	"strings"
)

// completeMultipartUpload is CompleteMultipartUpload.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
//
// Kept: order, entity tags, checksums and least size of the parts, x-amz-mp-
// object-size, the checksum of the whole, If-None-Match: * and If-Match with
// exactly one winner; after a 412 the upload is still there.
//
// Left out: answering a repeated completion with 200: it is NoSuchUpload.
func completeMultipartUpload(rq *request) (*reply, error) {
	condition, err := readWriteCondition(rq.header())
	if err != nil {
		return nil, err
	}
	rq.checksumOfWhole = true
	n, err := rq.readXML("CompleteMultipartUpload")
	if err != nil {
		return nil, err
	}
	claimed, err := readClaimedParts(n)
	if err != nil {
		return nil, err
	}
	u, stored, err := rq.at.upload(rq.query["uploadId"], rq.key)
	if err != nil {
		return nil, err
	}
	chosen, err := chooseParts(u, stored, claimed)
	if err != nil {
		return nil, err
	}
	o := u.assemble(chosen, rq.now())
	if err := rq.checkAssembled(o); err != nil {
		return nil, err
	}
	if err := rq.at.finish(u.id, o, condition); err != nil {
		return nil, err
	}
	x := newXML()
	x.root("CompleteMultipartUploadResult")
	x.text("Location", "http://"+rq.http.Host+rq.http.URL.EscapedPath())
	x.text("Bucket", rq.bucket)
	x.text("Key", rq.key)
	x.text("ETag", o.etag)
	x.checksum(o.checksum)
	x.close("CompleteMultipartUploadResult")
	r := x.reply()
	o.describeEncryption(r)
	return r, nil
}

// readClaimedParts reads the parts that a completion names.
func readClaimedParts(n *node) ([]claimedPart, error) {
	var claimed []claimedPart
	for _, p := range n.all("Part") {
		number, ok := p.number("PartNumber")
		if !ok || p.child("ETag") == nil {
			return nil, errMalformedXML
		}
		c := claimedPart{number: number, etag: p.value("ETag")}
		for _, child := range p.children {
			if algorithm, ok := strings.CutPrefix(child.name, "Checksum"); ok {
				c.checksum = checksum{algorithm: strings.ToLower(algorithm), text: strings.TrimSpace(child.text)}
			}
		}
		claimed = append(claimed, c)
	}
	if len(claimed) == 0 || len(claimed) > maxPartNumber {
		return nil, errMalformedXML
	}
	return claimed, nil
}

// checkAssembled compares the object with what the request says of the whole.
func (rq *request) checkAssembled(o *object) error {
	if text := rq.header().Get("X-Amz-Mp-Object-Size"); text != "" && text != strconv.Itoa(len(o.body)) {
		return errInvalidRequest.because("The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d", text, len(o.body))
	}
	want, err := declaredChecksum(rq.header())
	switch {
	case err != nil || want.algorithm == "":
		return err
	case want.algorithm == o.checksum.algorithm && want.text != o.checksum.value(),
		want.algorithm != o.checksum.algorithm && want.text != computeChecksum(want.algorithm, o.body):
		return errBadDigest.because("The %s you specified did not match the calculated checksum.", want.algorithm)
	}
	return nil
}
