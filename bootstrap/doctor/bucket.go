package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
)

const (
	maxOwner      = 4096 // bytes of a marker that are read
	removeTimeout = 10 * time.Second
	reserveDays   = 7 // that claims live longer than records, as consume sets it
)

// bucket looks whether the bucket is there and ours, may be written to, and removes claims no earlier than it may.
func (e *examination) bucket(ctx context.Context) []Finding {
	if e.noCredentials {
		return one("bucket", Skipped, "there are no credentials", "")
	}
	name, err := e.clients.Bucket(ctx, e.settings)
	if err != nil {
		return one("bucket", Fails, err.Error(), credentialsOr(err, "set bucket, or let STS be reached: its default name is made from the account"))
	}
	_, err = e.clients.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	switch {
	case status(err) == http.StatusNotFound && e.settings.CreateBucketIfNotPresent:
		return one("bucket", OK, name+" is not there yet: consume makes it when it first starts", "")
	case status(err) == http.StatusNotFound:
		return one("bucket", Fails, name+" is not there, and createBucketIfNotPresent is false", "create it, or correct bucket, or set createBucketIfNotPresent = true")
	case err != nil:
		return one("bucket", Fails, awsclient.Explain(err, "look at bucket "+name).Error(),
			remedyFor(err, "correct bucket, bucketRegion or the endpoint")+"; names of buckets are taken world-wide, it may be somebody else's")
	}
	e.bucketThere = true
	findings := e.owner(ctx, name)
	findings = append(findings, e.probe(ctx, name)...)
	return append(findings, e.claimRule(ctx, name)...)
}

// owner reads the marker that consume leaves.
func (e *examination) owner(ctx context.Context, bucket string) []Finding {
	template, err := delivery.ParseTemplate(e.settings.KeyTemplate)
	if err != nil {
		return one("bucket", Fails, "keyTemplate "+err.Error(), "correct keyTemplate")
	}
	ours := delivery.Owner{Application: e.settings.ApplicationName, Stream: e.settings.StreamName}
	keys := []string{delivery.OwnerKey}
	if template.Separates() {
		keys = []string{delivery.ApplicationKey(ours.Application)}
	}
	for _, key := range keys {
		text, err := e.read(ctx, bucket, key)
		if status(err) == http.StatusNotFound {
			return one("bucket", OK, bucket+" is there, and no application's so far", "")
		}
		if err != nil {
			return one("bucket", Fails, awsclient.Explain(err, "read the marker "+key+" of bucket "+bucket).Error(), remedyFor(err, "see the message"))
		}
		owner, err := delivery.ParseOwner(key, text)
		if err != nil {
			return one("bucket", Fails, fmt.Sprintf("bucket %s: %v", bucket, err), "take another bucket, or remove the marker if it is a mistake")
		}
		if owner != ours {
			return one("bucket", Fails, fmt.Sprintf("bucket %s belongs to application %s and stream %s, as its marker %s says", bucket, owner.Application, owner.Stream, key),
				"correct applicationName and streamName, or take another bucket, or a keyTemplate with {application}")
		}
	}
	return one("bucket", OK, bucket+" is there, and this application's", "")
}

func (e *examination) read(ctx context.Context, bucket, key string) ([]byte, error) {
	out, err := e.clients.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Body.Close() }()
	return io.ReadAll(io.LimitReader(out.Body, maxOwner))
}

// probe writes a small object as consume writes, encryption included, reads it and removes it, also the version that a bucket keeps.
func (e *examination) probe(ctx context.Context, bucket string) []Finding {
	key, content := delivery.ProbePrefix+rand.Text(), []byte("written by clickstream bootstrap doctor, which removes it at once\n")
	in := &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(content), ServerSideEncryption: types.ServerSideEncryption(e.settings.ServerSideEncryption),
	}
	how := ""
	if e.settings.ServerSideEncryption != "" {
		how = ", encrypted by " + e.settings.ServerSideEncryption
	}
	if e.settings.KmsKeyID != "" {
		in.SSEKMSKeyId = &e.settings.KmsKeyID
		how += " with key " + e.settings.KmsKeyID
	}
	put, err := e.clients.S3.PutObject(ctx, in)
	if e.wrote = err; err != nil {
		return one("bucket writable", Fails, awsclient.Explain(err, "write object "+key+how).Error(), encryptionRemedy(err, "kms:GenerateDataKey"))
	}
	text, readErr := e.read(ctx, bucket, key)
	// What was written is removed also when the time is over.
	removing, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
	defer cancel()
	_, e.removed = e.clients.S3.DeleteObject(removing, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key, VersionId: put.VersionId})
	switch err := e.removed; {
	case err != nil:
		return one("bucket writable", Warning, awsclient.Explain(err, "remove object "+key).Error()+"; it stays in the bucket, where no command takes it for data",
			"delete it, and "+iamRemedy)
	case readErr != nil:
		return one("bucket writable", Fails, awsclient.Explain(readErr, "read object "+key+how).Error(), encryptionRemedy(readErr, "kms:Decrypt"))
	case !bytes.Equal(text, content):
		return one("bucket writable", Fails, fmt.Sprintf("an object came back as %d other bytes", len(text)), "see what stands between this machine and S3")
	}
	return one("bucket writable", OK, "an object was written"+how+", read and removed", "")
}

// encryptionRemedy is the remedy for what failed in S3 or, on its behalf, in KMS.
func encryptionRemedy(err error, action string) string {
	if strings.Contains(strings.ToLower(err.Error()), "kms") {
		return "correct kmsKeyId, and allow " + action + " on it, in the key's policy too"
	}
	return remedyFor(err, "see the message")
}

// claimRule looks how long claims live: longer than records, or a worker that was stopped for long could store records twice.
func (e *examination) claimRule(ctx context.Context, bucket string) []Finding {
	const check = "claims' lifetime"
	out, err := e.clients.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &bucket})
	if status(err) == http.StatusNotFound {
		out, err = &s3.GetBucketLifecycleConfigurationOutput{}, nil
	}
	if err != nil {
		return one(check, Warning, awsclient.Explain(err, "read the lifecycle rules of bucket "+bucket).Error(), remedyFor(err, "see the message"))
	}
	need := (e.retention+23)/24 + reserveDays
	remedy := fmt.Sprintf("set a lifecycle rule that expires objects under the prefix %s after %d days", delivery.ClaimPrefix, need)
	shortest := int32(0)
	for _, rule := range out.Rules {
		if days := daysOfClaims(rule); days > 0 && (shortest == 0 || days < shortest) {
			shortest = days
		}
	}
	switch {
	case shortest == 0:
		return one(check, Warning, "no lifecycle rule removes claims, which stay for ever", remedy)
	case e.retention > 0 && shortest < need:
		return one(check, Fails, fmt.Sprintf("a lifecycle rule removes claims after %d days, but the stream keeps records for %d hours: "+
			"was its retention raised? Records could be stored twice", shortest, e.retention), remedy)
	}
	return one(check, OK, fmt.Sprintf("a lifecycle rule removes claims after %d days", shortest), "")
}

// daysOfClaims tells after how many days a rule removes claims, 0 if it does not. Claims have no tags, so a rule for tags does not.
func daysOfClaims(rule types.LifecycleRule) int32 {
	if rule.Status != types.ExpirationStatusEnabled || rule.Expiration == nil {
		return 0
	}
	prefix, tagged := aws.ToString(rule.Prefix), false //nolint:staticcheck // old rules carry it there
	if filter := rule.Filter; filter != nil {
		prefix, tagged = aws.ToString(filter.Prefix), filter.Tag != nil
		if filter.And != nil {
			prefix, tagged = aws.ToString(filter.And.Prefix), len(filter.And.Tags) > 0
		}
	}
	if tagged || !strings.HasPrefix(delivery.ClaimPrefix, prefix) && !strings.HasPrefix(prefix, delivery.ClaimPrefix) {
		return 0
	}
	return aws.ToInt32(rule.Expiration.Days)
}

func status(err error) int {
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.Response != nil {
		return answer.HTTPStatusCode()
	}
	return 0
}
