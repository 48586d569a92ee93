package producer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Why a record was not taken, or not delivered. A Result's error wraps one of these, or is the error of the request that failed for good.
var (
	// ErrClosed: Put was called after Close.
	ErrClosed = errors.New("producer: it is closed")
	// ErrExpired: the record's time to live was over before Kinesis had it.
	ErrExpired = errors.New("producer: the record's time to live is over")
	// ErrUndelivered: the context of Close ended before Kinesis had the record.
	ErrUndelivered = errors.New("producer: closed before the record was delivered")
)

// RecordError is the error of Put for a record that Kinesis does not take.
type RecordError struct{ Reason string }

// Error returns the reason.
func (e *RecordError) Error() string { return e.Reason }

// RefusedError is the answer to a record that PutRecords did not store, while the request as a whole went through.
type RefusedError struct {
	Code    string // ProvisionedThroughputExceededException, or InternalFailure
	Message string
}

// Error gives code and message.
func (e *RefusedError) Error() string { return e.Code + ": " + e.Message }

// Throttled reports whether the record was refused because its shard takes no more for now, and not for a fault of the service.
func (e *RefusedError) Throttled() bool {
	return e.Code == "ProvisionedThroughputExceededException" || e.Code == "KMSThrottlingException"
}

// UndeliveredError is what Close returns when it gave records up.
type UndeliveredError struct {
	Records int64 // how many
	Cause   error // the error of Close's context
}

// Error says how many records were given up and why.
func (e *UndeliveredError) Error() string {
	return fmt.Sprintf("producer: %d records not delivered: %v", e.Records, e.Cause)
}

// Unwrap returns ErrUndelivered and the cause.
func (e *UndeliveredError) Unwrap() []error { return []error{ErrUndelivered, e.Cause} }

// Passes reports whether an error of a call may go away by itself, so that the same call is worth making again: throttling, a fault of
// the service, no connection or none that held. A Producer makes requests that fail in this way again.
func Passes(err error) bool {
	if err == nil {
		return false
	}
	if answer, ok := errors.AsType[smithy.APIError](err); ok && passingCode(answer.ErrorCode()) {
		return true
	}
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		switch status := answer.HTTPStatusCode(); {
		case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
			return true
		case status >= http.StatusBadRequest:
			return false
		}
	}
	return broken(err)
}

// passingCode reports whether an answer with this code asks to come again.
func passingCode(code string) bool {
	switch code {
	case "ProvisionedThroughputExceededException", "LimitExceededException", "ThrottlingException", "Throttling", "ThrottledException",
		"RequestThrottled", "RequestThrottledException", "TooManyRequestsException", "SlowDown", "KMSThrottlingException",
		"ResourceInUseException", "InternalFailure", "InternalFailureException", "InternalServerError", "ServiceUnavailable",
		"ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException":
		return true
	default:
		return false
	}
}

// ofOneRecord reports whether a request may have failed for good because of one of its records, so that the others are worth sending without
// it: the stream takes smaller records than it did when the Producer asked, for one.
func ofOneRecord(err error) bool {
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		switch answer.ErrorCode() {
		case "InvalidArgumentException", "ValidationException":
			return true
		}
	}
	answer, ok := errors.AsType[*smithyhttp.ResponseError](err)
	return ok && answer.HTTPStatusCode() == http.StatusRequestEntityTooLarge
}

// broken reports whether a call had no answer that could be read.
func broken(err error) bool {
	if _, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*smithy.DeserializationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*aws.RequestCanceledError](err); ok {
		return true // by the request's own time limit: the caller looks after its context first
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}

// uncertain reports whether a call that failed may have been carried out all the same: it has no answer, or one that tells of a
// fault inside the service, and it was not the connection that could not be made.
func uncertain(err error) bool {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" || errors.Is(err, syscall.ECONNREFUSED) {
		return false
	}
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.HTTPStatusCode() >= http.StatusBadRequest {
		return answer.HTTPStatusCode() >= http.StatusInternalServerError
	}
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		return answer.ErrorFault() == smithy.FaultServer
	}
	return true
}
