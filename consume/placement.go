package consume

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/properties"
)

// maxPut is the largest object that S3 takes in one request: the user guide, "Uploading objects".
const maxPut = 5 << 30

// placement is how S3 is to keep objects: encryption for all of them, storage class and tags for those that hold data. Claims and the
// marker are small, read again at once and short-lived, which the cheaper classes charge extra for.
type placement struct {
	encryption types.ServerSideEncryption // "" is what the bucket says
	kmsKey     *string                    // nil is the account's own key for S3
	class      types.StorageClass         // "" is STANDARD
	tags       *string                    // as a query string
}

func newPlacement(settings *properties.Config) placement {
	p := placement{
		encryption: types.ServerSideEncryption(settings.ServerSideEncryption),
		class:      types.StorageClass(settings.StorageClass),
	}
	if settings.KmsKeyID != "" {
		p.kmsKey = &settings.KmsKeyID
	}
	tags := make(url.Values)
	for _, tag := range settings.Tags() {
		tags.Set(tag.Key, tag.Value)
	}
	if len(tags) > 0 {
		text := tags.Encode()
		p.tags = &text
	}
	return p
}

// place adds the placement of the object to a request.
func (p *placement) place(in *s3.PutObjectInput) {
	in.ServerSideEncryption, in.SSEKMSKeyId = p.encryption, p.kmsKey
	if delivery.IsData(*in.Key) {
		in.StorageClass, in.Tagging = p.class, p.tags
	}
}

// permanent is awsclient.Permanent, and true for refusals of what the settings ask of S3: the same request will never be taken.
func permanent(err error) bool {
	return awsclient.Permanent(err) || errors.Is(err, ErrTooLarge) || strings.HasPrefix(code(err), "KMS.") && !strings.Contains(code(err), "Throttling") &&
		!strings.Contains(code(err), "Internal") || slices.Contains([]string{
		"InvalidStorageClass", "InvalidTag", "InvalidEncryptionAlgorithmError", "InvalidArgument", "InvalidRequest", "KeyTooLongError", "MetadataTooLarge",
	}, code(err))
}

// code returns the name of S3's refusal, "" if err is none.
func code(err error) string {
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		return answer.ErrorCode()
	}
	return ""
}
