package s3

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// The structs below are what the journal holds beside bodies. Times are
// nanoseconds since 1970, in UTC.

type keptBucket struct {
	Name, Account, Region string
	Created               int64
	Documents             map[string][]byte
}

// keptObject is an object, or what is known of the one that an upload is to be.
type keptObject struct {
	Bucket, Key, ETag string
	Modified, Stored  int64
	Header, Metadata  [][2]string
	Tags              [][2]string
	StorageClass      string
	Encryption        string
	EncryptKey        string
	Checksum          keptChecksum
	Parts             []keptPartSize
	Upload            string // that became the object
}

type keptChecksum struct{ Algorithm, Text, Kind string } // no algorithm: computed when somebody asks

type keptPartSize struct {
	Number   int
	Size     int64
	Checksum string
}

type keptUpload struct {
	Object          keptObject // its key and attributes
	ID              string
	Initiated       int64
	Algorithm, Kind string
}

type keptPart struct {
	Bucket, Upload string
	Number         int
	MD5            [16]byte
	Modified       int64
	Checksum       keptChecksum
}

type keptName struct{ Bucket, Name string } // of a key or an upload

func keepFields(fields []field) [][2]string {
	var kept [][2]string
	for _, f := range fields {
		kept = append(kept, [2]string{f.name, f.value})
	}
	return kept
}

func fieldsOf(kept [][2]string) []field {
	var fields []field
	for _, f := range kept {
		fields = append(fields, field{f[0], f[1]})
	}
	return fields
}

func timeOf(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }

func (a *attributes) keep(k *keptObject) {
	k.Header, k.Metadata, k.Tags = keepFields(a.header), keepFields(a.metadata), keepFields(a.tags)
	k.StorageClass, k.Encryption, k.EncryptKey = a.storageClass, a.encryption, a.encryptKey
}

func (k *keptObject) attributes() attributes {
	return attributes{
		header: fieldsOf(k.Header), metadata: fieldsOf(k.Metadata), tags: fieldsOf(k.Tags),
		storageClass: k.StorageClass, encryption: k.Encryption, encryptKey: k.EncryptKey,
	}
}

func (c checksum) keep() keptChecksum {
	if c.lazy != nil {
		return keptChecksum{}
	}
	return keptChecksum{c.algorithm, c.text, c.kind}
}

func (k keptChecksum) checksum() checksum {
	return checksum{algorithm: k.Algorithm, text: k.Text, kind: k.Kind}
}

func (o *object) keep(bucket, upload string) keptObject {
	k := keptObject{
		Bucket: bucket, Key: o.key, ETag: o.etag, Modified: o.modified.UnixNano(), Stored: o.stored.UnixNano(), Checksum: o.checksum.keep(), Upload: upload,
	}
	o.attributes.keep(&k)
	for _, p := range o.parts {
		k.Parts = append(k.Parts, keptPartSize{p.number, p.size, p.checksum})
	}
	return k
}

func (k *keptObject) object(body []byte) *object {
	o := &object{key: k.Key, body: body, etag: k.ETag, modified: timeOf(k.Modified), stored: timeOf(k.Stored), attributes: k.attributes()}
	o.setChecksum(k.Checksum.checksum())
	for _, p := range k.Parts {
		o.parts = append(o.parts, partSize{p.Number, p.Size, p.Checksum})
	}
	return o
}

func (u *upload) keep(bucket string) keptUpload {
	k := keptUpload{Object: keptObject{Bucket: bucket, Key: u.key}, ID: u.id, Initiated: u.initiated.UnixNano(), Algorithm: u.algorithm, Kind: u.kind}
	u.attributes.keep(&k.Object)
	return k
}

func (k *keptUpload) upload() *upload {
	return &upload{
		id: k.ID, key: k.Object.Key, initiated: timeOf(k.Initiated), attributes: k.Object.attributes(),
		algorithm: k.Algorithm, kind: k.Kind, parts: map[int]*part{},
	}
}

func (p *part) keep(bucket, upload string) keptPart {
	return keptPart{bucket, upload, p.number, p.md5, p.modified.UnixNano(), p.checksum.keep()}
}

func (k *keptPart) part(body []byte) *part {
	return &part{number: k.Number, body: body, md5: k.MD5, modified: timeOf(k.Modified), checksum: k.Checksum.checksum()}
}

func (b *bucket) keep() keptBucket {
	return keptBucket{b.name, b.account, b.region, b.created.UnixNano(), b.documents}
}

var errEntry = errors.New("the entry does not hold what its kind says")

// entryOf gives the pieces of an entry: its kind, the length of what is kept,
// that, and a body.
func entryOf(kind byte, kept any, body []byte) ([][]byte, error) {
	text, err := cbor.Marshal(kept)
	head := binary.AppendUvarint([]byte{kind}, uint64(len(text)))
	return [][]byte{append(head, text...), body}, err
}

// readEntry takes an entry apart.
func readEntry[T any](entry []byte) (kept T, body []byte, err error) {
	n, size := binary.Uvarint(entry)
	if size <= 0 || n > uint64(len(entry)-size) {
		return kept, nil, errEntry
	}
	end := size + int(n)
	return kept, entry[end:len(entry):len(entry)], cbor.Unmarshal(entry[size:end], &kept)
}
