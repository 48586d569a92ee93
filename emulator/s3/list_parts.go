package s3

import (
	"cmp"
	"slices"
	"strings"
)

// listParts is ListParts.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
//
// Kept: max-parts, part-number-marker, checksums of parts.
//
// Left out: nothing.
func listParts(rq *request) (*reply, error) {
	most, err := rq.limit("max-parts", maxListed, maxListed)
	if err != nil {
		return nil, err
	}
	marker, err := rq.limit("part-number-marker", 0, maxPartNumber)
	if err != nil {
		return nil, err
	}
	u, parts, err := rq.at.upload(rq.query["uploadId"], rq.key)
	if err != nil {
		return nil, err
	}
	start, found := slices.BinarySearchFunc(parts, marker, func(p *part, n int) int { return cmp.Compare(p.number, n) })
	if found {
		start++
	}
	parts = parts[start:]
	truncated := len(parts) > most
	parts = parts[:min(most, len(parts))]
	next := marker
	if len(parts) > 0 {
		next = parts[len(parts)-1].number
	}
	x := newXML()
	x.root("ListPartsResult")
	x.text("Bucket", rq.bucket)
	x.text("Key", rq.key)
	x.text("UploadId", u.id)
	x.owner("Initiator", rq.at.account)
	x.owner("Owner", rq.at.account)
	x.text("StorageClass", u.storageClass)
	x.optional("ChecksumAlgorithm", strings.ToUpper(u.algorithm))
	x.optional("ChecksumType", u.kind)
	x.int("PartNumberMarker", marker)
	x.int("NextPartNumberMarker", next)
	x.int("MaxParts", most)
	x.bool("IsTruncated", truncated)
	for _, p := range parts {
		p.list(x)
	}
	x.close("ListPartsResult")
	return x.reply(), nil
}

func (p *part) list(x *xmlWriter) {
	x.open("Part")
	x.int("PartNumber", p.number)
	x.time("LastModified", p.modified)
	x.text("ETag", p.etag())
	x.int("Size", len(p.body))
	if p.checksum.algorithm != "" {
		x.text(p.checksum.element(), p.checksum.value())
	}
	x.close("Part")
}
