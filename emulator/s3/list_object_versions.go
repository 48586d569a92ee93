package s3

// listObjectVersions is ListObjectVersions.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
//
// Kept: every object as its own latest version "null"; prefix, delimiter, key-
// marker, version-id-marker, max-keys, encoding-type=url.
//
// Left out: older versions and delete markers: there are none.
func listObjectVersions(rq *request) (*reply, error) {
	l, err := rq.listing()
	if err != nil {
		return nil, err
	}
	if rq.query.has("version-id-marker") && rq.query["key-marker"] == "" {
		return nil, argument("version-id-marker", rq.query["version-id-marker"], "A version-id marker cannot be specified without a key marker.")
	}
	l.after = rq.query["key-marker"]
	l.afterPrefix = endsGroup(l)
	p := rq.at.list(l)
	x := rq.startListing("ListVersionsResult", l)
	x.key("KeyMarker", rq.query["key-marker"])
	x.text("VersionIdMarker", rq.query["version-id-marker"])
	if p.truncated {
		x.key("NextKeyMarker", p.last)
		if p.lastIsKey {
			x.text("NextVersionIdMarker", nullVersion)
		}
	}
	x.bool("IsTruncated", p.truncated)
	for _, o := range p.objects {
		x.open("Version")
		x.key("Key", o.key)
		x.text("VersionId", nullVersion)
		x.bool("IsLatest", true)
		x.object(o)
		x.owner("Owner", rq.at.account)
		x.close("Version")
	}
	x.commonPrefixes(p.prefixes)
	x.close("ListVersionsResult")
	return x.reply(), nil
}
