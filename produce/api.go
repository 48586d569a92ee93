package produce

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"clickstream/internal/awsclient"
)

// API is what produce calls; *kinesis.Client is one.
type API interface {
	CreateStream(context.Context, *kinesis.CreateStreamInput, ...func(*kinesis.Options)) (*kinesis.CreateStreamOutput, error)
	DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error)
	ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error)
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
}

// target names the stream in a request: by ARN where one is set, which alone reaches a stream of another account.
type target struct{ name, arn string }

func (t target) ids() (name, arn *string) {
	if t.arn != "" {
		return nil, &t.arn
	}
	return &t.name, nil
}

// passes reports whether an error may go away by itself, so that the same call is worth making again: throttling, a fault of the
// service, no connection or none that held.
func passes(err error) bool {
	if err == nil || awsclient.Permanent(err) {
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
