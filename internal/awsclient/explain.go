package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ExplainedError is an error of a call to AWS with a sentence for a person.
type ExplainedError struct {
	What     string // what was to be done: "put records into stream clicks"
	Sentence string // what went wrong and what to do
	Err      error
}

// Error returns what was to be done and the sentence.
func (e *ExplainedError) Error() string {
	if e.What == "" {
		return e.Sentence
	}
	return e.What + ": " + e.Sentence
}

// Unwrap returns the SDK's error.
func (e *ExplainedError) Unwrap() error { return e.Err }

// Explain returns err as one sentence that says what was to be done, what went wrong and what can be done about it. What begins in lower
// case: "put records into stream clicks". The error stays wrapped, for [errors.As]. A nil error stays nil; what was explained before, and a
// cancelled context's error, only get what put before them.
func Explain(err error, what string) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*ExplainedError](err); done || errors.Is(err, context.Canceled) || canceled(err) {
		return fmt.Errorf("%s: %w", what, err)
	}
	for _, explain := range []func(error) string{explainCredentials, explainConnection, explainAnswer} {
		if sentence := explain(err); sentence != "" {
			return &ExplainedError{What: what, Sentence: sentence, Err: err}
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}

func canceled(err error) bool {
	_, ok := errors.AsType[*smithy.CanceledError](err)
	return ok
}

func explainCredentials(err error) string {
	if missing, ok := errors.AsType[*NoCredentialsError](err); ok {
		return "no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where there is a role (" +
			innermost(missing) + ")"
	}
	return ""
}

// explainConnection explains a request that got no answer.
func explainConnection(err error) string {
	call, ok := errors.AsType[*url.Error](err)
	if !ok {
		return ""
	}
	where := call.URL
	if u, err := url.Parse(call.URL); err == nil {
		where = u.Scheme + "://" + u.Host
	}
	const remedy = "check AWS_ENDPOINT_URL and the endpoint settings, and that the server there runs"
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("the name %s is not known; check the region's name, the endpoint settings and the network", name.Name)
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		if dial.Timeout() {
			return fmt.Sprintf("%s does not answer; check the network, or %s", where, remedy)
		}
		return fmt.Sprintf("nothing listens at %s; %s", where, remedy)
	}
	text := call.Err.Error()
	switch {
	case strings.Contains(text, "HTTP response to HTTPS client"):
		return where + " speaks http, not https; correct the endpoint"
	case strings.Contains(text, "tls: ") || strings.Contains(text, "x509: "):
		return fmt.Sprintf("no trusted connection to %s (%s); AWS_CA_BUNDLE names further certificate authorities", where, text)
	case call.Timeout():
		return fmt.Sprintf("%s took the request but did not answer in time", where)
	}
	return fmt.Sprintf("the connection to %s broke (%s)", where, text)
}

// explainAnswer explains an error that the service sent.
func explainAnswer(err error) string {
	status, header := response(err)
	answer, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		if status == 0 {
			return ""
		}
		return fmt.Sprintf("the answer (HTTP %d) is not one of AWS's; check the endpoint settings", status)
	}
	service, operation := "", ""
	if call, ok := errors.AsType[*smithy.OperationError](err); ok {
		service, operation = call.Service(), call.Operation()
	}
	code, message := answer.ErrorCode(), answer.ErrorMessage()
	if sentence := explainCode(code, service, operation, header); sentence != "" {
		return sentence + " (" + reply(status, code, message) + ")"
	}
	if status == http.StatusForbidden {
		return denied(service, operation) + " (" + reply(status, code, message) + ")"
	}
	return reply(status, code, message)
}

func explainCode(code, service, operation string, header http.Header) string {
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled", "AccountProblem":
		return denied(service, operation)
	case "RequestTimeTooSkewed", "RequestExpired":
		return "this machine's clock is wrong; set it"
	case "NoSuchBucket":
		return "the bucket does not exist; create it, or set createBucketIfNotPresent, or correct bucket"
	case "BucketAlreadyExists":
		return "the bucket's name belongs to another account; set bucket to a name of your own"
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "MovedPermanently":
		if region := header.Get("X-Amz-Bucket-Region"); region != "" {
			return "the bucket is in region " + region + "; set bucketRegion to it"
		}
		return "the bucket is in another region; set bucketRegion to it"
	case "ResourceNotFoundException":
		return missing(service)
	}
	return explainRefusal(code)
}

// explainRefusal explains the refusal of credentials, whatever they are for.
func explainRefusal(code string) string {
	switch code {
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken":
		return "AWS does not know these credentials; check them, and that they belong to this endpoint"
	case "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException":
		return "the signature is wrong; check the secret access key"
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
		return "the credentials have expired; get new ones"
	}
	return ""
}

// BadCredentials reports whether a service refused the credentials as such: they are unknown or have expired, or the secret is another one's.
func BadCredentials(err error) bool {
	answer, ok := errors.AsType[smithy.APIError](err)
	return ok && explainRefusal(answer.ErrorCode()) != ""
}

func denied(service, operation string) string {
	if service == "" {
		return "access denied"
	}
	sentence := fmt.Sprintf("access denied: these credentials may not call %s %s", service, operation)
	if service == "S3" {
		sentence += "; the bucket may belong to somebody else: names are taken world-wide, so choose your own by the setting bucket"
	}
	return sentence
}

func missing(service string) string {
	switch service {
	case "Kinesis":
		return "there is no such stream in this region and account; check streamName and regionName"
	case "DynamoDB":
		return "there is no such table in this region and account; check applicationName (or tableName) and regionName"
	}
	return ""
}

func reply(status int, code, message string) string {
	switch message {
	case "", code, "UnknownError": // the last is the SDK's word for none
		return fmt.Sprintf("HTTP %d %s", status, code)
	default:
		return fmt.Sprintf("%s: %s", code, message)
	}
}

func response(err error) (status int, header http.Header) {
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.Response != nil {
		return answer.HTTPStatusCode(), answer.Response.Header
	}
	return 0, nil
}

func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// Permanent reports whether err cannot pass by waiting: no or wrong credentials, access denied, no such bucket, a bucket of somebody
// else's or in another region. Callers give up with exit code 2.
func Permanent(err error) bool {
	if _, ok := errors.AsType[*NoCredentialsError](err); ok {
		return true
	}
	status, _ := response(err)
	if status == http.StatusForbidden || status == http.StatusMovedPermanently {
		return true
	}
	answer, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	switch code := answer.ErrorCode(); code {
	case "NoSuchBucket", "BucketAlreadyExists":
		return true
	case "ResourceNotFoundException":
		return false // somebody may create it
	default:
		return explainCode(code, "", "", nil) != ""
	}
}
