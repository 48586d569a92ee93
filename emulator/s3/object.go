package s3

import (
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"sync"
	"time"
)

// Limits of the service.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const (
	maxObjectSize   = 5 << 30 // bytes of one PutObject or UploadPart
	maxKeyLength    = 1024    // bytes of a key in UTF-8
	maxMetadataSize = 2048    // bytes of names and values of user metadata
	minPartSize     = 5 << 20 // bytes of every part but the last
	maxPartNumber   = 10000
	maxListed       = 1000 // entries of one page of a listing
)

// object is one stored object. It never changes once it is in an index: a
// change of tags files a copy.
type object struct {
	key      string
	body     []byte    // not to be written to: copies share it
	etag     string    // with its quotes
	modified time.Time // in whole seconds, as S3 tells it
	stored   time.Time
	attributes
	checksum checksum
	parts    []partSize // of a multipart upload, else nil
}

// partSize is what an object remembers of one part of its upload.
type partSize struct {
	number   int
	size     int64
	checksum string // in base64, "" when none was kept
}

// attributes are what a client says about an object beside its body.
type attributes struct {
	header       []field // system headers: Content-Type, Cache-Control …
	metadata     []field // user metadata, names in lower case without prefix
	tags         []field
	storageClass string
	encryption   string // x-amz-server-side-encryption
	encryptKey   string // id of the KMS key, "" for AES256
}

// etagOf is the entity tag of an object that was stored in one piece.
func etagOf(sum [md5.Size]byte) string {
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// etagOfParts is the entity tag of a multipart object: the MD5 of the parts'
// MD5 sums and their number.
func etagOfParts(parts []*part) string {
	h := md5.New()
	for _, p := range parts {
		h.Write(p.md5[:])
	}
	return `"` + hex.EncodeToString(h.Sum(nil)) + "-" + strconv.Itoa(len(parts)) + `"`
}

// setChecksum keeps c. Where the client sent none the service computes a
// CRC-64/NVME; here that waits until somebody asks for it, because few do and
// it would cost as much as the entity tag.
func (o *object) setChecksum(c checksum) {
	if c.algorithm == "" {
		body := o.body
		c = checksum{algorithm: crc64NVME, kind: fullObject, lazy: sync.OnceValue(func() string {
			return computeChecksum(crc64NVME, body)
		})}
	}
	o.checksum = c
}

// toSecond is a time as S3 keeps it: UTC, in whole seconds.
func toSecond(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
