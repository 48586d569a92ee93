package emulator

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"clickstream/emulator/kinesis"
	"clickstream/emulator/s3"
)

// deliverTo stores what channels deliver by S3's own PutObject, as if the channel's account had sent it.
func deliverTo(buckets *s3.Store) func(kinesis.Object) error {
	handler := buckets.Handler()
	return func(object kinesis.Object) error {
		at := url.URL{Path: "/" + object.Bucket + "/" + object.Key}
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPut, memoryURL+at.EscapedPath(), bytes.NewReader(object.Body))
		if err != nil {
			return err
		}
		request.RequestURI = at.EscapedPath()
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+object.Account+"/20260101/"+object.Region+"/s3/aws4_request, SignedHeaders=host, Signature=0")
		for name, value := range map[string]string{
			"X-Amz-Expected-Bucket-Owner": object.ExpectedBucketOwner, "X-Amz-Storage-Class": object.StorageClass, "Content-Encoding": object.Encoding,
		} {
			if value != "" {
				request.Header.Set(name, value)
			}
		}
		reply := reply{header: http.Header{}}
		handler.ServeHTTP(&reply, request)
		if reply.status >= http.StatusInternalServerError {
			return fmt.Errorf("%w: status %d: %s", kinesis.ErrLater, reply.status, reply.body.Bytes())
		}
		if reply.status >= http.StatusBadRequest {
			return fmt.Errorf("status %d: %s", reply.status, reply.body.Bytes())
		}
		return nil
	}
}

// reply keeps what a handler answers.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers to be set.
func (r *reply) Header() http.Header { return r.header }

// WriteHeader keeps the status.
func (r *reply) WriteHeader(status int) { r.status = status }

// Write keeps a piece of the body.
func (r *reply) Write(piece []byte) (int, error) { return r.body.Write(piece) }

// deliveredBefore lets channels deliver what is due before anybody looks into S3.
func deliveredBefore(streams *kinesis.Service, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		streams.Deliver()
		next.ServeHTTP(w, r)
	})
}
