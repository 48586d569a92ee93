package s3

import (
	"net/http"
	"strings"
)

// getObjectAttributes is GetObjectAttributes.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
//
// Kept: ETag, Checksum, ObjectParts (with paging), StorageClass, ObjectSize.
//
// Left out: versions.
func getObjectAttributes(rq *request) (*reply, error) {
	o, err := rq.readableObject()
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, list := range rq.header().Values("X-Amz-Object-Attributes") {
		for name := range strings.SplitSeq(list, ",") {
			wanted[strings.TrimSpace(name)] = true
		}
	}
	if len(wanted) == 0 {
		return nil, errInvalidRequest.because("The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
	}
	x := newXML()
	x.root("GetObjectAttributesResponse")
	if wanted["ETag"] {
		x.text("ETag", strings.Trim(o.etag, `"`))
	}
	if wanted["Checksum"] {
		x.open("Checksum")
		x.checksum(o.checksum)
		x.close("Checksum")
	}
	if wanted["ObjectParts"] && o.parts != nil {
		if err := rq.writeObjectParts(x, o); err != nil {
			return nil, err
		}
	}
	if wanted["StorageClass"] {
		x.text("StorageClass", o.storageClass)
	}
	if wanted["ObjectSize"] {
		x.int("ObjectSize", len(o.body))
	}
	x.close("GetObjectAttributesResponse")
	r := x.reply()
	return r.set("Last-Modified", o.modified.Format(http.TimeFormat)), nil
}

// writeObjectParts lists the parts of a multipart object; singly only where
// they have checksums of their own, as the service does.
func (rq *request) writeObjectParts(x *xmlWriter, o *object) error {
	most, err := parseLimit("x-amz-max-parts", rq.header().Get("X-Amz-Max-Parts"), maxListed, maxListed)
	if err != nil {
		return err
	}
	marker, err := parseLimit("x-amz-part-number-marker", rq.header().Get("X-Amz-Part-Number-Marker"), 0, maxPartNumber)
	if err != nil {
		return err
	}
	x.open("ObjectParts")
	x.int("PartsCount", len(o.parts))
	if o.checksum.kind == composite {
		listed, last := 0, marker
		truncated := false
		for _, p := range o.parts {
			if p.number <= marker {
				continue
			}
			if truncated = listed == most; truncated {
				break
			}
			x.open("Part")
			x.int("PartNumber", p.number)
			x.int("Size", int(p.size))
			x.text(o.checksum.element(), p.checksum)
			x.close("Part")
			listed, last = listed+1, p.number
		}
		x.int("PartNumberMarker", marker)
		x.int("NextPartNumberMarker", last)
		x.int("MaxParts", most)
		x.bool("IsTruncated", truncated)
	}
	x.close("ObjectParts")
	return nil
}
