package kinesiswire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrNotCBOR is what a call's error wraps when an endpoint that has never understood CBOR has refused a request in it. Calls with that
// Dialect are made in JSON from now on: this one is to be made again.
var ErrNotCBOR = errors.New("the endpoint does not take CBOR")

// Dialect is what an endpoint of Kinesis is spoken to in: CBOR, which needs neither base64 nor escapes and is what the SDK for Java speaks to
// Kinesis, or JSON where the endpoint has refused that. It is for several goroutines. The zero value begins with CBOR.
type Dialect struct{ understood, json atomic.Bool }

// JSON makes it JSON.
func (d *Dialect) JSON() { d.json.Store(true) }

// Call makes calls of PutRecords, one after the other, with the memory of the last one. A call's error may wrap ErrNotCBOR.
type Call struct {
	dialect *Dialect
	body    *body
	inCBOR  bool // the request was
}

// NewCall returns a Call that speaks a dialect.
func NewCall(d *Dialect) *Call { return &Call{dialect: d, body: new(body)} }

// Options has an operation go through the Call: client.PutRecords(ctx, input, call.Options). It does nothing to a client whose protocol
// is not AWS JSON 1.1.
func (c *Call) Options(o *kinesis.Options) {
	Fast(o)
	if p, ok := o.Protocol.(protocol); ok {
		o.Protocol = callProtocol{p, c}
	}
}

// Release ends the call. Nobody reads the records of its input any more afterwards, not even a transport that has not noticed that the call
// is over.
func (c *Call) Release() {
	last := c.body
	last.release()
	clear(last.inserts)
	clear(last.parts)
	c.body = &body{frame: last.frame[:0], inserts: last.inserts[:0]}
	c.inCBOR = false
}

// callProtocol is the protocol of one Call.
type callProtocol struct {
	protocol
	call *Call
}

const contentCBOR = "application/x-amz-cbor-1.1"

// SerializeRequest writes the request of an operation.
func (p callProtocol) SerializeRequest(
	ctx context.Context, schema *smithy.OperationSchema, in smithy.Serializable, req *smithyhttp.Request,
) error {
	put, ok := in.(*kinesis.PutRecordsInput)
	if !ok || p.call.dialect.json.Load() {
		return p.protocol.SerializeRequest(ctx, schema, in, req)
	}
	b := p.call.body
	if !b.encodeCBOR(put) {
		b.frame, b.inserts = b.frame[:0], b.inserts[:0]
		return p.protocol.SerializeRequest(ctx, schema, in, req)
	}
	b.finish()
	p.call.inCBOR = true
	return setBody(req, contentCBOR, b)
}

// DeserializeResponse reads the answer of an operation, errors included, in whatever it is written.
func (p callProtocol) DeserializeResponse(
	ctx context.Context, schema *smithy.OperationSchema, types *smithy.TypeRegistry, resp *smithyhttp.Response, out smithy.Deserializable,
) error {
	dialect, good := p.call.dialect, resp.StatusCode == http.StatusOK
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/x-amz-cbor") {
		err := p.protocol.DeserializeResponse(ctx, schema, types, resp, out)
		if !good && p.call.inCBOR && !dialect.understood.Load() {
			dialect.json.Store(true)
			return errors.Join(ErrNotCBOR, err)
		}
		return err
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	if err := readAll(buffer, resp); err != nil {
		return err
	}
	if good {
		dialect.understood.Store(true)
		if put, ok := out.(*kinesis.PutRecordsOutput); ok && decodeCBOR(buffer.Bytes(), put) {
			return nil
		}
	}
	text, err := toJSON(buffer.Bytes())
	if err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(text), resp.Body}
	return p.ClientProtocol.DeserializeResponse(ctx, schema, types, resp, out)
}
