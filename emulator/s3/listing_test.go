package s3_test

import (
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/s3"
)

// listResult is what all three listings answer, as far as the tests look.
type listResult struct {
	IsTruncated           bool
	KeyCount              int
	NextContinuationToken string
	NextMarker            string
	NextKeyMarker         string
	Contents, Version     []struct{ Key string }
	CommonPrefixes        []struct{ Prefix string }
}

// entries gives keys and common prefixes in one ordered list.
func (l listResult) entries() []string {
	var all []string
	for _, c := range slices.Concat(l.Contents, l.Version) {
		all = append(all, c.Key)
	}
	for _, p := range l.CommonPrefixes {
		all = append(all, p.Prefix+" (group)")
	}
	slices.Sort(all)
	return all
}

func list(t *testing.T, store *s3.Store, parameters url.Values) listResult {
	t.Helper()
	a := do(store, request{method: "GET", target: "/bbb?" + parameters.Encode()})
	if a.status != http.StatusOK {
		t.Fatalf("%v: %d %s", parameters, a.status, a.body)
	}
	var l listResult
	if err := xml.Unmarshal([]byte(a.body), &l); err != nil {
		t.Fatalf("%v: %v in %s", parameters, err, a.body)
	}
	return l
}

// expected lists the simple way: over all keys, in one page.
func expected(keys []string, prefix, delimiter, after string) []string {
	var entries []string
	for _, key := range keys {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok || key <= after {
			continue
		}
		if delimiter != "" {
			if at := strings.Index(rest, delimiter); at >= 0 {
				key = key[:len(prefix)+at+len(delimiter)] + " (group)"
			}
		}
		entries = append(entries, key)
	}
	slices.Sort(entries)
	return slices.Compact(entries)
}

// TestListingsAgainstModel stores and deletes random keys and compares random
// listings, page by page, with the model.
func TestListingsAgainstModel(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	word := func(most int) string {
		var b strings.Builder
		for range random.IntN(most + 1) {
			b.WriteString([]string{"a", "b", "/", "ü", "~"}[random.IntN(5)])
		}
		return b.String()
	}
	store, there := newStore(t), map[string]bool{}
	for range 2000 {
		key := "k" + word(8)
		method := "PUT"
		if random.IntN(4) == 0 {
			method = "DELETE"
		}
		there[key] = method == "PUT"
		if a := do(store, request{method: method, target: "/bbb/" + url.PathEscape(key)}); a.status/100 != 2 {
			t.Fatalf("%s %q: %d %s", method, key, a.status, a.body)
		}
	}
	var keys []string
	for key, is := range there {
		if is {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	if diff := cmp.Diff(keys, store.Keys("bbb")); diff != "" {
		t.Fatal(diff)
	}
	for range 25 {
		prefix, delimiter, after := "k"+word(2), word(1), "k"+word(3)
		if random.IntN(2) == 0 || delimiter != "" {
			after = ""
		}
		want := expected(keys, prefix, delimiter, after)
		most := min(1000, len(want)+2)
		size := fmt.Sprint(most/20 + 1 + random.IntN(most-most/20))
		for kind, marker := range map[string]string{"list-type": "start-after", "versions": "key-marker", "": "marker"} {
			q := url.Values{"prefix": {prefix}, "delimiter": {delimiter}, "max-keys": {size}, marker: {after}}
			switch kind {
			case "list-type":
				q.Set(kind, "2")
			case "versions":
				q.Set(kind, "")
			}
			if got := pages(t, store, q, marker); !slices.Equal(got, want) {
				t.Fatalf("%s: %v", q.Encode(), cmp.Diff(want, got))
			}
		}
	}
}

// pages walks a listing to its end.
func pages(t *testing.T, store *s3.Store, q url.Values, marker string) []string {
	t.Helper()
	var all []string
	for {
		l := list(t, store, q)
		entries := l.entries()
		all = append(all, entries...)
		if !l.IsTruncated {
			return all
		}
		if size := q.Get("max-keys"); fmt.Sprint(len(entries)) != size {
			t.Fatalf("a truncated page of %d entries, want %s", len(entries), size)
		}
		switch {
		case l.NextContinuationToken != "":
			q.Set("continuation-token", l.NextContinuationToken)
		case l.NextKeyMarker != "":
			q.Set(marker, l.NextKeyMarker)
		case l.NextMarker != "":
			q.Set(marker, l.NextMarker)
		default: // ListObjects without delimiter: the last key
			q.Set(marker, entries[len(entries)-1])
		}
	}
}

func TestListObjectsBySDK(t *testing.T) {
	f := start(t)
	c, bucket := f.bucket(t, "list"), aws.String("list")
	keys := slices.DeleteFunc(awkwardKeys(), func(key string) bool { return strings.ContainsAny(key, "\a") })
	for _, key := range keys {
		put(t, c, "list", key, key)
	}
	slices.Sort(keys)
	var got []string
	paged := sdk.NewListObjectsV2Paginator(c, &sdk.ListObjectsV2Input{Bucket: bucket, MaxKeys: aws.Int32(3), FetchOwner: aws.Bool(true)})
	for paged.HasMorePages() {
		page, err := paged.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			got = append(got, *o.Key)
			if *o.Size != int64(len(*o.Key)) || o.Owner == nil || o.LastModified == nil || o.StorageClass != types.ObjectStorageClassStandard {
				t.Errorf("%+v", o)
			}
		}
	}
	if diff := cmp.Diff(keys, got); diff != "" {
		t.Error(diff)
	}
	encoded, err := c.ListObjectsV2(t.Context(), &sdk.ListObjectsV2Input{Bucket: bucket, EncodingType: types.EncodingTypeUrl, Prefix: aws.String("sp ace")})
	if err != nil || len(encoded.Contents) != 1 || *encoded.Contents[0].Key != "sp+ace%2Bplus" || *encoded.Prefix != "sp+ace" {
		t.Errorf("encoding-type=url: %+v, %v", encoded, err)
	}
	_, err = c.ListObjectsV2(t.Context(), &sdk.ListObjectsV2Input{Bucket: bucket, ContinuationToken: aws.String("made up")})
	wantCode(t, "made-up token", err, "InvalidArgument")
	_, err = c.ListObjectsV2(t.Context(), &sdk.ListObjectsV2Input{Bucket: bucket, MaxKeys: aws.Int32(-1)})
	wantCode(t, "negative max-keys", err, "InvalidArgument")
	versions, err := c.ListObjectVersions(t.Context(), &sdk.ListObjectVersionsInput{Bucket: bucket})
	if err != nil || len(versions.Versions) != len(keys) {
		t.Fatalf("%d versions of %d keys, %v", len(versions.Versions), len(keys), err)
	}
	var named []types.ObjectIdentifier
	for _, v := range versions.Versions {
		named = append(named, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
	}
	if _, err := c.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: named}}); err != nil {
		t.Fatal(err)
	}
	if left := f.Keys("list"); len(left) != 0 {
		t.Errorf("left after deleting all versions: %q", left)
	}
}

// BenchmarkListPrefix lists a page out of the middle of many keys.
func BenchmarkListPrefix(b *testing.B) {
	store := newStore(b)
	for i := range 200_000 {
		do(store, request{method: "PUT", target: fmt.Sprintf("/bbb/shard-%03d/%06d", i%200, i)})
	}
	for b.Loop() {
		if a := do(store, request{method: "GET", target: "/bbb?list-type=2&prefix=shard-100/&max-keys=100"}); a.status != http.StatusOK {
			b.Fatal(a.body)
		}
	}
}
