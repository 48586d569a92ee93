package awsclient

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// NoCredentialsError says that no AWS credentials were found where AWS tools look for them.
type NoCredentialsError struct{ Err error }

// Error returns the cause.
func (e *NoCredentialsError) Error() string { return "no AWS credentials: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *NoCredentialsError) Unwrap() error { return e.Err }

// provider turns the failure to find any credentials into a NoCredentialsError. Once there were some, a failure to renew them is a
// passing fault and stays as it is.
type provider struct {
	next  aws.CredentialsProvider
	found atomic.Bool
}

// Retrieve asks the next provider.
func (p *provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	credentials, err := p.next.Retrieve(ctx)
	switch {
	case err == nil:
		p.found.Store(true)
	case ctx.Err() == nil && !p.found.Load():
		err = &NoCredentialsError{err}
	}
	return credentials, err
}

// EmulatorCredentials is the source of the credentials that are taken for emulators where none are configured.
const EmulatorCredentials = "clickstream, for emulators"

// loopbackCredentials returns the credentials for emulators: the configured ones, or else test/test. They are looked up when they are needed
// first: with AWS itself they never are, and reading all of AWS_CA_BUNDLE a second time takes longer than the rest of a start.
func loopbackCredentials(ctx context.Context, options []func(*config.LoadOptions) error) aws.CredentialsProvider {
	options = append(slices.Clip(options), config.WithEC2IMDSClientEnableState(imds.ClientDisabled))
	load := sync.OnceValues(func() (aws.Config, error) { return config.LoadDefaultConfig(context.WithoutCancel(ctx), options...) })
	return aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		loaded, err := load()
		if err != nil {
			return aws.Credentials{}, err
		}
		credentials, err := loaded.Credentials.Retrieve(ctx)
		if err != nil {
			credentials, err = aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test", Source: EmulatorCredentials}, nil
		}
		return credentials, err
	}))
}

const emulatorSource = "clickstream, for emulators"

// MadeUp returns, as environment variables, the credentials that Load made up because none are configured and Kinesis is an emulator on the loopback
// interface: other programs do not make up any. Otherwise it returns nil.
func (c *Clients) MadeUp(ctx context.Context) []string {
	options := c.Kinesis.Options()
	if options.BaseEndpoint == nil || !loopback(*options.BaseEndpoint) {
		return nil
	}
	made, err := options.Credentials.Retrieve(ctx)
	if err != nil || made.Source != emulatorSource {
		return nil
	}
	return []string{"AWS_ACCESS_KEY_ID=" + made.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + made.SecretAccessKey}
}

func credentialsFor(endpoint *string, configured, local aws.CredentialsProvider) aws.CredentialsProvider {
	if endpoint != nil && loopback(*endpoint) {
		return local
	}
	return configured
}

func loopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
