package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Bounds on how wrong the clock may be. AWS refuses what was signed five minutes (S3: fifteen) off.
const (
	skewUnseen  = 2 * time.Second // answers name the second only, and take their time
	skewWarning = time.Minute
	skewLimit   = 5 * time.Minute
)

// caller is whose the credentials are.
type caller struct {
	account, arn string
}

// identity asks whose the credentials are and looks at the clock by the answer.
func (e *examination) identity(ctx context.Context) []Finding {
	if e.noCredentials {
		return one("identity", Skipped, "there are no credentials", "")
	}
	out, err := e.clients.Identity(ctx)
	if err != nil {
		findings := one("identity", Warning, err.Error(),
			credentialsOr(err, "it is needed for the bucket's default name and for the policy simulator: set bucket, or let STS be reached"))
		return append(findings, clock(clockOfError(err))...)
	}
	e.caller = caller{aws.ToString(out.Account), aws.ToString(out.Arn)}
	return append(one("identity", OK, e.caller.arn, ""), clock(clockOf(out.ResultMetadata))...)
}

// clock judges how far this machine's clock is from that of the service that answered.
func clock(skew time.Duration, known bool) []Finding {
	if !known {
		return one("clock", Skipped, "no answer named the time", "")
	}
	text := "agrees with AWS's"
	switch skew = skew.Round(time.Second); {
	case skew > skewUnseen:
		text = fmt.Sprintf("%v behind AWS's", skew)
	case skew < -skewUnseen:
		text = fmt.Sprintf("%v ahead of AWS's", -skew)
	}
	const remedy = "let the system set it: timedatectl set-ntp true, or chrony"
	switch {
	case skew.Abs() >= skewLimit:
		return one("clock", Fails, text+": AWS refuses what the Java daemon signs", remedy)
	case skew.Abs() >= skewWarning:
		return one("clock", Warning, text, remedy)
	}
	return one("clock", OK, text, "")
}

func clockOf(metadata middleware.Metadata) (time.Duration, bool) {
	server, named := awsmiddleware.GetServerTime(metadata)
	at, known := awsmiddleware.GetResponseAt(metadata)
	return server.Sub(at), named && known
}

func clockOfError(err error) (time.Duration, bool) {
	answer, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || answer.Response == nil {
		return 0, false
	}
	server, err := http.ParseTime(answer.Response.Header.Get("Date"))
	return time.Until(server), err == nil
}

// denied reports whether AWS refused a call for want of permission.
func denied(err error) bool {
	if query, ok := errors.AsType[*queryError](err); ok {
		return query.denied()
	}
	answer, ok := errors.AsType[smithy.APIError](err)
	if ok && strings.Contains(answer.ErrorCode(), "AccessDenied") {
		return true
	}
	status, known := errors.AsType[*smithyhttp.ResponseError](err)
	return known && status.HTTPStatusCode() == http.StatusForbidden && (!ok || answer.ErrorCode() == "Forbidden" || answer.ErrorCode() == "UnauthorizedOperation")
}

// answered reports whether a service answered a call, if only by refusing it.
func answered(err error) bool {
	if query, ok := errors.AsType[*queryError](err); ok {
		return query.known()
	}
	_, ok := errors.AsType[smithy.APIError](err)
	return err == nil || ok
}
