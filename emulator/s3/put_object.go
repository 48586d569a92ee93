package s3

import "net/http"

// putObject is PutObject.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
//
// Kept: body, checksums, Content-MD5, user metadata, system headers, tags,
// storage class, encryption as said, If-None-Match: * and If-Match with exactly
// one winner.
//
// Left out: ACLs, object lock, customer keys, appending. Where the client sends
// no checksum the service answers with a CRC-64/NVME; here it is computed when
// somebody asks for it.
func putObject(rq *request) (*reply, error) {
	condition, err := readWriteCondition(rq.header())
	if err != nil {
		return nil, err
	}
	attributes, err := readAttributes(rq.header())
	if err != nil {
		return nil, err
	}
	p, err := rq.readObject()
	if err != nil {
		return nil, err
	}
	o := &object{key: rq.key, body: p.data, etag: etagOf(p.md5), modified: rq.now(), attributes: attributes}
	o.setChecksum(p.checksum)
	if err := rq.at.put(o, condition); err != nil {
		return nil, err
	}
	r := newReply(http.StatusOK).set("ETag", o.etag)
	o.describeEncryption(r)
	p.checksum.describe(r)
	return r, nil
}
