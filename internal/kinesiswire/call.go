package kinesiswire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrNotCBOR is what a call's error wraps when an endpoint that has never understood CBOR has refused a request in it. The Call's next
// request is in JSON: this one is to be made again. If the endpoint takes it, all requests in that Dialect are in JSON from then on.
var ErrNotCBOR = errors.New("the endpoint does not take CBOR")

// Dialect is what an endpoint of Kinesis is spoken to in: CBOR, which needs neither base64 nor escapes and is what the SDK for Java speaks to
// Kinesis, or JSON where the endpoint has refused that. It is for several goroutines. The zero value begins with CBOR.
type Dialect struct{ understood, json atomic.Bool }

// JSON makes it JSON.
func (d *Dialect) JSON() { d.json.Store(true) }

// Call makes one call of PutRecords after the other, with the memory of the last one. A client may make several requests of a call, as one
// does that turns to another endpoint. A call's error may wrap ErrNotCBOR.
type Call struct {
	dialect *Dialect

	mu     sync.Mutex
	spare  *body   // for the next request
	lent   []*body // those of the call's requests
	inCBOR bool    // the last request was
	trial  bool    // the endpoint has refused CBOR, and it is still to be seen whether it takes JSON
}

// NewCall returns a Call that speaks a dialect.
func NewCall(d *Dialect) *Call { return &Call{dialect: d} }

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
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, last := range c.lent {
		last.release()
		clear(last.inserts)
		clear(last.parts)
		c.spare, c.lent[i] = &body{frame: last.frame[:0], inserts: last.inserts[:0]}, nil
	}
	c.lent = c.lent[:0]
}

// write writes a request in CBOR, unless that is not to be, or not known how.
func (c *Call) write(in *kinesis.PutRecordsInput) *body {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inCBOR = false
	if c.trial || c.dialect.json.Load() {
		return nil
	}
	b := c.spare
	if c.spare = nil; b == nil {
		b = new(body)
	}
	if !b.encodeCBOR(in) {
		return nil
	}
	b.finish()
	c.lent, c.inCBOR = append(c.lent, b), true
	return b
}

// learn learns from an answer that is not in CBOR what the endpoint takes, and returns the error of the call. To endpoints that have
// understood CBOR it speaks that for ever, and JSON to those that have refused CBOR and taken JSON. A refusal may have other reasons: then the
// same request in JSON is refused as well, and nothing is known.
func (c *Call) learn(good bool, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	trial := c.trial
	c.trial = false
	switch {
	case c.dialect.understood.Load():
	case good && err == nil && c.inCBOR:
		c.dialect.understood.Store(true)
	case good && err == nil && trial:
		c.dialect.json.Store(true)
	case !good && c.inCBOR && !busy(err):
		c.trial = true
		return errors.Join(ErrNotCBOR, err)
	}
	return err
}

// busy reports whether an error says that the endpoint has no time now, which has nothing to do with the request's language.
func busy(err error) bool {
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		if _, throttled := retry.DefaultThrottleErrorCodes[answer.ErrorCode()]; throttled {
			return true
		}
	}
	return false
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
	if ok {
		if b := p.call.write(put); b != nil {
			return setBody(req, contentCBOR, b)
		}
	}
	return p.protocol.SerializeRequest(ctx, schema, in, req)
}

// DeserializeResponse reads the answer of an operation, errors included, in whatever it is written.
func (p callProtocol) DeserializeResponse(
	ctx context.Context, schema *smithy.OperationSchema, types *smithy.TypeRegistry, resp *smithyhttp.Response, out smithy.Deserializable,
) error {
	good := resp.StatusCode == http.StatusOK
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/x-amz-cbor") {
		err := p.protocol.DeserializeResponse(ctx, schema, types, resp, out)
		switch resp.StatusCode {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return err // nothing to learn from somebody who has no time
		}
		return p.call.learn(good, err)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	if err := readAll(buffer, resp); err != nil {
		return err
	}
	if good {
		p.call.dialect.understood.Store(true)
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
