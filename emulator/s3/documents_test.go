package s3_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func ignoreHidden() cmp.Option {
	return cmpopts.IgnoreUnexported(
		types.LifecycleRule{}, types.LifecycleExpiration{}, types.LifecycleRuleFilter{}, types.LifecycleRuleAndOperator{},
		types.AbortIncompleteMultipartUpload{}, types.Tag{},
	)
}

func TestLifecycle(t *testing.T) {
	f := start(t)
	c, name := f.bucket(t, "rules"), aws.String("rules")
	_, err := c.GetBucketLifecycleConfiguration(t.Context(), &sdk.GetBucketLifecycleConfigurationInput{Bucket: name})
	wantCode(t, "new bucket", err, "NoSuchLifecycleConfiguration")
	rules := []types.LifecycleRule{
		{
			ID: aws.String("claims"), Status: types.ExpirationStatusEnabled,
			Filter:     &types.LifecycleRuleFilter{Prefix: aws.String("_claims/<&>")},
			Expiration: &types.LifecycleExpiration{Days: aws.Int32(8)},
		},
		{
			ID: aws.String("uploads"), Status: types.ExpirationStatusDisabled,
			Filter: &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{
				Prefix: aws.String("p"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
			}},
			AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(7)},
		},
	}
	keep := func(rules ...types.LifecycleRule) error {
		_, err := c.PutBucketLifecycleConfiguration(t.Context(), &sdk.PutBucketLifecycleConfigurationInput{
			Bucket: name, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules},
		})
		return err
	}
	wantCode(t, "put", keep(rules...), "")
	got, err := c.GetBucketLifecycleConfiguration(t.Context(), &sdk.GetBucketLifecycleConfigurationInput{Bucket: name})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rules, got.Rules, ignoreHidden()); diff != "" {
		t.Error(diff)
	}
	wantCode(t, "same id twice", keep(rules[0], rules[0]), "InvalidArgument")
	none := rules[0]
	none.Expiration = nil
	wantCode(t, "no action", keep(none), "InvalidRequest")
	none.Expiration = &types.LifecycleExpiration{Days: aws.Int32(0)}
	wantCode(t, "no days", keep(none), "InvalidArgument")
	unnamed := rules[0]
	unnamed.ID = nil
	wantCode(t, "no id", keep(unnamed), "")
	got, err = c.GetBucketLifecycleConfiguration(t.Context(), &sdk.GetBucketLifecycleConfigurationInput{Bucket: name})
	if err != nil || len(got.Rules) != 1 || aws.ToString(got.Rules[0].ID) == "" {
		t.Errorf("a rule without id: %v, %v; want one with an id", got, err)
	}
	_, err = c.DeleteBucketLifecycle(t.Context(), &sdk.DeleteBucketLifecycleInput{Bucket: name})
	wantCode(t, "delete", err, "")
	_, err = c.GetBucketLifecycleConfiguration(t.Context(), &sdk.GetBucketLifecycleConfigurationInput{Bucket: name})
	wantCode(t, "deleted", err, "NoSuchLifecycleConfiguration")
}

// TestDocuments puts, gets and deletes each kind of document over plain HTTP.
func TestDocuments(t *testing.T) {
	for _, test := range []struct {
		sub, fresh, put, want, gone string
	}{
		{"encryption", "<SSEAlgorithm>AES256<", `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`, "<SSEAlgorithm>aws:kms<", "<SSEAlgorithm>AES256<"},
		{"ownershipControls", "BucketOwnerEnforced", `<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>`, "ObjectWriter", "<Code>OwnershipControlsNotFoundError<"},
		{"policy", "<Code>NoSuchBucketPolicy<", `{"Version":"2012-10-17","Statement":[]}`, `{"Version":"2012-10-17","Statement":[]}`, "<Code>NoSuchBucketPolicy<"},
		{"publicAccessBlock", "<BlockPublicPolicy>true<", `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>`, "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false<", "<Code>NoSuchPublicAccessBlockConfiguration<"},
		{"tagging", "<Code>NoSuchTagSet<", `<Tagging><TagSet><Tag><Key>k</Key><Value>v &amp; w</Value></Tag></TagSet></Tagging>`, "<Tag><Key>k</Key><Value>v &amp; w</Value></Tag>", "<Code>NoSuchTagSet<"},
	} {
		t.Run(test.sub, func(t *testing.T) {
			store := newStore(t)
			get := func(want string) {
				t.Helper()
				if a := do(store, request{method: "GET", target: "/bbb?" + test.sub}); !strings.Contains(a.body, want) {
					t.Errorf("GET: %d %s, want %s", a.status, a.body, want)
				}
			}
			get(test.fresh)
			if a := do(store, request{method: "PUT", target: "/bbb?" + test.sub, body: "<Wrong/>"}); a.status != 400 {
				t.Errorf("PUT of something else: %d %s", a.status, a.body)
			}
			get(test.fresh)
			if a := do(store, request{method: "PUT", target: "/bbb?" + test.sub, body: test.put}); a.status/100 != 2 {
				t.Errorf("PUT: %d %s", a.status, a.body)
			}
			get(test.want)
			if a := do(store, request{method: "DELETE", target: "/bbb?" + test.sub}); a.status != 204 {
				t.Errorf("DELETE: %d %s", a.status, a.body)
			}
			get(test.gone)
		})
	}
}

func TestObjectTags(t *testing.T) {
	f := start(t)
	c, bucket, key := f.bucket(t, "tags"), aws.String("tags"), aws.String("key")
	_, err := c.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: bucket, Key: key, Tagging: aws.String("a=1&b%20c=%C3%BC")})
	wantCode(t, "PutObject", err, "")
	tags := func() []types.Tag {
		out, err := c.GetObjectTagging(t.Context(), &sdk.GetObjectTaggingInput{Bucket: bucket, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		return out.TagSet
	}
	want := []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b c"), Value: aws.String("ü")}}
	if diff := cmp.Diff(want, tags(), ignoreHidden()); diff != "" {
		t.Error(diff)
	}
	retag := func(tags ...types.Tag) error {
		_, err := c.PutObjectTagging(t.Context(), &sdk.PutObjectTaggingInput{Bucket: bucket, Key: key, Tagging: &types.Tagging{TagSet: tags}})
		return err
	}
	wantCode(t, "twice", retag(want[0], want[0]), "InvalidTag")
	var many []types.Tag
	for i := range 11 {
		many = append(many, types.Tag{Key: aws.String(strconv.Itoa(i)), Value: aws.String("")})
	}
	wantCode(t, "too many", retag(many...), "BadRequest")
	wantCode(t, "one", retag(want[1]), "")
	if diff := cmp.Diff(want[1:], tags(), ignoreHidden()); diff != "" {
		t.Error(diff)
	}
	head, err := c.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: bucket, Key: key})
	if err != nil || aws.ToInt32(head.TagCount) != 1 {
		t.Errorf("HeadObject: %v, %v; want a tag count of 1", head, err)
	}
	_, err = c.DeleteObjectTagging(t.Context(), &sdk.DeleteObjectTaggingInput{Bucket: bucket, Key: key})
	wantCode(t, "delete", err, "")
	if got := tags(); len(got) != 0 {
		t.Errorf("tags %v after their deletion", got)
	}
}

func TestVersioningIsOff(t *testing.T) {
	f := start(t)
	c, bucket := f.bucket(t, "plain"), aws.String("plain")
	got, err := c.GetBucketVersioning(t.Context(), &sdk.GetBucketVersioningInput{Bucket: bucket})
	if err != nil || got.Status != "" {
		t.Errorf("GetBucketVersioning: %v, %v", got, err)
	}
	_, err = c.PutBucketVersioning(t.Context(), &sdk.PutBucketVersioningInput{
		Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	wantCode(t, "PutBucketVersioning", err, "NotImplemented")
	if err == nil || !strings.Contains(err.Error(), "PutBucketVersioning") {
		t.Errorf("%v does not name the operation", err)
	}
}
