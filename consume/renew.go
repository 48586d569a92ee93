package consume

import (
	"bytes"
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Renew implements Store. A store that does not know If-Match may replace what has changed since: that is no worse than what own says of
// stores without conditions.
func (s *s3Store) Renew(ctx context.Context, o StoredObject) error {
	in := &s3.PutObjectInput{
		Bucket: &s.bucket, Key: &o.Key, Body: bytes.NewReader(o.Body), ContentLength: aws.Int64(int64(len(o.Body))),
		ContentType: &o.ContentType, Metadata: o.Metadata,
	}
	s.place(in)
	if !s.unconditional.Load() {
		in.IfMatch = &o.Version
	}
	_, err := s.client.PutObject(ctx, in)
	switch status(err) {
	case http.StatusPreconditionFailed, http.StatusNotFound:
		if code(err) != "NoSuchBucket" {
			return ErrNotFound
		}
	case http.StatusNotImplemented:
		if s.unconditional.CompareAndSwap(false, true) {
			return s.Renew(ctx, o)
		}
	}
	return s.explain(err, "put", o.Key)
}
