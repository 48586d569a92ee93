package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"unsafe"

	"github.com/fxamacker/cbor/v2"
)

// JSONParser is an input with a hand-written reader for the shape that clients send on a hot path. It must read that shape
// exactly as encoding/json would and answer an error to anything else: the request is then decoded in general. The input may
// refer to the body, which stays as it is until the handler has returned; what the handler keeps, it copies.
type JSONParser interface{ ParseJSON(body []byte) error }

// JSONAppender is an output with a hand-written writer.
type JSONAppender interface{ AppendJSON(b []byte) []byte }

// CBORParser is JSONParser for CBOR.
type CBORParser interface{ ParseCBOR(body []byte) error }

// CBORAppender is JSONAppender for CBOR.
type CBORAppender interface{ AppendCBOR(b []byte) []byte }

// ErrUnusual is what a JSONParser or CBORParser answers to a shape that it leaves to the general decoder.
var ErrUnusual = errors.New("not the usual shape")

// codec reads and writes bodies of one encoding. A fast path is tried by fastDecode and fastEncode; what it leaves, decode
// and encode do.
type codec interface {
	fastDecode(body []byte, in any) bool
	decode(body []byte, in any) error
	members(body []byte) (map[string]any, error) // for a Guard
	fastEncode(b []byte, out any) ([]byte, bool)
	encode(b *bytes.Buffer, out any) error
}

// remaker is a codec whose decoder takes more than a Guard sees, so that inputs are made of what the Guard has left.
type remaker interface {
	remake(members map[string]any) ([]byte, error)
}

type jsonCodec struct{}

func (jsonCodec) fastDecode(body []byte, in any) bool {
	parser, ok := in.(JSONParser)
	return ok && parser.ParseJSON(body) == nil
}

func (jsonCodec) decode(body []byte, in any) error {
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) == 0 || text[0] != '{' {
		return errors.New("it is not a JSON object")
	}
	return json.Unmarshal(body, in)
}

func (jsonCodec) members(body []byte) (map[string]any, error) {
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) == 0 || text[0] != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var members map[string]any
	return members, decoder.Decode(&members)
}

func (jsonCodec) remake(members map[string]any) ([]byte, error) { return json.Marshal(members) }

func (jsonCodec) fastEncode(b []byte, out any) ([]byte, bool) {
	if appender, ok := out.(JSONAppender); ok {
		return appender.AppendJSON(b), true
	}
	return b, false
}

func (jsonCodec) encode(b *bytes.Buffer, out any) error {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the newline
	return nil
}

type cborCodec struct {
	decoding cbor.DecMode
	encoding cbor.EncMode
}

// newCBORCodec sets the limits within which bodies are read.
func newCBORCodec() (cborCodec, error) {
	decoding, err := cbor.DecOptions{
		MaxNestedLevels: 64, FieldNameMatching: cbor.FieldNameMatchingCaseSensitive, DefaultMapType: reflect.TypeFor[map[string]any](),
	}.DecMode()
	if err != nil {
		return cborCodec{}, err
	}
	encoding, err := cbor.EncOptions{}.EncMode()
	return cborCodec{decoding, encoding}, err
}

func (cborCodec) fastDecode(body []byte, in any) bool {
	parser, ok := in.(CBORParser)
	return ok && parser.ParseCBOR(body) == nil
}

func (c cborCodec) decode(body []byte, in any) error {
	if len(body) == 0 || body[0]>>5 != CBORMap {
		return errors.New("it is not a CBOR map")
	}
	return c.decoding.Unmarshal(body, in)
}

func (c cborCodec) members(body []byte) (map[string]any, error) {
	if len(body) == 0 || body[0]>>5 != CBORMap {
		return nil, errors.New("it is not a CBOR map")
	}
	var members map[string]any
	return members, c.decoding.Unmarshal(body, &members)
}

func (cborCodec) fastEncode(b []byte, out any) ([]byte, bool) {
	if appender, ok := out.(CBORAppender); ok {
		return appender.AppendCBOR(b), true
	}
	return b, false
}

func (c cborCodec) encode(b *bytes.Buffer, out any) error {
	return c.encoding.NewEncoder(b).Encode(out)
}

// Text returns bytes as a string without copying them: it is one only as long as they do not change.
func Text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
