package s3

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// upload is an unfinished multipart upload. Its bucket's lock guards it.
type upload struct {
	id        string
	key       string
	initiated time.Time
	attributes
	algorithm string // of the checksum, "" when the client named none
	kind      string // of the checksum: fullObject or composite
	parts     map[int]*part
}

// part is one uploaded part. It never changes; a second upload of its number
// takes its place.
type part struct {
	number   int
	body     []byte
	md5      [md5.Size]byte
	modified time.Time
	checksum checksum
}

func (p *part) etag() string { return etagOf(p.md5) }

// sortedParts lists the parts of an upload by number.
func (u *upload) sortedParts() []*part {
	return slices.SortedFunc(maps.Values(u.parts), func(a, b *part) int { return cmp.Compare(a.number, b.number) })
}

// begin files a new upload.
func (b *bucket) begin(u *upload) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		return errNoSuchBucket.with("BucketName", b.name)
	}
	err := b.admit(u.held(), 0, func() error { return b.append(entryUpload, u.keep(b.name), nil) })
	if err == nil {
		b.uploads[u.id] = u
	}
	return err
}

// findUpload gives the upload of that id and key. The caller holds the lock.
func (b *bucket) findUpload(id, key string) (*upload, error) {
	u := b.uploads[id]
	if u == nil || u.key != key {
		return nil, errNoSuchUpload.with("UploadId", id)
	}
	return u, nil
}

// addPart files a part of an upload.
func (b *bucket) addPart(id, key string, p *part) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, err := b.findUpload(id, key)
	if err != nil {
		return err
	}
	err = b.admit(p.held(), u.parts[p.number].held(), func() error { return b.append(entryPart, p.keep(b.name, id), p.body) })
	if err == nil {
		u.parts[p.number] = p
	}
	return err
}

// newPart makes a part of an upload from a verified body. The upload's
// algorithm decides which checksum is kept.
func (u *upload) newPart(number int, p *payload, now time.Time) (*part, error) {
	made := &part{number: number, body: p.data, md5: p.md5, modified: now, checksum: p.checksum}
	switch {
	case u.algorithm == "" || p.checksum.algorithm == u.algorithm:
	case p.checksum.algorithm == "":
		made.checksum = checksum{algorithm: u.algorithm, kind: fullObject, text: computeChecksum(u.algorithm, p.data)}
	default:
		return nil, errInvalidRequest.because("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", u.algorithm, p.checksum.algorithm)
	}
	return made, nil
}

// pending gives an upload without its parts.
func (b *bucket) pending(id, key string) (*upload, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.findUpload(id, key)
}

// abort drops an upload.
func (b *bucket) abort(id, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, err := b.findUpload(id, key)
	if err != nil {
		return err
	}
	if err = b.admit(0, u.held(), func() error { return b.append(entryAborted, keptName{b.name, id}, nil) }); err == nil {
		delete(b.uploads, id)
	}
	return err
}

// upload gives an upload as it stands and its parts.
func (b *bucket) upload(id, key string) (*upload, []*part, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	u, err := b.findUpload(id, key)
	if err != nil {
		return nil, nil, err
	}
	return u, u.sortedParts(), nil
}

// finish files the object of an upload and drops the upload, if the condition
// holds. When it does not, the upload stays and can be aborted.
func (b *bucket) finish(id string, o *object, c writeCondition) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.findUpload(id, o.key); err != nil {
		return err
	}
	return b.putLocked(o, c, id)
}

// sortedUploads lists the unfinished uploads by key, then by age.
func (b *bucket) sortedUploads() []*upload {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.SortedFunc(maps.Values(b.uploads), func(a, b *upload) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
	})
}

// claimedPart is a part as CompleteMultipartUpload names it.
type claimedPart struct {
	number   int
	etag     string
	checksum checksum // algorithm "" when none is claimed
}

// chooseParts gives the stored parts that a completion names.
func chooseParts(u *upload, stored []*part, claimed []claimedPart) ([]*part, error) {
	for i := range claimed {
		if i > 0 && claimed[i].number <= claimed[i-1].number {
			return nil, errInvalidPartOrder.with("UploadId", u.id)
		}
	}
	chosen := make([]*part, 0, len(claimed))
	for i, c := range claimed {
		at, found := slices.BinarySearchFunc(stored, c.number, func(p *part, n int) int { return cmp.Compare(p.number, n) })
		if !found || !sameETag(c.etag, stored[at].etag()) {
			return nil, c.invalid(u)
		}
		p := stored[at]
		if err := c.checkChecksum(u, p); err != nil {
			return nil, err
		}
		if i < len(claimed)-1 && len(p.body) < minPartSize {
			return nil, errEntityTooSmall.
				with("ProposedSize", strconv.Itoa(len(p.body))).with("MinSizeAllowed", strconv.Itoa(minPartSize)).
				with("PartNumber", strconv.Itoa(p.number)).with("ETag", p.etag())
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

func (c claimedPart) invalid(u *upload) error {
	return errInvalidPart.with("UploadId", u.id).with("PartNumber", strconv.Itoa(c.number)).with("ETag", c.etag)
}

func (c claimedPart) checkChecksum(u *upload, p *part) error {
	switch {
	case c.checksum.algorithm == "" && u.kind == composite:
		return errInvalidRequest.because("The upload was created using a %s checksum. The complete request must include the checksum for each part. It was missing for part %d in the request.", u.algorithm, c.number)
	case c.checksum.algorithm == "":
		return nil
	case c.checksum.algorithm != p.checksum.algorithm || c.checksum.text != p.checksum.value():
		return c.invalid(u)
	}
	return nil
}

// assemble makes the object of an upload from the chosen parts.
func (u *upload) assemble(parts []*part, now time.Time) *object {
	size := 0
	for _, p := range parts {
		size += len(p.body)
	}
	o := &object{
		key: u.key, etag: etagOfParts(parts), modified: now, attributes: u.attributes,
		body: make([]byte, 0, size), parts: make([]partSize, 0, len(parts)),
	}
	for _, p := range parts {
		o.body = append(o.body, p.body...)
		kept := partSize{number: p.number, size: int64(len(p.body))}
		if u.kind == composite {
			kept.checksum = p.checksum.value()
		}
		o.parts = append(o.parts, kept)
	}
	switch {
	case u.kind == composite:
		o.checksum = checksum{algorithm: u.algorithm, kind: composite, text: compositeChecksum(u.algorithm, parts)}
	case u.algorithm != "":
		o.checksum = checksum{algorithm: u.algorithm, kind: fullObject, text: computeChecksum(u.algorithm, o.body)}
	default:
		o.setChecksum(checksum{})
	}
	return o
}

// uploadID makes the id of an upload from a number that is used once. Ids sort
// by number, which is to say by age.
func uploadID(bucket, key string, n uint64) string {
	sum := md5.Sum([]byte(bucket + "\x00" + key))
	return fmt.Sprintf("%016x", n) + hex.EncodeToString(sum[:])
}
