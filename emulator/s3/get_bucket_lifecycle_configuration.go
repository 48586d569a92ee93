package s3

// getBucketLifecycleConfiguration is GetBucketLifecycleConfiguration.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html
//
// Kept: the rules as they were put, and the default minimum size for
// transitions.
//
// Left out: nothing.
func getBucketLifecycleConfiguration(rq *request) (*reply, error) {
	r, err := rq.getDocument(docLifecycle, errNoSuchLifecycle)
	if err != nil {
		return nil, err
	}
	return r.set("X-Amz-Transition-Default-Minimum-Object-Size", "all_storage_classes_128K"), nil
}
