package s3

import (
	"slices"
	"strings"
)

// listMultipartUploads is ListMultipartUploads.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
//
// Kept: prefix, delimiter, key-marker, upload-id-marker, max-uploads, encoding-
// type=url; by key, then by age.
//
// Left out: nothing.
func listMultipartUploads(rq *request) (*reply, error) {
	l, err := rq.listingOf("max-uploads")
	if err != nil {
		return nil, err
	}
	l.after = rq.query["key-marker"]
	found := pickUploads(rq.at.sortedUploads(), l, rq.query["upload-id-marker"])
	x := newXML()
	x.root("ListMultipartUploadsResult")
	x.url = rq.query["encoding-type"] != ""
	x.text("Bucket", rq.bucket)
	x.key("KeyMarker", rq.query["key-marker"])
	x.text("UploadIdMarker", rq.query["upload-id-marker"])
	x.optional("EncodingType", rq.query["encoding-type"])
	x.key("Prefix", l.prefix)
	x.optionalKey("Delimiter", l.delimiter)
	if found.truncated {
		x.key("NextKeyMarker", found.lastKey)
		x.text("NextUploadIdMarker", found.lastID)
	}
	x.int("MaxUploads", l.most)
	x.bool("IsTruncated", found.truncated)
	for _, u := range found.uploads {
		x.open("Upload")
		x.key("Key", u.key)
		x.text("UploadId", u.id)
		x.owner("Initiator", rq.at.account)
		x.owner("Owner", rq.at.account)
		x.text("StorageClass", u.storageClass)
		x.time("Initiated", u.initiated)
		x.optional("ChecksumAlgorithm", strings.ToUpper(u.algorithm))
		x.optional("ChecksumType", u.kind)
		x.close("Upload")
	}
	x.commonPrefixes(found.prefixes)
	x.close("ListMultipartUploadsResult")
	return x.reply(), nil
}

// uploadPage is a page of unfinished uploads.
type uploadPage struct {
	uploads         []*upload
	prefixes        []string
	truncated       bool
	lastKey, lastID string
}

// pickUploads takes a page out of all uploads. Without an id the marker's key
// is passed over whole; with one, only its uploads up to that.
func pickUploads(all []*upload, l listing, afterID string) uploadPage {
	var p uploadPage
	for _, u := range all {
		if !u.follows(l.after, afterID) || !strings.HasPrefix(u.key, l.prefix) {
			continue
		}
		common := commonPrefix(u.key, l.prefix, l.delimiter)
		if common != "" && (common == l.after || slices.Contains(p.prefixes, common)) {
			continue
		}
		if len(p.uploads)+len(p.prefixes) >= l.most {
			p.truncated = l.most > 0
			return p
		}
		if common != "" {
			p.prefixes = append(p.prefixes, common)
			p.lastKey, p.lastID = common, ""
			continue
		}
		p.uploads = append(p.uploads, u)
		p.lastKey, p.lastID = u.key, u.id
	}
	return p
}

// follows says whether an upload comes after the markers of a listing.
func (u *upload) follows(key, id string) bool {
	if u.key == key && id != "" {
		return u.id > id
	}
	return key == "" || u.key > key
}
