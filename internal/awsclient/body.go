package awsclient

import (
	"context"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// plainBodies hides the WriteTo of request bodies from net/http.
//
// The SDK closes a request's body as soon as the answer's header is there. net/http then still looks whether the body has more than it
// announced; the closed body's WriteTo says [io.EOF] (smithy-go v1.28.8, transport/http/internal/io/safe.go), which [io.Copy] takes for a
// failure, and the connection is closed under the answer that is being read. A server nearby is fast enough for that once in some
// thousand calls: the call fails with "use of closed network connection" although it took effect, and PutRecords stores its records twice.
// Without WriteTo the closed body just reads as ended.
func plainBodies(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("PlainBodies", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		if request, ok := in.Request.(*smithyhttp.Request); ok {
			plain, err := plainBody(request)
			if err != nil {
				return middleware.DeserializeOutput{}, middleware.Metadata{}, err
			}
			in.Request = plain
		}
		return next.HandleDeserialize(ctx, in)
	}), middleware.After)
}

func plainBody(request *smithyhttp.Request) (*smithyhttp.Request, error) {
	stream := request.GetStream()
	if _, writes := stream.(io.WriterTo); !writes {
		return request, nil
	}
	if seeker, ok := stream.(io.ReadSeeker); ok {
		return request.SetStream(struct{ io.ReadSeeker }{seeker})
	}
	length := request.ContentLength
	plain, err := request.SetStream(struct{ io.Reader }{stream})
	if err == nil {
		plain.ContentLength = length
	}
	return plain, err
}
