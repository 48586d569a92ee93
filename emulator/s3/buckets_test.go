package s3_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
)

func constraint(region string) *types.CreateBucketConfiguration {
	return &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
}

func TestCreateBucket(t *testing.T) {
	f := start(t)
	home, europe, other := f.client("test", "us-east-1"), f.client("test", "eu-west-1"), f.client("123456789012", "us-east-1")
	for _, test := range []struct {
		what   string
		client *sdk.Client
		name   string
		config *types.CreateBucketConfiguration
		code   string
	}{
		{"first", home, "first", nil, ""},
		{"again at home", home, "first", nil, ""},
		{"another account's", other, "first", nil, "BucketAlreadyExists"},
		{"empty constraint", home, "empty-constraint", constraint(""), ""},
		{"constraint of the home region", home, "home-constraint", constraint("us-east-1"), "InvalidLocationConstraint"},
		{"elsewhere without constraint", europe, "elsewhere", nil, "IllegalLocationConstraintException"},
		{"elsewhere with another constraint", europe, "elsewhere", constraint("eu-west-2"), "IllegalLocationConstraintException"},
		{"elsewhere", europe, "elsewhere", constraint("eu-west-1"), ""},
		{"elsewhere again", europe, "elsewhere", constraint("eu-west-1"), "BucketAlreadyOwnedByYou"},
		{"from home to elsewhere", home, "from-home", constraint("EU"), ""},
		{"capitals", home, "Capitals", nil, "InvalidBucketName"},
		{"too short", home, "ab", nil, "InvalidBucketName"},
		{"an address", home, "192.168.5.4", nil, "InvalidBucketName"},
		{"two dots", home, "two..dots", nil, "InvalidBucketName"},
		{"ends in a hyphen", home, "hyphen-", nil, "InvalidBucketName"},
	} {
		_, err := test.client.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &test.name, CreateBucketConfiguration: test.config})
		wantCode(t, test.what, err, test.code)
	}
	if diff := cmp.Diff([]string{"elsewhere", "empty-constraint", "first", "from-home"}, f.Buckets()); diff != "" {
		t.Error(diff)
	}
	for name, region := range map[string]string{"first": "us-east-1", "elsewhere": "eu-west-1", "from-home": "eu-west-1"} {
		head, err := home.HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: &name})
		if err != nil || *head.BucketRegion != region {
			t.Errorf("HeadBucket %s: %v, %v; want %s", name, head, err, region)
		}
		location, err := home.GetBucketLocation(t.Context(), &sdk.GetBucketLocationInput{Bucket: &name})
		if err != nil || orDefault(string(location.LocationConstraint), "us-east-1") != region {
			t.Errorf("GetBucketLocation %s: %v, %v; want %s", name, location, err, region)
		}
	}
}

func TestCreateBucketBodies(t *testing.T) {
	store := newStore(t)
	for body, status := range map[string]int{
		"": 200,
		`<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`: 200,
		`<CreateBucketConfiguration><LocationConstraint/></CreateBucketConfiguration>`: 200,
		`<CreateBucketConfiguration><LocationConstraint></CreateBucketConfiguration>`:  400,
		`<Other/>`: 400,
		`<CreateBucketConfiguration><Bucket><Type>Directory</Type></Bucket></CreateBucketConfiguration>`: 501,
	} {
		if a := do(store, request{method: "PUT", target: "/body", body: body}); a.status != status {
			t.Errorf("%q: %d %s, want %d", body, a.status, a.body, status)
		}
	}
}

func TestBucketOfAnotherAccount(t *testing.T) {
	f := start(t)
	mine, other := f.bucket(t, "mine"), f.client("123456789012", "us-east-1")
	put(t, mine, "mine", "key", "secret")
	name := aws.String("mine")
	_, err := other.HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: name})
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); !ok || response.HTTPStatusCode() != http.StatusForbidden {
		t.Errorf("HeadBucket: %v, want 403", err)
	}
	_, err = other.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: name, Key: aws.String("key")})
	wantCode(t, "GetObject", err, "AccessDenied")
	_, err = other.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: name, Key: aws.String("key")})
	wantCode(t, "PutObject", err, "AccessDenied")
	_, err = other.ListObjectsV2(t.Context(), &sdk.ListObjectsV2Input{Bucket: name})
	wantCode(t, "ListObjectsV2", err, "AccessDenied")
	_, err = other.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: name})
	wantCode(t, "DeleteBucket", err, "AccessDenied")
	_, err = other.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: aws.String("theirs")})
	wantCode(t, "CreateBucket", err, "")
	_, err = other.CopyObject(t.Context(), &sdk.CopyObjectInput{Bucket: aws.String("theirs"), Key: aws.String("k"), CopySource: aws.String("mine/key")})
	wantCode(t, "CopyObject", err, "AccessDenied")
	_, err = mine.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: name, Key: aws.String("key"), ExpectedBucketOwner: aws.String("123456789012")})
	wantCode(t, "expected owner", err, "Forbidden")
	listed, err := other.ListBuckets(t.Context(), &sdk.ListBucketsInput{})
	if err != nil || len(listed.Buckets) != 1 || *listed.Buckets[0].Name != "theirs" {
		t.Errorf("ListBuckets: %v, %v", listed, err)
	}
}

func TestListBucketsPages(t *testing.T) {
	f := start(t)
	c := f.client("test", "us-east-1")
	for _, name := range []string{"aa-1", "aa-2", "aa-3", "bbb"} {
		if _, err := c.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &name}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	pages := sdk.NewListBucketsPaginator(c, &sdk.ListBucketsInput{MaxBuckets: aws.Int32(2), Prefix: aws.String("aa-")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Buckets {
			got = append(got, *b.Name)
		}
	}
	if diff := cmp.Diff([]string{"aa-1", "aa-2", "aa-3"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDeleteBucket(t *testing.T) {
	f := start(t)
	c := f.bucket(t, "full")
	put(t, c, "full", "key", "")
	name := aws.String("full")
	_, err := c.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: name})
	wantCode(t, "with an object", err, "BucketNotEmpty")
	_, err = c.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: name, Key: aws.String("key")})
	wantCode(t, "DeleteObject", err, "")
	_, err = c.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: name})
	wantCode(t, "empty", err, "")
	_, err = c.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: name})
	wantCode(t, "gone", err, "NoSuchBucket")
	_, err = c.HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: name})
	wantCode(t, "HeadBucket", err, "NotFound")
}
