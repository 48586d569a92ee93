package s3_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// uploader drives one multipart upload.
type uploader struct {
	*sdk.Client
	bucket, key, id *string
}

func begin(t *testing.T, c *sdk.Client, bucket, key string, algorithm types.ChecksumAlgorithm) uploader {
	t.Helper()
	u, err := c.CreateMultipartUpload(t.Context(), &sdk.CreateMultipartUploadInput{
		Bucket: &bucket, Key: &key, ChecksumAlgorithm: algorithm, Metadata: map[string]string{"m": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return uploader{c, &bucket, &key, u.UploadId}
}

func (u uploader) part(t *testing.T, number int32, algorithm types.ChecksumAlgorithm, body []byte) types.CompletedPart {
	t.Helper()
	out, err := u.UploadPart(t.Context(), &sdk.UploadPartInput{
		Bucket: u.bucket, Key: u.key, UploadId: u.id, PartNumber: &number, Body: bytes.NewReader(body), ChecksumAlgorithm: algorithm,
	})
	if err != nil {
		t.Fatal(err)
	}
	return types.CompletedPart{
		PartNumber: &number, ETag: out.ETag,
		ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC64NVME: out.ChecksumCRC64NVME, ChecksumSHA256: out.ChecksumSHA256,
	}
}

func (u uploader) complete(t *testing.T, condition *string, parts ...types.CompletedPart) (*sdk.CompleteMultipartUploadOutput, error) {
	t.Helper()
	return u.CompleteMultipartUpload(t.Context(), &sdk.CompleteMultipartUploadInput{
		Bucket: u.bucket, Key: u.key, UploadId: u.id, IfNoneMatch: condition,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
}

func TestMultipart(t *testing.T) {
	large, tail := bytes.Repeat([]byte{7}, 5<<20), []byte("tail")
	first, last := md5.Sum(large), md5.Sum(tail)
	whole := md5.Sum(slices.Concat(first[:], last[:]))
	etag := `"` + hex.EncodeToString(whole[:]) + `-2"`
	for algorithm, kind := range map[types.ChecksumAlgorithm]types.ChecksumType{
		types.ChecksumAlgorithmCrc32:     types.ChecksumTypeComposite,
		types.ChecksumAlgorithmSha256:    types.ChecksumTypeComposite,
		types.ChecksumAlgorithmCrc64nvme: types.ChecksumTypeFullObject,
	} {
		t.Run(string(algorithm), func(t *testing.T) {
			f := start(t)
			u := begin(t, f.bucket(t, "parts"), "parts", "a b/key", algorithm)
			parts := []types.CompletedPart{u.part(t, 3, algorithm, large), u.part(t, 9, algorithm, tail)}
			if got := f.Keys("parts"); len(got) != 0 {
				t.Errorf("keys before completion: %q", got)
			}
			out, err := u.complete(t, aws.String("*"), parts...)
			if err != nil {
				t.Fatal(err)
			}
			if *out.ETag != etag || out.ChecksumType != kind {
				t.Errorf("ETag %s, type %s; want %s, %s", *out.ETag, out.ChecksumType, etag, kind)
			}
			if got := read(t, u.Client, "parts", "a b/key"); got != string(large)+string(tail) {
				t.Errorf("%d bytes came back changed", len(got))
			}
			second, err := u.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: u.bucket, Key: u.key, PartNumber: aws.Int32(2)})
			if err != nil {
				t.Fatal(err)
			}
			if got := body(t, second.Body); got != "tail" || *second.PartsCount != 2 || *second.ContentRange != "bytes 5242880-5242883/5242884" || second.Metadata["m"] != "1" {
				t.Errorf("part 2: %q, %+v", got, second)
			}
			_, err = u.complete(t, nil, parts...)
			wantCode(t, "completed again", err, "NoSuchUpload")
			attributes, err := u.GetObjectAttributes(t.Context(), &sdk.GetObjectAttributesInput{
				Bucket: u.bucket, Key: u.key, ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesObjectParts},
			})
			if err != nil || *attributes.ObjectParts.TotalPartsCount != 2 {
				t.Errorf("GetObjectAttributes: %+v, %v", attributes, err)
			}
		})
	}
}

func TestMultipartMistakes(t *testing.T) {
	f := start(t)
	c := f.bucket(t, "mistakes", whenRequired)
	u := begin(t, c, "mistakes", "key", "")
	one, two := u.part(t, 1, "", []byte("one")), u.part(t, 2, "", []byte("two"))
	for _, test := range []struct {
		what  string
		parts []types.CompletedPart
		code  string
	}{
		{"small part", []types.CompletedPart{one, two}, "EntityTooSmall"},
		{"wrong order", []types.CompletedPart{two, one}, "InvalidPartOrder"},
		{"part twice", []types.CompletedPart{one, one}, "InvalidPartOrder"},
		{"part that is not there", []types.CompletedPart{{PartNumber: aws.Int32(3), ETag: one.ETag}}, "InvalidPart"},
		{"another part's tag", []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: two.ETag}}, "InvalidPart"},
		{"no parts", nil, "MalformedXML"},
	} {
		_, err := u.complete(t, nil, test.parts...)
		wantCode(t, test.what, err, test.code)
	}
	_, err := c.UploadPart(t.Context(), &sdk.UploadPartInput{Bucket: u.bucket, Key: u.key, UploadId: u.id, PartNumber: aws.Int32(10001)})
	wantCode(t, "part 10001", err, "InvalidArgument")
	_, err = c.UploadPart(t.Context(), &sdk.UploadPartInput{Bucket: u.bucket, Key: aws.String("other"), UploadId: u.id, PartNumber: aws.Int32(1)})
	wantCode(t, "another key", err, "NoSuchUpload")
	put(t, c, "mistakes", "key", "there")
	_, err = u.complete(t, aws.String("*"), one)
	wantCode(t, "onto what is there", err, "PreconditionFailed")
	abort := &sdk.AbortMultipartUploadInput{Bucket: u.bucket, Key: u.key, UploadId: u.id}
	_, err = c.AbortMultipartUpload(t.Context(), abort)
	wantCode(t, "abort after 412", err, "")
	_, err = c.AbortMultipartUpload(t.Context(), abort)
	wantCode(t, "abort again", err, "NoSuchUpload")
}

func TestMultipartOneWinner(t *testing.T) {
	f := start(t)
	c := f.bucket(t, "race")
	errs := make([]error, 20)
	uploads := make([]uploader, len(errs))
	parts := make([]types.CompletedPart, len(errs))
	for i := range uploads {
		uploads[i] = begin(t, c, "race", "key", types.ChecksumAlgorithmCrc32)
		parts[i] = uploads[i].part(t, 1, types.ChecksumAlgorithmCrc32, []byte(fmt.Sprint("writer ", i)))
	}
	var writers sync.WaitGroup
	for i, u := range uploads {
		writers.Go(func() { _, errs[i] = u.complete(t, aws.String("*"), parts[i]) })
	}
	writers.Wait()
	winners := 0
	for i, err := range errs {
		if err == nil {
			winners++
			if got, _ := f.Object("race", "key"); string(got) != fmt.Sprint("writer ", i) {
				t.Errorf("the object is %q, the winner %d", got, i)
			}
			continue
		}
		wantCode(t, fmt.Sprint("writer ", i), err, "PreconditionFailed")
	}
	if winners != 1 {
		t.Errorf("%d winners", winners)
	}
}

func TestUploadPartCopy(t *testing.T) {
	f := start(t)
	c := f.bucket(t, "copy")
	put(t, c, "copy", "source", "0123456789")
	u := begin(t, c, "copy", "target", types.ChecksumAlgorithmCrc32)
	from := func(spec *string) (*sdk.UploadPartCopyOutput, error) {
		return c.UploadPartCopy(t.Context(), &sdk.UploadPartCopyInput{
			Bucket: u.bucket, Key: u.key, UploadId: u.id, PartNumber: aws.Int32(1),
			CopySource: aws.String("copy/source"), CopySourceRange: spec,
		})
	}
	for _, spec := range []string{"bytes=5-10", "bytes=-2", "bytes=20-30", "5-6", "bytes=5-", "bytes=6-5"} {
		_, err := from(&spec)
		wantCode(t, spec, err, "InvalidArgument")
	}
	out, err := from(aws.String("bytes=2-4"))
	if err != nil {
		t.Fatal(err)
	}
	part := types.CompletedPart{PartNumber: aws.Int32(1), ETag: out.CopyPartResult.ETag, ChecksumCRC32: out.CopyPartResult.ChecksumCRC32}
	if _, err := u.complete(t, nil, part); err != nil {
		t.Fatal(err)
	}
	if got := read(t, c, "copy", "target"); got != "234" {
		t.Errorf("holds %q", got)
	}
}

func TestListUploadsAndParts(t *testing.T) {
	f := start(t)
	c := f.bucket(t, "list", whenRequired)
	var want []string
	for _, key := range []string{"a/1", "a/1", "a/2", "b", "c/1"} {
		u := begin(t, c, "list", key, "")
		want = append(want, key+" "+*u.id)
		if key == "b" {
			for n := range int32(5) {
				u.part(t, n+1, "", []byte("part"))
			}
			var numbers []string
			pages := sdk.NewListPartsPaginator(c, &sdk.ListPartsInput{Bucket: u.bucket, Key: u.key, UploadId: u.id, MaxParts: aws.Int32(2)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range page.Parts {
					numbers = append(numbers, fmt.Sprint(*p.PartNumber, "/", *p.Size))
				}
			}
			if got := strings.Join(numbers, " "); got != "1/4 2/4 3/4 4/4 5/4" {
				t.Errorf("parts %s", got)
			}
		}
	}
	var got []string
	in := &sdk.ListMultipartUploadsInput{Bucket: aws.String("list"), MaxUploads: aws.Int32(1)}
	for {
		page, err := c.ListMultipartUploads(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Uploads {
			got = append(got, *u.Key+" "+*u.UploadId)
		}
		if !*page.IsTruncated {
			break
		}
		in.KeyMarker, in.UploadIdMarker = page.NextKeyMarker, page.NextUploadIdMarker
	}
	if !slices.Equal(got, want) {
		t.Errorf("uploads %q, want %q", got, want)
	}
	grouped, err := c.ListMultipartUploads(t.Context(), &sdk.ListMultipartUploadsInput{Bucket: aws.String("list"), Delimiter: aws.String("/")})
	if err != nil || len(grouped.CommonPrefixes) != 2 || len(grouped.Uploads) != 1 {
		t.Errorf("grouped: %+v, %v", grouped, err)
	}
}
