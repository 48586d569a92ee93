package emulator

import (
	"errors"
	"net/http"
	"strings"

	"clickstream/emulator/internal/faults"
	"clickstream/emulator/internal/wire"
)

// error returns the error that a rule wants.
func (one *spoiled) error(fault *faults.Fault) *wire.Error {
	refusal := &wire.Error{Code: fault.Code, Status: fault.Status, Message: fault.Message}
	if refusal.Code == "" {
		refusal.Code = map[string]string{"dynamodb": "InternalServerError", "s3": "InternalError"}[one.call.Service]
	}
	if refusal.Code == "" {
		refusal.Code = "InternalFailure"
	}
	if refusal.Status == 0 {
		refusal.Status = statusOf(one.call.Service, refusal.Code)
	}
	if refusal.Message == "" {
		refusal.Message = "A fault of the emulator, as it was asked for."
	}
	return refusal
}

// asError returns err as a refusal; what is none is S3's own failure.
func asError(err error) *wire.Error {
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		return refusal
	}
	return &wire.Error{Code: "InternalError", Status: http.StatusInternalServerError, Message: err.Error()}
}

// statusOf returns the HTTP status that comes with an error's code: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// and the lists of common errors of the other services.
func statusOf(service, code string) int {
	switch {
	case strings.HasPrefix(code, "Internal"):
		return http.StatusInternalServerError
	case strings.HasPrefix(code, "ServiceUnavailable"), code == "SlowDown":
		return http.StatusServiceUnavailable
	case service != "s3":
		return http.StatusBadRequest
	case strings.HasPrefix(code, "NoSuch"):
		return http.StatusNotFound
	}
	switch code {
	case "AccessDenied", "AccountProblem", "AllAccessDisabled", "InvalidAccessKeyId", "InvalidObjectState", "RequestTimeTooSkewed", "SignatureDoesNotMatch":
		return http.StatusForbidden
	case "MethodNotAllowed":
		return http.StatusMethodNotAllowed
	case "BucketAlreadyExists", "BucketAlreadyOwnedByYou", "BucketNotEmpty", "ConditionalRequestConflict", "InvalidBucketState", "OperationAborted":
		return http.StatusConflict
	case "MissingContentLength":
		return http.StatusLengthRequired
	case "PreconditionFailed":
		return http.StatusPreconditionFailed
	case "InvalidRange":
		return http.StatusRequestedRangeNotSatisfiable
	case "NotImplemented":
		return http.StatusNotImplemented
	}
	return http.StatusBadRequest
}

// throttled returns the error by which a service refuses what is too much.
func throttled(service, operation string) *wire.Error {
	switch service {
	case "s3":
		return &wire.Error{Code: "SlowDown", Status: http.StatusServiceUnavailable, Message: "Please reduce your request rate."}
	case "kinesis":
		switch operation {
		case "PutRecord", "PutRecords", "GetRecords", "GetShardIterator":
			return wire.Errorf(throughputExceeded, rateExceeded)
		}
		return wire.Errorf("LimitExceededException", "Rate exceeded for %s.", operation)
	case "dynamodb":
		if strings.HasSuffix(operation, "Item") || strings.HasSuffix(operation, "Items") || operation == "Query" || operation == "Scan" {
			return wire.Errorf(throughputExceeded, "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.")
		}
		return wire.Errorf("ThrottlingException", "Rate of requests exceeds the allowed throughput.")
	default:
		return wire.Errorf("Throttling", "Rate exceeded")
	}
}

const (
	throughputExceeded = "ProvisionedThroughputExceededException"
	rateExceeded       = "Rate exceeded for a shard of the stream."
)

// resources returns the names of streams and tables, and the shard, that a request speaks of.
func (f *faulty) resources(members map[string]any) (names []string, shard string) {
	text := func(name string) string {
		value, _ := members[name].(string)
		return value
	}
	shard = text("ShardId")
	for _, name := range []string{"StreamName", "TableName"} {
		names = append(names, nameIn(text(name)))
	}
	for _, name := range []string{"StreamARN", "ConsumerARN", "ResourceARN", "ResourceArn"} {
		names = append(names, nameIn(text(name)))
	}
	if iterator := text("ShardIterator"); iterator != "" {
		var stream string
		stream, shard = f.streams.IteratorOf(iterator)
		names = append(names, stream)
	}
	tables, _ := members["RequestItems"].(map[string]any)
	for table := range tables {
		names = append(names, nameIn(table))
	}
	return names, shard
}

// nameIn returns the name of a stream or table that is named by an ARN, or outright.
func nameIn(arn string) string {
	if !strings.HasPrefix(arn, "arn:") {
		return arn
	}
	parts := strings.Split(arn, "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}
