package s3

import (
	"crypto/md5"
	"strings"
)

// uploadPartCopy is UploadPartCopy.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
//
// Kept: the source's conditions and x-amz-copy-source-range.
//
// Left out: versions, customer keys.
func uploadPartCopy(rq *request) (*reply, error) {
	number, err := rq.partNumber()
	if err != nil {
		return nil, err
	}
	u, err := rq.at.pending(rq.query["uploadId"], rq.key)
	if err != nil {
		return nil, err
	}
	source, err := rq.copySource()
	if err != nil {
		return nil, err
	}
	body, err := copyRange(source.body, rq.header().Get("X-Amz-Copy-Source-Range"))
	if err != nil {
		return nil, err
	}
	made, err := u.newPart(number, &payload{data: body, md5: md5.Sum(body)}, rq.now())
	if err != nil {
		return nil, err
	}
	if err := rq.at.addPart(u.id, u.key, made); err != nil {
		return nil, err
	}
	x := newXML()
	x.root("CopyPartResult")
	x.text("ETag", made.etag())
	x.time("LastModified", made.modified)
	if made.checksum.algorithm != "" {
		x.text(made.checksum.element(), made.checksum.value())
	}
	x.close("CopyPartResult")
	r := x.reply()
	u.describeEncryption(r)
	return r, nil
}

// copyRange gives the part of a body that x-amz-copy-source-range names, the
// whole where it is not there. Unlike Range it must be exact.
func copyRange(body []byte, text string) ([]byte, error) {
	if text != "" {
		r, ok, err := parseRange(text, int64(len(body)))
		last, _ := parseOffset(text[strings.LastIndex(text, "-")+1:])
		if err != nil || !ok || strings.HasPrefix(text, "bytes=-") || last != r.end-1 {
			return nil, argument("x-amz-copy-source-range", text, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
		}
		body = body[r.start:r.end]
	}
	if int64(len(body)) > maxObjectSize {
		return nil, errEntityTooLarge
	}
	return body, nil
}
