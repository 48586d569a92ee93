package awsclient

import (
	"context"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
)

// PayloadHash is an option for a call whose body's SHA-256 is known already, in hexadecimal: it is signed as it is, where the SDK would
// compute it once more (over plain HTTP) or leave the body out of the signature (over TLS without a checksum of its own). With "" the call
// stays as it is.
func PayloadHash(sum string) func(*s3.Options) {
	return func(o *s3.Options) {
		if sum == "" {
			return
		}
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("PayloadHash", func(
				ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				return next.HandleInitialize(v4.SetPayloadHash(ctx, sum), in)
			}), middleware.After)
		})
	}
}
