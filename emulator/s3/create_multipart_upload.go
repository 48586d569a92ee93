package s3

import (
	"net/http"
	"slices"
	"strings"
)

// createMultipartUpload is CreateMultipartUpload.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
//
// Kept: what PutObject keeps, and the checksum's algorithm and type.
//
// Left out: as PutObject.
func createMultipartUpload(rq *request) (*reply, error) {
	attributes, err := readAttributes(rq.header())
	if err != nil {
		return nil, err
	}
	algorithm, kind, err := uploadChecksum(rq.header())
	if err != nil {
		return nil, err
	}
	u := &upload{
		id: uploadID(rq.bucket, rq.key, rq.number), key: rq.key, initiated: rq.now(),
		attributes: attributes, algorithm: algorithm, kind: kind, parts: map[int]*part{},
	}
	if err := rq.at.begin(u); err != nil {
		return nil, err
	}
	x := newXML()
	x.root("InitiateMultipartUploadResult")
	x.text("Bucket", rq.bucket)
	x.text("Key", rq.key)
	x.text("UploadId", u.id)
	x.close("InitiateMultipartUploadResult")
	r := x.reply()
	u.describeEncryption(r)
	return r.set("X-Amz-Checksum-Algorithm", strings.ToUpper(algorithm)).set("X-Amz-Checksum-Type", kind), nil
}

// uploadChecksum reads algorithm and type of an upload's checksum.
func uploadChecksum(header http.Header) (algorithm, kind string, err error) {
	if algorithm, err = checksumAlgorithm(header, "X-Amz-Checksum-Algorithm"); err != nil {
		return "", "", err
	}
	kind = header.Get("X-Amz-Checksum-Type")
	if algorithm == "" {
		if kind != "" {
			return "", "", errInvalidRequest.because("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
		}
		return "", "", nil
	}
	allowed := checksumKinds(algorithm)
	if kind == "" {
		return algorithm, allowed[0], nil
	}
	if !slices.Contains(allowed, kind) {
		return "", "", errInvalidRequest.because("The %s checksum type cannot be used with the %s checksum algorithm.", kind, algorithm)
	}
	return algorithm, kind, nil
}

// checksumKinds gives the types that an algorithm's checksum of a multipart
// object can have, the default first: SHA sums exist of parts only,
// CRC-64/NVME of the whole only.
func checksumKinds(algorithm string) []string {
	switch algorithm {
	case crc64NVME:
		return []string{fullObject}
	case crc32IEEE, crc32C:
		return []string{composite, fullObject}
	}
	return []string{composite}
}
