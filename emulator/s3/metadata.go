package s3

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const metadataPrefix = "X-Amz-Meta-"

// systemHeaders are the headers that are kept with an object and given back
// with it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
func systemHeaders() []string {
	return []string{
		"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type",
		"Expires", "X-Amz-Website-Redirect-Location",
	}
}

// readAttributes takes from a request what it says about the object to store.
func readAttributes(header http.Header) (attributes, error) {
	var a attributes
	for _, name := range systemHeaders() {
		value := header.Get(name)
		if name == "Content-Encoding" {
			value = withoutChunked(value)
		}
		if name == "Content-Type" && value == "" {
			value = "binary/octet-stream"
		}
		if value != "" {
			a.header = append(a.header, field{name, value})
		}
	}
	if err := a.readMetadata(header); err != nil {
		return a, err
	}
	if err := a.readStorage(header); err != nil {
		return a, err
	}
	var err error
	a.tags, err = parseTagHeader(header.Get("X-Amz-Tagging"))
	return a, err
}

func (a *attributes) readMetadata(header http.Header) error {
	size := 0
	for name, values := range header {
		if !strings.HasPrefix(name, metadataPrefix) {
			continue
		}
		f := field{strings.ToLower(name[len(metadataPrefix):]), strings.Join(values, ",")}
		size += len(f.name) + len(f.value)
		a.metadata = append(a.metadata, f)
	}
	if size > maxMetadataSize {
		return errMetadataTooLarge.with("Size", strconv.Itoa(size)).with("MaxSizeAllowed", strconv.Itoa(maxMetadataSize))
	}
	slices.SortFunc(a.metadata, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	return nil
}

// readStorage reads storage class and encryption: kept and given back, without
// effect.
func (a *attributes) readStorage(header http.Header) error {
	a.storageClass = cmp.Or(header.Get("X-Amz-Storage-Class"), "STANDARD")
	switch a.storageClass {
	case "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
		"GLACIER", "DEEP_ARCHIVE", "GLACIER_IR":
	default:
		return newError(http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not valid").
			with("StorageClassRequested", a.storageClass)
	}
	a.encryption = cmp.Or(header.Get("X-Amz-Server-Side-Encryption"), "AES256")
	switch a.encryption {
	case "AES256":
	case "aws:kms", "aws:kms:dsse":
		a.encryptKey = header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
	default:
		return argument("x-amz-server-side-encryption", a.encryption, "The encryption method specified is not supported")
	}
	return nil
}

// withoutChunked takes the transfer's own coding out of a Content-Encoding.
func withoutChunked(encoding string) string {
	if !strings.Contains(strings.ToLower(encoding), "aws-chunked") {
		return encoding
	}
	var kept []string
	for coding := range strings.SplitSeq(encoding, ",") {
		if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "aws-chunked") {
			kept = append(kept, coding)
		}
	}
	return strings.Join(kept, ",")
}

// describe puts into a reply what GetObject and HeadObject say about an object.
func (o *object) describe(r *reply) {
	for _, f := range o.header {
		r.set(f.name, f.value)
	}
	for _, f := range o.metadata {
		// An empty value is a value: set would leave it out.
		r.header = append(r.header, field{strings.ToLower(metadataPrefix) + f.name, f.value})
	}
	if o.storageClass != "STANDARD" {
		r.set("X-Amz-Storage-Class", o.storageClass)
	}
	if len(o.tags) > 0 {
		r.set("X-Amz-Tagging-Count", strconv.Itoa(len(o.tags)))
	}
	o.describeEncryption(r)
	r.set("Accept-Ranges", "bytes")
	o.identify(r)
}

// identify sets the headers that even a 304 carries.
func (o *object) identify(r *reply) {
	r.set("ETag", o.etag)
	r.set("Last-Modified", o.modified.Format(http.TimeFormat))
}

func (a *attributes) describeEncryption(r *reply) {
	r.set("X-Amz-Server-Side-Encryption", a.encryption)
	r.set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", a.encryptKey)
}

// describe puts a checksum into a reply.
func (c checksum) describe(r *reply) {
	if c.algorithm != "" {
		r.set(http.CanonicalHeaderKey(checksumHeader+c.algorithm), c.value())
		r.set("X-Amz-Checksum-Type", c.kind)
	}
}
