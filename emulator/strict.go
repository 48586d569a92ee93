package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// strictJSON reads one document and nothing else. Errors begin with line and column, or a blank where these are not known, and speak of
// the document, not of what it is read into.
func strictJSON(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	after := decoder.InputOffset()
	if err == nil {
		if _, more := decoder.Token(); more == io.EOF {
			return nil
		}
		err = errors.New("something follows the document")
	}
	if after, err = located(text, after, err); after < 0 {
		return fmt.Errorf(" %w", err)
	}
	before := text[:min(max(after, 0), int64(len(text)))]
	return fmt.Errorf("%d:%d: %w", 1+bytes.Count(before, []byte("\n")), max(1, len(before)-bytes.LastIndexByte(before, '\n')-1), err)
}

// located returns behind which byte the error is, -1 where that is not known, and the error in plain words.
func located(text []byte, after int64, err error) (int64, error) {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return syntax.Offset, err
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrong.Offset, wrongType(wrong)
	}
	if _, field, ok := strings.Cut(err.Error(), "unknown field "); ok { // of which the decoder tells no place
		err = fmt.Errorf("there is no member %s", field)
		if bytes.Count(text, []byte(field)) != 1 {
			return -1, err
		}
		return int64(bytes.Index(text, []byte(field)) + 1), err
	}
	switch {
	case errors.Is(err, io.EOF):
		err = errors.New("there is no document")
	case errors.Is(err, io.ErrUnexpectedEOF):
		after, err = int64(len(text)), errors.New("the document ends too soon")
	}
	return after, err
}

// wrongType says which member is what, and what it should be.
func wrongType(wrong *json.UnmarshalTypeError) error {
	wanted, ok := map[reflect.Kind]string{
		reflect.String: "a string", reflect.Slice: "an array", reflect.Int: "a whole number", reflect.Uint64: "a whole number of 0 or more",
	}[wrong.Type.Kind()]
	if !ok {
		wanted = "an object"
	}
	found := "a " + wrong.Value
	if strings.ContainsAny(wrong.Value[:1], "ao") { // array, object
		found = "an " + wrong.Value
	}
	if wrong.Field == "" {
		return fmt.Errorf("the document is %s, not %s", found, wanted)
	}
	return fmt.Errorf("%q is %s, not %s", wrong.Field, found, wanted)
}
