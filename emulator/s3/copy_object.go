package s3

import (
	"cmp"
	"crypto/md5"
	"net/http"
	"strings"
)

// copyObject is CopyObject.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
//
// Kept: body shared with the source, metadata and tagging directives, the
// source's conditions, If-None-Match: * and If-Match on the target, checksums
// (of another algorithm when asked for). The copy of a multipart object is one
// piece with an MD5 for its entity tag.
//
// Left out: versions, ACLs, object lock, customer keys.
func copyObject(rq *request) (*reply, error) {
	if rq.query.has("versionId") {
		return nil, errInvalidRequest.because("This copy request is illegal: versionId belongs into x-amz-copy-source.")
	}
	condition, err := readWriteCondition(rq.header())
	if err != nil {
		return nil, err
	}
	source, err := rq.copySource()
	if err != nil {
		return nil, err
	}
	if int64(len(source.body)) > maxObjectSize {
		return nil, errInvalidRequest.because("The specified copy source is larger than the maximum allowable size for a copy source: %d", int64(maxObjectSize))
	}
	attributes, err := rq.copyAttributes(source)
	if err != nil {
		return nil, err
	}
	o := &object{key: rq.key, body: source.body, etag: source.etag, modified: rq.now(), attributes: attributes}
	if source.parts != nil {
		o.etag = etagOf(md5.Sum(o.body))
	}
	algorithm, err := checksumAlgorithm(rq.header(), "X-Amz-Checksum-Algorithm")
	if err != nil {
		return nil, err
	}
	o.copyChecksum(source.checksum, algorithm)
	if err := rq.at.put(o, condition); err != nil {
		return nil, err
	}
	x := newXML()
	x.root("CopyObjectResult")
	x.text("ETag", o.etag)
	x.time("LastModified", o.modified)
	x.checksum(o.checksum)
	x.close("CopyObjectResult")
	r := x.reply()
	o.describeEncryption(r)
	return r, nil
}

// copyChecksum gives a copy the checksum that was asked for, else that of its
// source, which is computed anew where it was one of parts.
func (o *object) copyChecksum(source checksum, algorithm string) {
	switch {
	case algorithm == "" && source.kind == fullObject, algorithm == source.algorithm && source.kind == fullObject:
		o.checksum = source
	default:
		algorithm = cmp.Or(algorithm, source.algorithm)
		o.checksum = checksum{algorithm: algorithm, kind: fullObject, text: computeChecksum(algorithm, o.body)}
	}
}

// copyAttributes follows the two directives: what comes from the source, what
// from the request.
func (rq *request) copyAttributes(source *object) (attributes, error) {
	header := rq.header()
	a, err := readAttributes(header)
	if err != nil {
		return a, err
	}
	replaceMetadata, err := replaces(header, "X-Amz-Metadata-Directive")
	if err != nil {
		return a, err
	}
	replaceTags, err := replaces(header, "X-Amz-Tagging-Directive")
	if err != nil {
		return a, err
	}
	if !replaceMetadata {
		a.header, a.metadata = source.header, source.metadata
	}
	if !replaceTags {
		a.tags = source.tags
	}
	onItself := rq.at.get(rq.key) == source
	if onItself && !replaceMetadata && header.Get("X-Amz-Storage-Class") == "" && header.Get("X-Amz-Server-Side-Encryption") == "" {
		return a, errInvalidRequest.because("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	return a, nil
}

func replaces(header http.Header, name string) (bool, error) {
	switch value := header.Get(name); value {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	default:
		return false, argument(strings.ToLower(name), value, "Unknown directive.")
	}
}
