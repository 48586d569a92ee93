package s3

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// readableObject gives the object of a read after its version and conditions.
func (rq *request) readableObject() (*object, error) {
	if err := rq.checkVersion(); err != nil {
		return nil, err
	}
	o, err := rq.at.mustGet(rq.key)
	if err != nil {
		return nil, err
	}
	return o, o.checkRead(rq.header(), "", false)
}

// checkVersion accepts no version but the null version: no other id was ever
// given out.
func (rq *request) checkVersion() error {
	if !rq.query.has("versionId") || rq.query["versionId"] == nullVersion {
		return nil
	}
	return argument("versionId", rq.query["versionId"], "Invalid version id specified")
}

// pickedPart is the part of a body that a read asks for.
type pickedPart struct {
	byteRange
	status int // 200 for the whole, else 206
	number int // of the part by its partNumber, else 0
}

// pickPart follows Range or partNumber.
func (rq *request) pickPart(o *object) (pickedPart, error) {
	size := int64(len(o.body))
	whole := pickedPart{byteRange{0, size}, http.StatusOK, 0}
	header := rq.header().Get("Range")
	if rq.query.has("partNumber") {
		if header != "" {
			return whole, errInvalidRequest.because("Cannot specify both Range header and partNumber query parameter")
		}
		return o.partByNumber(rq.query["partNumber"])
	}
	r, ok, err := parseRange(header, size)
	if err != nil || !ok {
		return whole, err
	}
	return pickedPart{r, http.StatusPartialContent, 0}, nil
}

// partByNumber finds a part by its place in the object. An object that was
// stored in one piece is its own part 1.
func (o *object) partByNumber(text string) (pickedPart, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPartNumber {
		return pickedPart{}, argument("partNumber", text, "Part number must be an integer between 1 and %d, inclusive", maxPartNumber)
	}
	if n > max(1, len(o.parts)) {
		return pickedPart{}, errInvalidPartNumber.with("PartNumberRequested", text).with("ActualPartCount", strconv.Itoa(max(1, len(o.parts))))
	}
	picked := pickedPart{byteRange{0, int64(len(o.body))}, http.StatusPartialContent, n}
	if o.parts == nil {
		return picked, nil
	}
	for _, p := range o.parts[:n-1] {
		picked.start += p.size
	}
	picked.end = picked.start + o.parts[n-1].size
	return picked, nil
}

// describe sets the headers of a read.
func (rq *request) describe(o *object, part pickedPart, r *reply) {
	o.describe(r)
	r.set("Content-Length", strconv.FormatInt(part.end-part.start, 10))
	if part.status == http.StatusPartialContent && len(o.body) > 0 {
		r.set("Content-Range", "bytes "+strconv.FormatInt(part.start, 10)+"-"+strconv.FormatInt(part.end-1, 10)+"/"+strconv.Itoa(len(o.body)))
	}
	if part.number > 0 && o.parts != nil {
		r.set("X-Amz-Mp-Parts-Count", strconv.Itoa(len(o.parts)))
	}
	// The checksum of the whole would fail a client that has a part of it.
	whole := part.end-part.start == int64(len(o.body))
	if whole && strings.EqualFold(rq.header().Get("X-Amz-Checksum-Mode"), "ENABLED") {
		o.checksum.describe(r)
	}
	for _, name := range []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires"} {
		r.set(name, rq.query["response-"+strings.ToLower(name)])
	}
}

// copySource gives the object that x-amz-copy-source names, if the caller may
// read it and its conditions hold.
func (rq *request) copySource() (*object, error) {
	text := rq.header().Get("X-Amz-Copy-Source")
	path, version, versioned := strings.Cut(text, "?versionId=")
	if versioned && version != nullVersion {
		return nil, argument("x-amz-copy-source", text, "Invalid version id specified")
	}
	path, err := url.QueryUnescape(path)
	if err != nil {
		return nil, argument("x-amz-copy-source", text, "Invalid copy source encoding")
	}
	bucket, key, found := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !found || bucket == "" || key == "" {
		return nil, argument("x-amz-copy-source", text, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	b, err := rq.store.open(bucket, rq.scope)
	if err != nil {
		return nil, err
	}
	if owner := rq.header().Get("X-Amz-Source-Expected-Bucket-Owner"); owner != "" && owner != b.account {
		return nil, errAccessDenied
	}
	o, err := b.mustGet(key)
	if err != nil {
		return nil, err
	}
	return o, o.checkRead(rq.header(), "X-Amz-Copy-Source-", true)
}
