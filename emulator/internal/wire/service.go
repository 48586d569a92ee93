package wire

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Service serves one AWS service by its table. The zero values of the optional fields suit Kinesis. Its fields must not be
// changed once it serves.
type Service struct {
	Name         string                    // such as "kinesis", as in the credential scope
	TargetPrefix string                    // X-Amz-Target is this, a dot, and the operation's name
	JSONVersion  string                    // "1.0" or "1.1", for replies to requests that name no content type
	Operations   Table                     //
	ErrorType    func(code string) string  // optional: the __type of an error's body; the bare code without it
	CBOR         bool                      // whether application/x-amz-cbor-1.1 is spoken
	CRC32        bool                      // whether replies carry X-Amz-Crc32, as DynamoDB's do
	MaxBody      int64                     // most bytes of a request's body; 0 is DefaultMaxBody
	RPC          bool                      // whether Smithy's RPC v2 with CBOR is spoken, by TargetPrefix as the service's name
	Namespace    string                    // of the XML of the query protocol; "" where that is not spoken
	QueryCode    func(code string) string  // optional: an error's code in the query protocol; the same without it
	Intercept    func(Scope, string) error // optional: called with the operation's name before it; an error is its answer
	Guard        Guard                     // optional: called with what was sent; an error is the answer

	once    sync.Once
	cbor    cborCodec
	prepare error
	buffers sync.Pool
}

// DefaultMaxBody holds 10 MiB of records in base64 with their keys and 16 MiB of items.
const DefaultMaxBody = 24 << 20

const cborType = "application/x-amz-cbor-1.1"

// ServeHTTP answers one request, in its own encoding. Whatever is wrong with it becomes an error of the service.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.once.Do(func() { s.cbor, s.prepare = newCBORCodec() })
	if s.prepare != nil {
		http.Error(w, s.prepare.Error(), http.StatusInternalServerError)
		return
	}
	body, reply := s.buffer(), s.buffer()
	err := s.read(w, r, body)
	spoken := s.protocol(r, body.Bytes())
	var events Events
	if err == nil {
		events, err = s.answer(r, &spoken, body.Bytes(), reply)
	}
	s.buffers.Put(body) // before events, which may last
	if events != nil {
		s.done(reply, s.push(w, r, &spoken, events, reply))
		return
	}
	status := http.StatusOK
	if err != nil {
		reply.Reset()
		refusal := asError(err)
		status = refusal.status()
		if err := spoken.refuse(reply, w.Header(), refusal, s); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	s.done(reply, s.write(w, status, &spoken, reply.Bytes()))
}

// Refuse answers a request by an error, without a look at its body.
func (s *Service) Refuse(w http.ResponseWriter, r *http.Request, refusal *Error) {
	s.once.Do(func() { s.cbor, s.prepare = newCBORCodec() })
	spoken := s.protocol(r, nil)
	reply := s.buffer()
	if err := spoken.refuse(reply, w.Header(), refusal, s); err != nil || s.prepare != nil {
		http.Error(w, refusal.Error(), http.StatusInternalServerError)
		return
	}
	s.done(reply, s.write(w, refusal.status(), &spoken, reply.Bytes()))
}

// answer runs the operation that a request asks for, which fills reply or returns events.
func (s *Service) answer(r *http.Request, spoken *protocol, body []byte, reply *bytes.Buffer) (Events, error) {
	operation, ok := s.Operations[spoken.operation]
	if !ok {
		return nil, s.unknown(spoken)
	}
	caller := CallerOf(r)
	if s.Intercept != nil {
		if err := s.Intercept(caller.Scope, spoken.operation); err != nil {
			return nil, err
		}
	}
	if operation.open != nil {
		return operation.open(caller, spoken.codec, guarded{s.Guard, spoken.operation}, body)
	}
	if err := operation.call(caller, spoken.codec, guarded{s.Guard, spoken.operation}, body, reply); err != nil {
		return nil, err
	}
	if query, ok := spoken.codec.(queryCodec); ok && reply.Len() == 0 {
		return nil, query.encode(reply, nil)
	}
	return nil, nil
}

func (s *Service) unknown(spoken *protocol) *Error {
	if _, query := spoken.codec.(queryCodec); query {
		return Errorf("InvalidAction", "the emulator does not know the action %q of %s", spoken.operation, s.Name)
	}
	return Errorf("UnknownOperationException", "the emulator does not know the operation %q of %s", spoken.operation, s.Name)
}

// read fills body, refusing what is larger than the service takes.
func (s *Service) read(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) error {
	limit := s.MaxBody
	if limit == 0 {
		limit = DefaultMaxBody
	}
	if r.ContentLength > 0 && r.ContentLength <= limit {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	from, err := unpacked(http.MaxBytesReader(w, r.Body, limit), r.Header.Get("Content-Encoding"), limit)
	if err == nil {
		_, err = body.ReadFrom(from)
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{
			Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("the request's body is larger than %d bytes", tooLarge.Limit),
		}
	}
	if err != nil {
		return malformed(err)
	}
	return nil
}

// unpacked returns a body as it was before a client compressed it, as today's SDKs do with large requests of metrics.
func unpacked(body io.ReadCloser, encoding string, limit int64) (io.Reader, error) {
	if !strings.Contains(encoding, "gzip") {
		return body, nil
	}
	reader, err := gzip.NewReader(body)
	if err != nil {
		return nil, err
	}
	return http.MaxBytesReader(nil, reader, limit), nil
}

// write sends a reply; an error says that the client has left, and needs no answer.
func (s *Service) write(w http.ResponseWriter, status int, spoken *protocol, body []byte) error {
	header := w.Header()
	header.Set("Content-Type", spoken.contentType)
	if spoken.rpc {
		header.Set("Smithy-Protocol", "rpc-v2-cbor")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Amzn-Requestid", RequestID())
	if s.CRC32 {
		header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	}
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// done lets the memory of a reply be used again if all of it was written. What could not be written net/http may still be reading: of HTTP/2,
// Write returns when the client gives a request up, whatever becomes of the frame that is being sent (https://go.dev/issue/20704).
func (s *Service) done(reply *bytes.Buffer, err error) {
	if err == nil {
		s.buffers.Put(reply)
	}
}

// buffer returns an empty buffer, to be put back when nobody reads it any more.
func (s *Service) buffer() *bytes.Buffer {
	if pooled, ok := s.buffers.Get().(*bytes.Buffer); ok {
		pooled.Reset()
		return pooled
	}
	return new(bytes.Buffer)
}

// RequestID returns a random id in the form that the services use.
func RequestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// asError returns err as a refusal; what is none is the emulator's own failure.
func asError(err error) *Error {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal
	}
	return &Error{Code: "InternalFailure", Status: http.StatusInternalServerError, Message: err.Error()}
}
