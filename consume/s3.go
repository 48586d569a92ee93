package consume

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"clickstream/internal/awsclient"
)

// s3Store is a bucket. Of several writers of one key one wins, by If-None-Match: the others are answered 412.
type s3Store struct {
	client *s3.Client
	bucket string
	placement
	// unconditional: the store does not know If-None-Match at all and refuses requests that carry it.
	unconditional atomic.Bool
}

// Create implements Store.
func (s *s3Store) Create(ctx context.Context, o StoredObject) error {
	if s.unconditional.Load() {
		if _, err := s.Head(ctx, o.Key); !errors.Is(err, ErrNotFound) {
			if err == nil {
				err = ErrExists
			}
			return err
		}
	}
	if len(o.Body) > maxPut {
		return fmt.Errorf("%w: %s has %d bytes, S3 takes %d in one request", ErrTooLarge, o.Key, len(o.Body), int64(maxPut))
	}
	in := &s3.PutObjectInput{
		Bucket: &s.bucket, Key: &o.Key, Body: bytes.NewReader(o.Body), ContentLength: aws.Int64(int64(len(o.Body))),
		ContentType: &o.ContentType, Metadata: o.Metadata,
	}
	s.place(in)
	if !s.unconditional.Load() {
		in.IfNoneMatch = aws.String("*")
	}
	_, err := s.client.PutObject(ctx, in, awsclient.PayloadHash(o.SHA256))
	switch status(err) {
	case http.StatusPreconditionFailed:
		return ErrExists
	case http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: %w", ErrTooLarge, s.explain(err, "put", o.Key))
	case http.StatusNotImplemented:
		if s.unconditional.CompareAndSwap(false, true) {
			return s.Create(ctx, o)
		}
	}
	if code(err) == "EntityTooLarge" {
		return fmt.Errorf("%w: %w", ErrTooLarge, s.explain(err, "put", o.Key))
	}
	return s.explain(err, "put", o.Key)
}

// Get implements Store.
func (s *s3Store) Get(ctx context.Context, key string) (StoredObject, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return StoredObject{}, s.missing(err, "get", key)
	}
	body, err := io.ReadAll(out.Body)
	if err = errors.Join(err, out.Body.Close()); err != nil {
		return StoredObject{}, s.explain(err, "get", key)
	}
	return StoredObject{
		Key: key, ContentType: aws.ToString(out.ContentType), Metadata: out.Metadata, Body: body,
		Version: aws.ToString(out.ETag), Stored: aws.ToTime(out.LastModified),
	}, nil
}

// Head implements Store.
func (s *s3Store) Head(ctx context.Context, key string) (StoredObject, error) {
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return StoredObject{}, s.missing(err, "head", key)
	}
	return StoredObject{Key: key, ContentType: aws.ToString(out.ContentType), Metadata: out.Metadata}, nil
}

// missing tells a missing object from a missing bucket, which the answer to HEAD does not.
func (s *s3Store) missing(err error, verb, key string) error {
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return ErrNotFound
	}
	answer, ok := errors.AsType[smithy.APIError](err)
	if ok && answer.ErrorCode() != "NoSuchBucket" && status(err) == http.StatusNotFound {
		return ErrNotFound
	}
	return s.explain(err, verb, key)
}

func (s *s3Store) explain(err error, verb, key string) error {
	return awsclient.Explain(err, fmt.Sprintf("%s s3://%s/%s", verb, s.bucket, key))
}

// status returns the HTTP status of a refused request, 0 if err is none.
func status(err error) int {
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}
