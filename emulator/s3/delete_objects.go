package s3

import "strings"

// deleteObjects is DeleteObjects.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
//
// Kept: 1 to 1000 keys, an answer for each in their order, Quiet, VersionId
// null, ETag.
//
// Left out: delete markers, MFA, LastModifiedTime and Size (directory buckets).
func deleteObjects(rq *request) (*reply, error) {
	n, err := rq.readXML("Delete")
	if err != nil {
		return nil, err
	}
	named := n.all("Object")
	if len(named) == 0 || len(named) > maxListed {
		return nil, errMalformedXML
	}
	quiet := strings.EqualFold(n.value("Quiet"), "true")
	x := newXML()
	x.root("DeleteResult")
	for _, one := range named {
		key := one.child("Key")
		if key == nil || key.text == "" {
			return nil, errMalformedXML
		}
	}
	for _, one := range named {
		key, version := one.child("Key").text, one.value("VersionId")
		if err := rq.deleteNamed(key, version, one.value("ETag")); err != nil {
			writeDeleteError(x, key, version, asAPIError(err))
			continue
		}
		if !quiet {
			x.open("Deleted")
			x.text("Key", key)
			x.optional("VersionId", version)
			x.close("Deleted")
		}
	}
	x.close("DeleteResult")
	return x.reply(), nil
}

func (rq *request) deleteNamed(key, version, etag string) error {
	if version != "" && version != nullVersion {
		return errNoSuchVersion
	}
	return rq.at.remove(key, writeCondition{etag: etag})
}

func writeDeleteError(x *xmlWriter, key, version string, err *apiError) {
	x.open("Error")
	x.text("Key", key)
	x.optional("VersionId", version)
	x.text("Code", err.code)
	x.text("Message", err.message)
	x.close("Error")
}
