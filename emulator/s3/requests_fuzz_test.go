package s3_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// withUpload makes a store with an object and an upload of one part, and returns the upload's id.
func withUpload(t *testing.T) (send func(request) answer, uploadID string) {
	t.Helper()
	store := newStore(t)
	send = func(rq request) answer { return do(store, rq) }
	send(rqPut("/bbb/a", "hello world"))
	var begun struct{ UploadId string } //nolint:revive // the wire's name
	if err := xml.Unmarshal([]byte(send(rqOf("POST", "/bbb/u?uploads")).body), &begun); err != nil {
		t.Fatal(err)
	}
	if a := send(rqPut("/bbb/u?partNumber=1&uploadId="+begun.UploadId, "part")); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return send, begun.UploadId
}

func rqOf(method, target string) request { return request{method: method, target: target} }

func rqPut(target, body string) request { return request{method: "PUT", target: target, body: body} }

// FuzzDocuments sends any body to each operation that reads a document.
func FuzzDocuments(f *testing.F) {
	targets := []string{
		"POST /bbb?delete", "POST /bbb/u?uploadId=", "PUT /bbb?lifecycle", "PUT /bbb?tagging", "PUT /bbb/a?tagging", "PUT /bbb?encryption", "PUT /bbb?ownershipControls",
		"PUT /bbb?publicAccessBlock", "PUT /bbb?policy", "PUT /bbb?versioning", "PUT /other",
	}
	for i, seed := range []string{
		`<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>`,
		`<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Part><PartNumber>1</PartNumber><ETag>"d79a1ba8c5a5bc2b1f9a4e2b5b3f1f1b"</ETag></Part></CompleteMultipartUpload>`,
		`<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix/></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>`,
		`<Tagging><TagSet><Tag><Key>k</Key><Value>&#x41;</Value></Tag></TagSet></Tagging>`,
		`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Tagging>&b;</Tagging>`,
		`<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
		`<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`,
		`<PublicAccessBlockConfiguration><BlockPublicAcls>maybe</BlockPublicAcls></PublicAccessBlockConfiguration>`,
		`{"Version":"2012-10-17","Statement":[]}`, `<VersioningConfiguration><Status>Enabled</Status>`,
		`<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>`,
	} {
		f.Add(uint8(i), seed)
	}
	f.Fuzz(func(t *testing.T, index uint8, body string) {
		send, upload := withUpload(t)
		method, target, _ := strings.Cut(targets[int(index)%len(targets)], " ")
		if strings.HasSuffix(target, "uploadId=") {
			target += upload
		}
		sum := md5.Sum([]byte(body))
		a := send(request{method: method, target: target, body: body, header: map[string]string{"Content-Md5": base64.StdEncoding.EncodeToString(sum[:])}})
		if a.status >= 500 && a.status != http.StatusNotImplemented {
			t.Errorf("%s %s: %d %s", method, target, a.status, a.body)
		}
		if a.status >= 400 {
			a.error(t)
		} else if a.body != "" && strings.HasPrefix(a.body, "<") {
			var document struct{ XMLName xml.Name }
			if err := xml.Unmarshal([]byte(a.body), &document); err != nil {
				t.Errorf("%s %s answers %q: %v", method, target, a.body, err)
			}
		}
	})
}

// FuzzHeaders sends any ranges, conditions, sources of copies, tags, checksums and metadata. A part of an object is as long as it says.
func FuzzHeaders(f *testing.F) {
	const object = "hello world"
	f.Add("bytes=0-4", `"5eb63bbbe01eeed093cb22bb8f5acdc3"`, "Sat, 01 Jan 2000 00:00:00 GMT", "/bbb/a", "a=b&c=d", "DUoRhQ==")
	f.Add("bytes=-5", "*", "yesterday", "bbb/a?versionId=null", "%zz", "")
	f.Add("bytes=11-", `W/"x", "y"`, "", "%2Fbbb%2Fa", "=", "AAAA")
	f.Add("bytes=5-2,1-", `"`, "Sat, 01 Jan 3000 00:00:00 GMT", "", "", "*")
	f.Fuzz(func(t *testing.T, ranges, tag, date, source, tags, checksum string) {
		send, upload := withUpload(t)
		for _, rq := range []request{
			{method: "GET", target: "/bbb/a", header: map[string]string{"Range": ranges, "If-Match": tag, "If-Unmodified-Since": date}},
			{method: "HEAD", target: "/bbb/a", header: map[string]string{"Range": ranges, "If-None-Match": tag, "If-Modified-Since": date}},
			{method: "GET", target: "/bbb/a", header: map[string]string{"Range": ranges, "If-Range": tag}},
			{method: "PUT", target: "/bbb/b", body: object, header: map[string]string{
				"If-None-Match": tag, "X-Amz-Tagging": tags, "X-Amz-Checksum-Crc32": checksum, "X-Amz-Meta-Any": date, "Content-Md5": checksum, "X-Amz-Sdk-Checksum-Algorithm": tag,
			}},
			{method: "PUT", target: "/bbb/a", body: object, header: map[string]string{"If-Match": tag, "X-Amz-Storage-Class": tag, "X-Amz-Server-Side-Encryption": tag}},
			{method: "PUT", target: "/bbb/c", header: map[string]string{
				"X-Amz-Copy-Source": source, "X-Amz-Copy-Source-If-Match": tag, "X-Amz-Copy-Source-If-Modified-Since": date, "X-Amz-Metadata-Directive": tag, "X-Amz-Tagging-Directive": tags,
			}},
			{method: "PUT", target: "/bbb/u?partNumber=2&uploadId=" + upload, header: map[string]string{"X-Amz-Copy-Source": source, "X-Amz-Copy-Source-Range": ranges}},
			{method: "GET", target: "/bbb/a?attributes", header: map[string]string{"X-Amz-Object-Attributes": tags, "X-Amz-Max-Parts": tag}},
			{method: "DELETE", target: "/bbb/a", header: map[string]string{"If-Match": tag, "X-Amz-Expected-Bucket-Owner": date}},
		} {
			a := send(rq)
			if a.status >= 500 && a.status != http.StatusNotImplemented {
				t.Errorf("%+v: %d %s", rq, a.status, a.body)
			}
			if rq.method == "GET" && a.status < 300 && a.header.Get("Content-Length") != strconv.Itoa(len(a.body)) {
				t.Errorf("%+v: %d bytes come, %s were said", rq, len(a.body), a.header.Get("Content-Length"))
			}
			if a.status == http.StatusPartialContent && rq.method == "GET" && !strings.Contains(object, a.body) {
				t.Errorf("%+v: %q", rq, a.body)
			}
		}
	})
}
