package s3_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// awkwardKeys are keys that something between client and store likes to change.
func awkwardKeys() []string {
	return []string{
		"plain", "a/b/c", "..", "../up", "a/../b", "./here", ".", "/leading", "//two", "a//b", "trailing/", "/",
		"a%2Fb", "%", "100%25", "sp ace+plus", "ünï/☃/😀", "q?x=1&y#z", `quotes'"<&>`, "semi;colon", "*~!()", `back\slash`,
		"new\nline", "tab\t", "return\r", "bell\a", "del\x7f", "shardId-000000000000/4968-4969.0",
	}
}

func TestAwkwardKeys(t *testing.T) {
	f := start(t)
	c, bucket := f.bucket(t, "keys"), aws.String("keys")
	keys := awkwardKeys()
	for _, key := range keys {
		etag := put(t, c, "keys", key, "body of "+key)
		sum := md5.Sum([]byte("body of " + key))
		if want := `"` + hex.EncodeToString(sum[:]) + `"`; etag != want {
			t.Errorf("%q: ETag %s, want %s", key, etag, want)
		}
	}
	for _, key := range keys {
		if got := read(t, c, "keys", key); got != "body of "+key {
			t.Errorf("%q holds %q", key, got)
		}
		if got, ok := f.Object("keys", key); !ok || string(got) != "body of "+key {
			t.Errorf("Object(%q) = %q, %v", key, got, ok)
		}
	}
	slices.Sort(keys)
	if diff := cmp.Diff(keys, f.Keys("keys")); diff != "" {
		t.Error(diff)
	}
	for _, key := range keys {
		if _, err := c.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: bucket, Key: &key}); err != nil {
			t.Errorf("DeleteObject %q: %v", key, err)
		}
	}
	if left := f.Keys("keys"); len(left) != 0 {
		t.Errorf("left after deletion: %q", left)
	}
}

func TestObjectAttributes(t *testing.T) {
	f := start(t)
	c, bucket, key := f.bucket(t, "attributes"), aws.String("attributes"), aws.String("key")
	before := time.Now().Truncate(time.Second)
	_, err := c.PutObject(t.Context(), &sdk.PutObjectInput{
		Bucket: bucket, Key: key, Body: strings.NewReader("hello"),
		ContentType: aws.String("application/jsonl"), ContentEncoding: aws.String("gzip"), CacheControl: aws.String("no-store"),
		Metadata: map[string]string{"Previous": "start", "records": "12", "empty": ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	head, err := c.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"previous": "start", "records": "12", "empty": ""}
	if diff := cmp.Diff(want, head.Metadata); diff != "" {
		t.Error(diff)
	}
	if *head.ContentType != "application/jsonl" || *head.ContentEncoding != "gzip" || *head.CacheControl != "no-store" || *head.ContentLength != 5 {
		t.Errorf("HeadObject: %+v", head)
	}
	if head.LastModified.Before(before) || head.LastModified.After(time.Now()) {
		t.Errorf("last modified %v, stored after %v", head.LastModified, before)
	}
	got, err := c.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: bucket, Key: key, ResponseContentType: aws.String("text/plain")})
	if err != nil || *got.ContentType != "text/plain" || body(t, got.Body) != "hello" {
		t.Errorf("response-content-type: %+v, %v", got, err)
	}
	_, err = c.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: bucket, Key: key, Metadata: map[string]string{"a": strings.Repeat("b", 2048)}})
	wantCode(t, "too much metadata", err, "MetadataTooLarge")
	put(t, c, "attributes", "bare", "")
	head, err = c.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: bucket, Key: aws.String("bare")})
	if err != nil || *head.ContentLength != 0 {
		t.Errorf("an empty object: %+v, %v", head, err)
	}
}

func TestConditions(t *testing.T) {
	f := start(t)
	c, bucket, key := f.bucket(t, "conditions"), aws.String("conditions"), aws.String("key")
	etag := aws.String(put(t, c, "conditions", "key", "one"))
	wrong, star := aws.String(`"0123"`), aws.String("*")
	for _, test := range []struct {
		what string
		in   sdk.PutObjectInput
		code string
	}{
		{"there already", sdk.PutObjectInput{Key: key, IfNoneMatch: star}, "PreconditionFailed"},
		{"another tag", sdk.PutObjectInput{Key: key, IfMatch: wrong}, "PreconditionFailed"},
		{"tag of nothing", sdk.PutObjectInput{Key: aws.String("none"), IfMatch: etag}, "NoSuchKey"},
		{"if none match a tag", sdk.PutObjectInput{Key: key, IfNoneMatch: etag}, "NotImplemented"},
		{"not there", sdk.PutObjectInput{Key: aws.String("new"), IfNoneMatch: star}, ""},
	} {
		test.in.Bucket = bucket
		_, err := c.PutObject(t.Context(), &test.in)
		wantCode(t, "PutObject "+test.what, err, test.code)
	}
	past, future := aws.Time(time.Now().Add(-time.Hour)), aws.Time(time.Now().Add(time.Hour))
	for _, test := range []struct {
		what string
		in   sdk.GetObjectInput
		code string
	}{
		{"if match", sdk.GetObjectInput{IfMatch: etag}, ""},
		{"if match another", sdk.GetObjectInput{IfMatch: wrong}, "PreconditionFailed"},
		{"if none match", sdk.GetObjectInput{IfNoneMatch: etag}, "NotModified"},
		{"if none match another", sdk.GetObjectInput{IfNoneMatch: wrong}, ""},
		{"if modified since", sdk.GetObjectInput{IfModifiedSince: past}, ""},
		{"if not modified since", sdk.GetObjectInput{IfModifiedSince: future}, "NotModified"},
		{"if unmodified since", sdk.GetObjectInput{IfUnmodifiedSince: future}, ""},
		{"if modified after all", sdk.GetObjectInput{IfUnmodifiedSince: past}, "PreconditionFailed"},
		{"match wins over date", sdk.GetObjectInput{IfMatch: etag, IfUnmodifiedSince: past}, ""},
		{"none match wins over date", sdk.GetObjectInput{IfNoneMatch: wrong, IfModifiedSince: future}, ""},
	} {
		test.in.Bucket, test.in.Key = bucket, key
		out, err := c.GetObject(t.Context(), &test.in)
		if err == nil {
			_ = out.Body.Close()
		}
		wantCode(t, "GetObject "+test.what, err, test.code)
	}
	_, err := c.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: bucket, Key: key, IfMatch: wrong})
	wantCode(t, "DeleteObject with another tag", err, "PreconditionFailed")
	_, err = c.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: bucket, Key: key, IfMatch: etag})
	wantCode(t, "DeleteObject with its tag", err, "")
}

// TestOneWinner lets 100 writers store the same key if it is not there.
func TestOneWinner(t *testing.T) {
	f := start(t)
	c := f.bucket(t, "race")
	errs := make([]error, 100)
	var writers sync.WaitGroup
	for i := range errs {
		writers.Go(func() {
			_, errs[i] = c.PutObject(t.Context(), &sdk.PutObjectInput{
				Bucket: aws.String("race"), Key: aws.String("key"),
				Body: strings.NewReader(fmt.Sprint("writer ", i)), IfNoneMatch: aws.String("*"),
			})
		})
	}
	writers.Wait()
	winner := -1
	for i, err := range errs {
		if err == nil && winner < 0 {
			winner = i
			continue
		}
		wantCode(t, fmt.Sprint("writer ", i), err, "PreconditionFailed")
	}
	if got, _ := f.Object("race", "key"); string(got) != fmt.Sprint("writer ", winner) {
		t.Errorf("the object is %q, the winner %d", got, winner)
	}
}

func TestRange(t *testing.T) {
	f := start(t)
	c, bucket := f.bucket(t, "range"), aws.String("range")
	put(t, c, "range", "ten", "0123456789")
	put(t, c, "range", "empty", "")
	for _, test := range []struct{ key, spec, body, contentRange, code string }{
		{"ten", "bytes=0-3", "0123", "bytes 0-3/10", ""},
		{"ten", "bytes=9-9", "9", "bytes 9-9/10", ""},
		{"ten", "bytes=4-", "456789", "bytes 4-9/10", ""},
		{"ten", "bytes=-3", "789", "bytes 7-9/10", ""},
		{"ten", "bytes=-30", "0123456789", "bytes 0-9/10", ""},
		{"ten", "bytes=5-99999999999999999999", "56789", "bytes 5-9/10", ""},
		{"ten", "bytes=10-", "", "", "InvalidRange"},
		{"ten", "bytes=-0", "", "", "InvalidRange"},
		{"empty", "bytes=0-0", "", "", "InvalidRange"},
		{"ten", "bytes=3-1", "0123456789", "", ""},
		{"ten", "bytes=0-1,3-4", "0123456789", "", ""},
		{"ten", "chunks=0-1", "0123456789", "", ""},
		{"ten", "bytes=+1-2", "0123456789", "", ""},
	} {
		out, err := c.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: bucket, Key: &test.key, Range: &test.spec})
		wantCode(t, test.spec, err, test.code)
		if err != nil {
			continue
		}
		if got := body(t, out.Body); got != test.body || aws.ToString(out.ContentRange) != test.contentRange {
			t.Errorf("%s: %q %q, want %q %q", test.spec, got, aws.ToString(out.ContentRange), test.body, test.contentRange)
		}
	}
}

func TestCopyObject(t *testing.T) {
	f := start(t)
	c, bucket := f.bucket(t, "copies"), aws.String("copies")
	etag, err := c.PutObject(t.Context(), &sdk.PutObjectInput{
		Bucket: bucket, Key: aws.String("a b+ü"), Body: strings.NewReader("body"),
		Metadata: map[string]string{"m": "1"}, Tagging: aws.String("t=1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	source := aws.String("copies/a%20b%2B%C3%BC")
	for _, test := range []struct {
		what string
		in   sdk.CopyObjectInput
		code string
	}{
		{"plain", sdk.CopyObjectInput{Key: aws.String("copy")}, ""},
		{"replaced", sdk.CopyObjectInput{Key: aws.String("replaced"), MetadataDirective: types.MetadataDirectiveReplace, Metadata: map[string]string{"n": "2"}}, ""},
		{"onto itself", sdk.CopyObjectInput{Key: aws.String("a b+ü")}, "InvalidRequest"},
		{"onto what is there", sdk.CopyObjectInput{Key: aws.String("copy"), IfNoneMatch: aws.String("*")}, "PreconditionFailed"},
		{"source changed", sdk.CopyObjectInput{Key: aws.String("x"), CopySourceIfMatch: aws.String("zz")}, "PreconditionFailed"},
		{"source unchanged", sdk.CopyObjectInput{Key: aws.String("x"), CopySourceIfNoneMatch: etag.ETag}, "PreconditionFailed"},
		{"no source", sdk.CopyObjectInput{Key: aws.String("x"), CopySource: aws.String("copies/none")}, "NoSuchKey"},
		{"no source bucket", sdk.CopyObjectInput{Key: aws.String("x"), CopySource: aws.String("no-such-bucket/none")}, "NoSuchBucket"},
		{"no key in the source", sdk.CopyObjectInput{Key: aws.String("x"), CopySource: aws.String("copies")}, "InvalidArgument"},
		{"source encoded as a whole", sdk.CopyObjectInput{Key: aws.String("whole"), CopySource: aws.String("copies%2Fcopy")}, ""},
	} {
		test.in.Bucket = bucket
		if test.in.CopySource == nil {
			test.in.CopySource = source
		}
		_, err := c.CopyObject(t.Context(), &test.in)
		wantCode(t, test.what, err, test.code)
	}
	for key, metadata := range map[string]map[string]string{"copy": {"m": "1"}, "replaced": {"n": "2"}, "whole": {"m": "1"}} {
		got, err := c.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: bucket, Key: &key})
		if err != nil || body(t, got.Body) != "body" {
			t.Errorf("%s: %v", key, err)
			continue
		}
		if diff := cmp.Diff(metadata, got.Metadata); diff != "" || *got.ETag != *etag.ETag || aws.ToInt32(got.TagCount) != 1 {
			t.Errorf("%s: ETag %s, %d tags, metadata %s", key, *got.ETag, aws.ToInt32(got.TagCount), diff)
		}
	}
}

func TestDeleteObjects(t *testing.T) {
	f := start(t)
	c, bucket := f.bucket(t, "many"), aws.String("many")
	var named []types.ObjectIdentifier
	for i := range 1001 {
		named = append(named, types.ObjectIdentifier{Key: aws.String(fmt.Sprintf("key <&> %04d", i))})
	}
	for _, i := range []int{0, 1, 500, 999, 1000} {
		put(t, c, "many", *named[i].Key, "")
	}
	_, err := c.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: named}})
	wantCode(t, "1001 keys", err, "MalformedXML")
	named[1].ETag = aws.String("another")
	named[2].VersionId = aws.String("null")
	got, err := c.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: named[:1000]}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Deleted) != 999 || len(got.Errors) != 1 || *got.Errors[0].Code != "PreconditionFailed" || *got.Errors[0].Key != *named[1].Key {
		t.Errorf("%d deleted, errors %v", len(got.Deleted), got.Errors)
	}
	if diff := cmp.Diff([]string{*named[1].Key, *named[1000].Key}, f.Keys("many")); diff != "" {
		t.Error(diff)
	}
	named[1].ETag = nil
	quiet, err := c.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: named[1:2], Quiet: aws.Bool(true)}})
	if err != nil || len(quiet.Deleted) != 0 || len(quiet.Errors) != 0 {
		t.Errorf("quiet: %v, %v", quiet, err)
	}
}

// TestChecksums stores and reads with every algorithm, over http with the
// checksum in a header and over https with it in a trailer.
func TestChecksums(t *testing.T) {
	values := map[types.ChecksumAlgorithm]string{
		types.ChecksumAlgorithmCrc32:     "y/Q5Jg==",
		types.ChecksumAlgorithmCrc32c:    "4waSgw==",
		types.ChecksumAlgorithmCrc64nvme: "rosUhgp5mIg=",
		types.ChecksumAlgorithmSha1:      "98O8HYCOBHMq32eZZczDTKeuNEE=",
		types.ChecksumAlgorithmSha256:    "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
	}
	for scheme, f := range map[string]fixture{"http": start(t), "https": startTLS(t)} {
		c, bucket := f.bucket(t, "checksums"), aws.String("checksums")
		for algorithm, want := range values {
			t.Run(scheme+" "+string(algorithm), func(t *testing.T) {
				key := aws.String(string(algorithm))
				in := &sdk.PutObjectInput{Bucket: bucket, Key: key, ChecksumAlgorithm: algorithm, Body: strings.NewReader("123456789")}
				if scheme == "https" {
					in.Body, in.ContentLength = io.LimitReader(in.Body, 100), aws.Int64(9) // cannot seek
				}
				stored, err := c.PutObject(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				head, err := c.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: bucket, Key: key, ChecksumMode: types.ChecksumModeEnabled})
				if err != nil {
					t.Fatal(err)
				}
				for what, out := range map[string][]*string{
					"PutObject":  {stored.ChecksumCRC32, stored.ChecksumCRC32C, stored.ChecksumCRC64NVME, stored.ChecksumSHA1, stored.ChecksumSHA256},
					"HeadObject": {head.ChecksumCRC32, head.ChecksumCRC32C, head.ChecksumCRC64NVME, head.ChecksumSHA1, head.ChecksumSHA256},
				} {
					got := slices.DeleteFunc(out, func(s *string) bool { return s == nil })
					if len(got) != 1 || *got[0] != want {
						t.Errorf("%s: checksums %q, want %q", what, aws.ToStringSlice(got), want)
					}
				}
				if got := read(t, c, "checksums", *key); got != "123456789" {
					t.Errorf("holds %q", got)
				}
			})
		}
	}
}

func TestChecksumOnDemand(t *testing.T) {
	f := start(t)
	c, bucket, key := f.bucket(t, "lazy", whenRequired), aws.String("lazy"), aws.String("key")
	put(t, c, "lazy", "key", "123456789")
	head, err := c.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: bucket, Key: key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil || aws.ToString(head.ChecksumCRC64NVME) != "rosUhgp5mIg=" || head.ChecksumType != types.ChecksumTypeFullObject {
		t.Errorf("HeadObject: %+v, %v", head, err)
	}
	got, err := c.GetObjectAttributes(t.Context(), &sdk.GetObjectAttributesInput{Bucket: bucket, Key: key, ObjectAttributes: []types.ObjectAttributes{
		types.ObjectAttributesChecksum, types.ObjectAttributesEtag, types.ObjectAttributesObjectSize, types.ObjectAttributesStorageClass,
	}})
	if err != nil || *got.ObjectSize != 9 || *got.Checksum.ChecksumCRC64NVME != "rosUhgp5mIg=" || got.StorageClass != types.StorageClassStandard {
		t.Errorf("GetObjectAttributes: %+v, %v", got, err)
	}
}

func TestLargeObject(t *testing.T) {
	sixteen := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // the first allocation
	for scheme, large := range map[string][]byte{"http": append(sixteen, "and more"...), "https": sixteen[:1<<20]} {
		f := start(t)
		if scheme == "https" {
			f = startTLS(t)
		}
		c := f.bucket(t, "large")
		_, err := c.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("large"), Key: aws.String("key"), Body: bytes.NewReader(large)})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, c, "large", "key"); got != string(large) {
			t.Errorf("%s: %d bytes came back changed", scheme, len(got))
		}
	}
}
