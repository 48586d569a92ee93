package s3

// getBucketVersioning is GetBucketVersioning.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
//
// Kept: the answer of a bucket that never had versions.
//
// Left out: PutBucketVersioning.
func getBucketVersioning(*request) (*reply, error) {
	x := newXML()
	x.root("VersioningConfiguration")
	x.close("VersioningConfiguration")
	return x.reply(), nil
}
