package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"clickstream/emulator"
	"clickstream/internal/awsclient"
	"clickstream/properties"
)

// The variables that name an endpoint besides those that are always there.
const (
	endpointVariable = "CLICKSTREAM_E2E_ENDPOINT" // a URL
	awsVariable      = "CLICKSTREAM_E2E_AWS"      // yes: AWS itself, with the credentials and the region of the environment
	prefixVariable   = "CLICKSTREAM_E2E_PREFIX"   // of the names of everything that is made
)

const defaultPrefix = "clickstream-e2e-"

// Endpoint is something that answers as AWS does.
type Endpoint struct {
	Name string // embedded, localstack, url or aws
	URL  string // "" for AWS itself
	// Environment is what the environment of a process has to hold, besides what is in this one's, to reach the endpoint.
	Environment []string
	// Clients reach it from the test.
	*awsclient.Clients
	// Prefix begins the names of everything that tests make.
	Prefix string
	// Patience is how long a test should wait for what it expects before it gives up.
	Patience time.Duration
	// Refuse has PutRecords refuse some records of a stream until the test is over; nil where nothing can.
	Refuse func(tb testing.TB, stream string)
	// Network is the container network on which other containers reach the endpoint by InnerURL; "" where it is in no container.
	Network, InnerURL string
	// Cluttered says that what tests make outlives them: it is cleaned up.
	Cluttered bool
}

// Embedded is this project's emulator, in the test's own process. Its shards refuse more than 1,000 records a second.
func Embedded(tb testing.TB) *Endpoint {
	tb.Helper()
	e, err := emulator.New(emulator.Options{Throttle: true, CreateDelay: 200 * time.Millisecond, Listener: listen(tb)})
	if err != nil {
		tb.Fatalf("start the emulator: %v", err)
	}
	tb.Cleanup(func() { _ = e.Close() }) // clients that were killed leave connections behind
	at := &Endpoint{Name: "embedded", URL: e.URL, Prefix: defaultPrefix, Patience: time.Minute}
	at.Refuse = func(tb testing.TB, stream string) {
		tb.Helper()
		rule, err := emulator.ParseFault("kinesis:PutRecords resource=" + stream + " every=5 throttle records=0.2")
		if err == nil {
			err = e.Inject(rule)
		}
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = e.SetFaults(0) }) // no rule is no error
	}
	at.connect(tb)
	return at
}

// FromEnvironment returns what makes the endpoints that the environment names, by name; there may be none. It is an error to name
// AWS by its URL: tests run on an account only when CLICKSTREAM_E2E_AWS says so.
func FromEnvironment() (map[string]func(testing.TB) *Endpoint, error) {
	found := map[string]func(testing.TB) *Endpoint{}
	if text := os.Getenv(endpointVariable); text != "" {
		address, err := url.Parse(text)
		if err != nil || address.Host == "" {
			return nil, errors.New(endpointVariable + " is not a URL such as http://127.0.0.1:4567")
		}
		if strings.HasSuffix(address.Hostname(), "amazonaws.com") {
			return nil, errors.New(endpointVariable + " names AWS; to run on an account set " + awsVariable + "=yes and not this")
		}
		found["url"] = func(tb testing.TB) *Endpoint {
			tb.Helper()
			at := &Endpoint{Name: "url", URL: text, Prefix: prefix(), Patience: 3 * time.Minute, Cluttered: true}
			at.connect(tb)
			return at
		}
	}
	switch said := os.Getenv(awsVariable); said {
	case "", "no":
	case "yes":
		found["aws"] = func(tb testing.TB) *Endpoint {
			tb.Helper()
			at := &Endpoint{Name: "aws", Prefix: prefix(), Patience: 5 * time.Minute, Cluttered: true}
			at.connect(tb)
			return at
		}
	default:
		return nil, errors.New(awsVariable + "=" + said + ": only yes and no are known")
	}
	return found, nil
}

func prefix() string {
	if said := os.Getenv(prefixVariable); said != "" {
		return said
	}
	return defaultPrefix
}

// connect makes the clients and the environment. Emulators take any credentials, and nothing of this machine's AWS settings.
func (at *Endpoint) connect(tb testing.TB) {
	tb.Helper()
	var options []func(*config.LoadOptions) error
	if at.URL != "" {
		const region, user = properties.DefaultRegion, "test"
		at.Environment = []string{
			"AWS_ENDPOINT_URL=" + at.URL, "AWS_REGION=" + region, "AWS_ACCESS_KEY_ID=" + user, "AWS_SECRET_ACCESS_KEY=" + user,
			"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		}
		options = append(options, config.WithBaseEndpoint(at.URL), config.WithRegion(region),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(user, user, "")))
	}
	var err error
	if at.Clients, err = awsclient.Load(context.Background(), &properties.Config{}, options...); err != nil {
		tb.Fatalf("make clients for %s: %v", at.Name, err)
	}
}

// environment is what processes get: this one's environment without settings of clickstream and, but for AWS itself, without AWS's,
// then the endpoint's and more.
func (at *Endpoint) environment(more []string) []string {
	var all []string
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "CLICKSTREAM_") || at.URL != "" && strings.HasPrefix(variable, "AWS_") {
			continue
		}
		all = append(all, variable)
	}
	return append(append(all, at.Environment...), more...)
}

// needs skips a test that lacks something, with a sentence that says what and how to get it. In CI it fails instead.
func needs(tb testing.TB, format string, args ...any) {
	tb.Helper()
	sentence := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	if os.Getenv("CI") == "true" {
		tb.Fatal(sentence)
	}
	tb.Skip(sentence)
}

// executable is the name of a program's file.
func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
