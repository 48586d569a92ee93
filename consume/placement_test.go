package consume

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/delivery"
)

// TestPlacementOfObjects reads from the bucket what the settings asked for: of data objects all of it, of claims, the marker and rejected
// records the encryption only.
func TestPlacementOfObjects(t *testing.T) {
	type kept struct {
		Encryption types.ServerSideEncryption
		Key        string
		Class      types.StorageClass
		Tags       int32
	}
	const arn = "arn:aws:kms:us-east-1:000000000000:key/k"
	for name, test := range map[string]struct {
		settings    map[string]string
		data, small kept
	}{
		"nothing said": {nil, kept{Encryption: "AES256"}, kept{Encryption: "AES256"}},
		"KMS, infrequent access, tags": {
			map[string]string{"serverSideEncryption": "aws:kms", "kmsKeyId": arn, "storageClass": "STANDARD_IA", "objectTags": "team=clicks, stage = a+b c"},
			kept{"aws:kms", arn, "STANDARD_IA", 2},
			kept{Encryption: "aws:kms", Key: arn},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, settings, clients := serve(t, test.settings)
			if _, err := run(t, settings, "a", "b\n", "c"); err != nil {
				t.Fatal(err)
			}
			bucket := e.S3().Buckets()[0]
			for _, key := range e.S3().Keys(bucket) {
				out, err := clients.S3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
				if err != nil {
					t.Fatal(err)
				}
				got := kept{Encryption: out.ServerSideEncryption, Class: out.StorageClass}
				if out.SSEKMSKeyId != nil {
					got.Key = *out.SSEKMSKeyId
				}
				if out.TagCount != nil {
					got.Tags = *out.TagCount
				}
				want := test.small
				if delivery.IsData(key) {
					want = test.data
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %s", key, diff)
				}
			}
			if len(test.settings) == 0 {
				return
			}
			key := testShard + "/100-102"
			tags, err := clients.S3.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: &bucket, Key: &key})
			if err != nil || *tags.TagSet[0].Value+*tags.TagSet[1].Value != "a+b cclicks" && *tags.TagSet[0].Value+*tags.TagSet[1].Value != "clicksa+b c" {
				t.Errorf("%v: tags %+v", err, tags)
			}
		})
	}
}

func TestRefusedSettingsCannotPass(t *testing.T) {
	for code, want := range map[string]bool{
		"KMS.NotFoundException": true, "KMS.DisabledException": true, "KMS.ThrottlingException": false, "KMS.KMSInternalException": false,
		"InvalidStorageClass": true, "InvalidTag": true, "KeyTooLongError": true, "MetadataTooLarge": true,
		"SlowDown": false, "RequestTimeout": false, "InternalError": false, "BadDigest": false, "NoSuchBucket": true,
	} {
		err := fmt.Errorf("put: %w", &smithy.GenericAPIError{Code: code})
		if got := permanent(err); got != want {
			t.Errorf("%s: permanent is %v", code, got)
		}
	}
	if permanent(errors.New("connection refused")) {
		t.Error("a broken connection cannot pass")
	}
}
