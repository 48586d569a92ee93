// Package awsclient makes the AWS clients of a run from its settings, and says in one sentence what went wrong when AWS, an emulator, or
// nobody answered.
package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"clickstream/internal/exit"
	"clickstream/properties"
)

// Bounds on how long one call takes to fail. AWS_MAX_ATTEMPTS changes the number of attempts.
const (
	maxAttempts    = 3
	maxBackoff     = 2 * time.Second
	dialTimeout    = 3 * time.Second
	headersTimeout = time.Minute
)

// Clients holds one client for each service, ready for use by many goroutines.
type Clients struct {
	Kinesis  *kinesis.Client
	DynamoDB *dynamodb.Client
	S3       *s3.Client
	// Region is where the stream and the lease table are: regionName, else AWS_REGION, else the AWS profile's region, else us-east-1.
	Region string

	sts *sts.Client
}

// Load makes the clients for the settings. What every AWS tool honors is honored: AWS_PROFILE, AWS_REGION (unless regionName is set),
// AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> (unless kinesisEndpoint or dynamoDBEndpoint is set), AWS_CA_BUNDLE, AWS_MAX_ATTEMPTS,
// HTTPS_PROXY. No call is made: the first one shows whether endpoint and credentials are good.
//
// Endpoints on the loopback interface are emulators, which take any credentials: where none are configured, test/test is used there and
// nowhere else, and EC2's metadata service is not asked. S3 behind an endpoint of its own is addressed by path and sent no checksums that
// it has not asked for, since S3-compatible stores may refuse both the host names and the trailers.
//
// Options are for tests, which may bring their own HTTP client.
func Load(ctx context.Context, cfg *properties.Config, options ...func(*config.LoadOptions) error) (*Clients, error) {
	all := []func(*config.LoadOptions) error{
		config.WithHTTPClient(httpClient()),
		config.WithLogger(logging.Nop{}), // it warns on stderr of objects without a checksum
	}
	if cfg.RegionName != "" {
		all = append(all, config.WithRegion(cfg.RegionName))
	}
	all = append(all, options...)
	if err := checkEndpoints(); err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	loaded, err := config.LoadDefaultConfig(ctx, all...)
	if err != nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("read the AWS settings: %w", err))
	}
	// Not by an option: that would leave AWS_MAX_ATTEMPTS unread.
	loaded.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = maxAttempts, maxBackoff })
	}
	if loaded.Region == "" {
		loaded.Region = properties.DefaultRegion
	}
	loaded.Credentials = aws.NewCredentialsCache(&provider{next: loaded.Credentials})
	loaded.APIOptions = append(loaded.APIOptions, plainBodies)
	return clients(cfg, &loaded, loopbackCredentials(ctx, all)), nil
}

// checkEndpoints refuses endpoints that are no URLs, which the SDK takes and fails to connect to. Properties checks those of its own.
func checkEndpoints() error {
	for _, name := range []string{"", "_KINESIS", "_DYNAMODB", "_S3", "_STS"} {
		name = "AWS_ENDPOINT_URL" + name
		value := os.Getenv(name)
		if at, err := url.Parse(value); value != "" && (err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https") {
			return fmt.Errorf("environment variable %s must be a URL like http://127.0.0.1:4567, not %q", name, value)
		}
	}
	return nil
}

func clients(cfg *properties.Config, loaded *aws.Config, local aws.CredentialsProvider) *Clients {
	return &Clients{
		Region: loaded.Region,
		Kinesis: kinesis.NewFromConfig(*loaded, func(o *kinesis.Options) {
			o.BaseEndpoint = override(o.BaseEndpoint, cfg.KinesisEndpoint)
			o.Credentials = credentialsFor(o.BaseEndpoint, o.Credentials, local)
		}),
		DynamoDB: dynamodb.NewFromConfig(*loaded, func(o *dynamodb.Options) {
			o.BaseEndpoint = override(o.BaseEndpoint, cfg.DynamoDBEndpoint)
			// The SDK takes a missing checksum, as emulators send it, for a wrong one.
			o.DisableValidateResponseChecksum = o.BaseEndpoint != nil
			o.Credentials = credentialsFor(o.BaseEndpoint, o.Credentials, local)
		}),
		S3: s3.NewFromConfig(*loaded, func(o *s3.Options) {
			o.Credentials = credentialsFor(o.BaseEndpoint, o.Credentials, local)
			if cfg.BucketRegion != "" {
				o.Region = cfg.BucketRegion
			}
			if o.BaseEndpoint != nil {
				o.UsePathStyle = true
				o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
				o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
			}
		}),
		sts: sts.NewFromConfig(*loaded, func(o *sts.Options) {
			o.Credentials = credentialsFor(o.BaseEndpoint, o.Credentials, local)
		}),
	}
}

func override(endpoint *string, setting string) *string {
	if setting == "" {
		return endpoint
	}
	return &setting
}

// httpClient keeps as many connections as a batch of parallel calls needs, and gives up a host that does not answer. It reads the proxy
// settings of the environment and lets the SDK add AWS_CA_BUNDLE.
func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns = 256
			t.MaxIdleConnsPerHost = 64
			t.IdleConnTimeout = 90 * time.Second
			t.ResponseHeaderTimeout = headersTimeout
			t.ReadBufferSize = 64 << 10 // objects and batches have up to megabytes
			t.WriteBufferSize = 64 << 10
		})
}

// Identity says whose the credentials are, by STS GetCallerIdentity, which nobody can be denied.
func (c *Clients) Identity(ctx context.Context) (*sts.GetCallerIdentityOutput, error) {
	identity, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	return identity, Explain(err, "ask STS for the account")
}

// Account returns the number of the AWS account that the credentials belong to, by Identity.
func (c *Clients) Account(ctx context.Context) (string, error) {
	identity, err := c.Identity(ctx)
	if err != nil {
		return "", err
	}
	return aws.ToString(identity.Account), nil
}

// Bucket returns the name of the bucket: the setting, or clickstream-<account>-<region>, the account by STS.
func (c *Clients) Bucket(ctx context.Context, cfg *properties.Config) (string, error) {
	if cfg.Bucket != "" {
		return cfg.Bucket, nil
	}
	account, err := c.Account(ctx)
	if err != nil {
		return "", fmt.Errorf("make the bucket's name from account and region (set bucket to choose one): %w", err)
	}
	if account == "" {
		return "", errors.New("make the bucket's name from account and region: STS names no account; set bucket")
	}
	region := c.Region
	if cfg.BucketRegion != "" {
		region = cfg.BucketRegion
	}
	return "clickstream-" + account + "-" + region, nil
}
