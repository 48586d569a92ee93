package wire

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
)

// Error is a service's answer to a request that it refuses.
type Error struct {
	Code    string         // exception name as the SDKs know it, such as ResourceNotFoundException
	Status  int            // HTTP status; 0 means 400
	Message string         // sentence for a person
	Fields  map[string]any // further members of the body, such as an item or cancellation reasons
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// status returns the HTTP status of the reply.
func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// body returns the members of the reply.
func (e *Error) body(errorType func(string) string) map[string]any {
	members := make(map[string]any, len(e.Fields)+2)
	maps.Copy(members, e.Fields)
	members["__type"] = e.Code
	if errorType != nil {
		members["__type"] = errorType(e.Code)
	}
	if e.Message != "" {
		members["message"] = e.Message
	}
	return members
}

// malformed words an error of decoding; a member that refuses its own text has worded it already.
func malformed(err error) *Error {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal
	}
	return Errorf("SerializationException", "the request's body cannot be read: %v", err)
}
