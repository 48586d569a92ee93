package daemon

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// recordsCall calls GetRecords for one shard, again and again into the same memory. It is not for several goroutines.
type recordsCall struct {
	client *kinesis.Client
	limit  int32
	stream *string // the stream's ARN, or nil
	body   bytes.Buffer
	answer answer
}

// get reads from the iterator on. The answer is valid until the next call.
func (c *recordsCall) get(ctx context.Context, iterator string) (*answer, error) {
	_, err := c.client.GetRecords(ctx, &kinesis.GetRecordsInput{
		ShardIterator: &iterator, Limit: aws.Int32(c.limit), StreamARN: c.stream,
	}, func(o *kinesis.Options) { o.Protocol = &recordsProtocol{ClientProtocol: o.Protocol, call: c} })
	if err != nil {
		return nil, err
	}
	return &c.answer, nil
}

// recordsProtocol decodes GetRecords responses into a recordsCall instead of the SDK's output, and leaves all else to the SDK's own
// protocol: the request, errors, and responses of a shape that parseAnswer does not know.
//
// For 10,000 records of 63 bytes the SDK's decoder takes 16 ms and makes 90,000 objects, this one 3 ms and next to none (BenchmarkSDK
// and BenchmarkParse, on 2 cores). Options.Protocol is where the SDK lets a client replace it.
type recordsProtocol struct {
	smithyhttp.ClientProtocol
	call *recordsCall
}

// maxBodyHint bounds the memory that a Content-Length alone can ask for; a GetRecords response has up to 10 MiB of payload.
const maxBodyHint = 32 << 20

// DeserializeResponse fills the call's answer.
func (p *recordsProtocol) DeserializeResponse(
	ctx context.Context, schema *smithy.OperationSchema, types *smithy.TypeRegistry, response *smithyhttp.Response, out smithy.Deserializable,
) error {
	result, ours := out.(*kinesis.GetRecordsOutput)
	if !ours || response.StatusCode != http.StatusOK {
		return p.ClientProtocol.DeserializeResponse(ctx, schema, types, response, out)
	}
	body := &p.call.body
	body.Reset()
	if size := response.ContentLength; size > 0 && size < maxBodyHint {
		body.Grow(int(size) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(response.Body); err != nil {
		return &smithy.DeserializationError{Err: fmt.Errorf("read GetRecords response: %w", err)}
	}
	if parseAnswer(body.Bytes(), &p.call.answer) == nil {
		return nil
	}
	response.Body = rereadBody{bytes.NewReader(body.Bytes()), response.Body}
	if err := p.ClientProtocol.DeserializeResponse(ctx, schema, types, response, out); err != nil {
		return err
	}
	return p.call.answer.fromSDK(result)
}

// rereadBody reads from memory what was read from the body that it closes.
type rereadBody struct {
	io.Reader
	io.Closer
}
