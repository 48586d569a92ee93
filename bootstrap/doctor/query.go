package doctor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// service is one that is spoken to by AWS's query protocol: forms there, XML back. Two calls are not worth two more modules of the SDK.
type service struct {
	name     string // of the signature: monitoring, iam
	variable string // names the endpoint: AWS_ENDPOINT_URL_<variable>
	version  string // of the API
	host     string // of AWS itself
	region   string // of the signature
}

// queryError is an error that such a service answered.
type queryError struct {
	status        int
	Code, Message string
}

// Error returns what the service said.
func (q *queryError) Error() string {
	if q.Code == "" {
		return fmt.Sprintf("HTTP %d", q.status)
	}
	return q.Code + ": " + q.Message
}

func (q *queryError) denied() bool {
	return strings.Contains(q.Code, "AccessDenied") || q.Code == "UnauthorizedOperation"
}

// known reports whether the service knows the call.
func (q *queryError) known() bool {
	return q.Code != "InvalidAction" && q.status < http.StatusInternalServerError
}

// endpoint is where the service is: the environment's word, else AWS. With a stream that is not AWS's but no word on this service, it is "":
// what an emulator's credentials sign must not go to AWS.
func (e *examination) endpoint(s service) string {
	for _, variable := range []string{"AWS_ENDPOINT_URL_" + s.variable, "AWS_ENDPOINT_URL"} {
		if value := os.Getenv(variable); value != "" {
			return value
		}
	}
	if e.clients.Kinesis.Options().BaseEndpoint != nil {
		return ""
	}
	return "https://" + s.host
}

// call asks the service and returns the answer's body, or a *queryError.
func (e *examination) call(ctx context.Context, s service, form url.Values) ([]byte, error) {
	form.Set("Version", s.version)
	body := form.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(e.endpoint(s), "/")+"/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	options := e.clients.Kinesis.Options()
	credentials, err := options.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), s.name, s.region, time.Now()); err != nil {
		return nil, err
	}
	answer, err := options.HTTPClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil || answer.StatusCode == http.StatusOK {
		return text, err
	}
	var refusal struct {
		Error struct{ Code, Message string }
	}
	_ = xml.Unmarshal(text, &refusal) // what is not XML has no code
	return nil, &queryError{answer.StatusCode, refusal.Error.Code, refusal.Error.Message}
}
