package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/modules/localstack"
	"github.com/testcontainers/testcontainers-go/network"
)

const (
	imageVariable = "LOCALSTACK_IMAGE"
	// defaultImage is the last community release that starts without an account.
	defaultImage = "localstack/localstack:4.14.0"
	// recipeLabel is on images that localstack/image.sh has built.
	recipeLabel = "localstack-image.recipe"
	alias       = "localstack"
	remedy      = "install and start Docker, or run e2e/localstack/image.sh as root on a Debian machine"
)

// LocalStack starts LocalStack in a container, for as long as the test runs. One PutRecords call in ten is refused there, which LocalStack
// offers. Without a Docker engine the test is skipped.
func LocalStack(tb testing.TB) *Endpoint {
	tb.Helper()
	ctx := context.Background() // the container outlives the parts of the test
	image := os.Getenv(imageVariable)
	if image == "" {
		image = defaultImage
	}
	here := adapt(image)
	provider, err := testcontainers.NewDockerProvider()
	if err == nil {
		err = provider.Health(ctx)
	}
	if err != nil {
		needs(tb, "no Docker engine answers, LocalStack cannot be started (%v): %s", err, remedy)
	}
	if !here {
		if err := provider.PullImage(ctx, image); err != nil {
			needs(tb, "the image %s is not here and cannot be pulled (%v): run e2e/localstack/image.sh as root on a Debian machine, or let "+
				imageVariable+" name another", image, err)
		}
	}
	shared, err := network.New(ctx)
	if err != nil {
		tb.Fatalf("make a container network: %v", err)
	}
	testcontainers.CleanupNetwork(tb, shared)
	container, err := localstack.Run(ctx, image, network.WithNetwork([]string{alias}, shared), testcontainers.WithEnv(map[string]string{
		"SERVICES": "kinesis,dynamodb,s3,sts,cloudwatch", "EAGER_SERVICE_LOADING": "1", "DISABLE_EVENTS": "1", "SKIP_SSL_CERT_DOWNLOAD": "1",
		"DNS_ADDRESS": "0", "KINESIS_ERROR_PROBABILITY": "0.1",
	}))
	testcontainers.CleanupContainer(tb, container)
	if err != nil {
		tb.Fatalf("start %s: %v", image, err)
	}
	url, err := container.PortEndpoint(ctx, "4566/tcp", "http")
	if err != nil {
		tb.Fatalf("find LocalStack's port: %v", err)
	}
	at := &Endpoint{
		Name: "localstack", URL: url, Prefix: defaultPrefix, Patience: 3 * time.Minute, Cluttered: true,
		Refuse:  func(testing.TB, string) {}, // it always does
		Network: shared.Name, InnerURL: "http://" + alias + ":4566",
	}
	at.connect(tb)
	// It calls Kinesis running when it is about to start it, and refuses all but the first request until it has.
	Eventually(tb, at.Patience, "LocalStack's Kinesis", func() bool {
		_, err := at.Kinesis.ListStreams(ctx, &kinesis.ListStreamsInput{})
		return err == nil
	})
	return at
}

// adapt reports whether the image is on this machine. One that localstack/image.sh has built means a machine that can pull nothing, also not
// testcontainers' reaper, and an engine whose ports are on the loopback interface, also where this process is itself in a container. What
// is set already stays.
func adapt(image string) (here bool) {
	label, err := exec.Command("docker", "image", "inspect", "--format", `{{index .Config.Labels "`+recipeLabel+`"}}`, image).Output() //nolint:noctx // asks a local socket
	if err != nil {
		return false
	}
	if strings.TrimSpace(string(label)) != "" {
		setDefault("TESTCONTAINERS_RYUK_DISABLED", "true")
		setDefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
	}
	return true
}

func setDefault(name, value string) {
	if _, set := os.LookupEnv(name); !set {
		_ = os.Setenv(name, value) // fails for impossible names only
	}
}
