package wire

import (
	"bytes"
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
	c, contentType := s.codec(r)
	reply := s.buffer()
	defer s.buffers.Put(reply)
	status := http.StatusOK
	events, err := s.answer(w, r, c, reply)
	if events != nil {
		s.push(w, r, c, contentType, events, reply)
		return
	}
	if err != nil {
		reply.Reset()
		refusal := asError(err)
		status = refusal.status()
		if err := c.encode(reply, refusal.body(s.ErrorType)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	s.write(w, status, contentType, reply.Bytes())
}

// codec picks the encoding of request and reply, and the reply's content type.
func (s *Service) codec(r *http.Request) (codec, string) {
	contentType := r.Header.Get("Content-Type")
	if s.CBOR && strings.HasPrefix(contentType, cborType) {
		return s.cbor, cborType
	}
	if contentType, _, _ = strings.Cut(contentType, ";"); !strings.Contains(contentType, "json") {
		contentType = "application/x-amz-json-" + s.JSONVersion
	}
	return jsonCodec{}, contentType
}

// answer runs the operation that a request asks for, which fills reply or returns events.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, c codec, reply *bytes.Buffer) (Events, error) {
	name := strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("X-Amz-Target"), s.TargetPrefix), ".")
	operation, ok := s.Operations[name]
	if !ok {
		return nil, Errorf("UnknownOperationException", "the emulator does not know the operation %q of %s", name, s.Name)
	}
	body := s.buffer()
	defer s.buffers.Put(body)
	if err := s.read(w, r, body); err != nil {
		return nil, err
	}
	scope := ScopeOf(r)
	if s.Intercept != nil {
		if err := s.Intercept(scope, name); err != nil {
			return nil, err
		}
	}
	if operation.open != nil {
		return operation.open(scope, c, guarded{s.Guard, name}, body.Bytes())
	}
	return nil, operation.call(scope, c, guarded{s.Guard, name}, body.Bytes(), reply)
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
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
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

func (s *Service) write(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Amzn-Requestid", RequestID())
	if s.CRC32 {
		header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	}
	w.WriteHeader(status)
	_, _ = io.Copy(w, bytes.NewReader(body)) // a client that left needs no answer
}

// buffer returns an empty buffer. Who takes it puts it back.
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
