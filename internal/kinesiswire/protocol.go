// Package kinesiswire makes the SDK's Kinesis client cheaper where this project spends its time: the JSON of PutRecords, of which
// a batch of 500 small records costs the SDK's general, schema-driven codec most of the client's time.
//
// It stands behind a public hook, kinesis.Options.Protocol, and changes nothing else: endpoint, signing, retries, interceptors and
// errors stay the SDK's. A request or an answer that the codecs here do not know in every detail is left to the SDK's own.
package kinesiswire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fast makes a client, or one call, use the codecs of this package: kinesis.New(options, kinesiswire.Fast) or
// client.PutRecords(ctx, input, kinesiswire.Fast). It does nothing to a client whose protocol is not AWS JSON 1.1.
func Fast(o *kinesis.Options) {
	if _, already := o.Protocol.(protocol); already || o.Protocol == nil || o.Protocol.ID().Name != "awsJson1_1" {
		return
	}
	o.Protocol = protocol{o.Protocol}
}

// protocol is the SDK's protocol with a shorter way for some shapes.
type protocol struct{ smithyhttp.ClientProtocol }

// SerializeRequest writes the request of an operation.
func (p protocol) SerializeRequest(
	ctx context.Context, schema *smithy.OperationSchema, in smithy.Serializable, req *smithyhttp.Request,
) error {
	put, ok := in.(*kinesis.PutRecordsInput)
	if !ok {
		return p.ClientProtocol.SerializeRequest(ctx, schema, in, req)
	}
	body, ok := encodePutRecords(put)
	if !ok {
		return p.ClientProtocol.SerializeRequest(ctx, schema, in, req)
	}
	return setBody(req, "application/x-amz-json-1.1", bytes.NewReader(body))
}

// setBody makes a request that of PutRecords with a body.
func setBody(req *smithyhttp.Request, contentType string, body io.Reader) error {
	req.Method = http.MethodPost
	if req.URL.Path == "" {
		req.URL.Path = "/"
	}
	req.Header.Set("X-Amz-Target", "Kinesis_20131202.PutRecords")
	req.Header.Set("Content-Type", contentType)
	streamed, err := req.SetStream(body)
	if err != nil {
		return err
	}
	*req = *streamed
	return nil
}

// DeserializeResponse reads the answer of an operation, errors included.
func (p protocol) DeserializeResponse(
	ctx context.Context, schema *smithy.OperationSchema, types *smithy.TypeRegistry, resp *smithyhttp.Response, out smithy.Deserializable,
) error {
	decode := decoder(out)
	if decode == nil || resp.StatusCode != http.StatusOK {
		return p.ClientProtocol.DeserializeResponse(ctx, schema, types, resp, out)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	if err := readAll(buffer, resp); err != nil {
		return err
	}
	if decode(buffer.Bytes()) {
		return nil
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(buffer.Bytes()), resp.Body}
	return p.ClientProtocol.DeserializeResponse(ctx, schema, types, resp, out)
}

// readAll reads an answer's body.
func readAll(buffer *bytes.Buffer, resp *smithyhttp.Response) error {
	buffer.Reset()
	if resp.ContentLength > 0 && resp.ContentLength < maxPresize {
		buffer.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	if _, err := buffer.ReadFrom(resp.Body); err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	return nil
}

// maxPresize bounds what a Content-Length is trusted for; a longer body grows its buffer as it comes.
const maxPresize = 32 << 20

// decoder returns the short way for an output, nil when there is none. It reports whether it has filled in the whole output;
// when not, the output is as it was. It keeps nothing of the bytes, which belong to the next answer afterwards.
func decoder(out smithy.Deserializable) func(body []byte) bool {
	switch out := out.(type) {
	case *kinesis.PutRecordsOutput:
		return func(body []byte) bool { return decodePutRecords(body, out) }
	default:
		return nil
	}
}

//nolint:gochecknoglobals // a pool has to be shared to be one, and holds no state
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
