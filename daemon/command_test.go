package daemon_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/urfave/cli/v2"

	"clickstream/daemon"
	"clickstream/emulator"
	"clickstream/internal/exit"
)

// printEnvironment is a child that says how it was started and that there is no use in trying again.
func printEnvironment() int {
	fmt.Fprintf(os.Stderr, "args %q stream %q empty %q file %q\n", os.Args[1:], os.Getenv("CLICKSTREAM_STREAM_NAME"),
		os.Getenv("CLICKSTREAM_CALL_PROCESS_RECORDS_EVEN_FOR_EMPTY_RECORD_LIST"), os.Getenv("CLICKSTREAM_PROPERTIES"))
	return exit.Usage
}

// runCommand runs the command daemon with arguments and returns what it wrote to standard error.
func runCommand(ctx context.Context, arguments ...string) (string, error) {
	var errors buffer
	app := &cli.App{
		Commands: []*cli.Command{daemon.Command()}, Writer: &buffer{}, ErrWriter: &errors, ExitErrHandler: func(*cli.Context, error) {},
	}
	err := app.RunContext(ctx, append([]string{"clickstream", "daemon"}, arguments...))
	return errors.String(), err
}

// What flags tell the daemon its children hear by their environment.
func TestCommand(t *testing.T) {
	e := emulator.ServeT(t)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": e.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
	} {
		t.Setenv(name, value)
	}
	client := kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &e.URL, HTTPClient: e.Client(), Credentials: aws.AnonymousCredentials{},
	})
	if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("flagged"), ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mine.properties")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := runCommand(t.Context(), "-p", file, "--stream", "flagged", "--call-process-records-even-for-empty-record-list=false",
		"--executable-name", os.Args[0]+"  "+environmentWord+"\ta  'b c'")
	if exit.Code(err) != exit.Usage {
		t.Errorf("exit code %d: %v", exit.Code(err), err)
	}
	if want := shard0 + `: args ["environment" "a" "'b" "c'"] stream "flagged" empty "false" file "` + file + `"`; !strings.Contains(said, want) {
		t.Errorf("got %s, want %s", said, want)
	}
}

// A child reads the daemon's file unless executableName names another one, which is said.
func TestPropertiesFileOfTheChild(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"sample.properties", "mine.properties"} {
		if err := os.WriteFile(name, []byte("streamArn = arn:aws:kinesis:us-east-1:000000000000:stream/clicks"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for executable, warns := range map[string]bool{
		"":                    false,
		"clickstream consume": false,
		"clickstream consume -p ./mine.properties --bucket b":       false,
		"clickstream consume -p sample.properties":                  true,
		"clickstream consume --properties=sample.properties":        true,
		"clickstream consume --max-buffer-size 1 --properties none": true,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		said, err := runCommand(ctx, "-p", "mine.properties", "--kinesis-endpoint", "http://127.0.0.1:1", "--dynamo-db-endpoint", "http://127.0.0.1:1",
			"--executable-name", executable)
		if got := strings.Contains(said, "executableName tells the record processors to read"); got != warns {
			t.Errorf("%q: %s (%v)", executable, said, err)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for _, arguments := range [][]string{
		{"argument"}, {"--log-level", "loud"}, {"--properties", "no-such-file"}, {"--failover-time-millis", "soon"},
	} {
		if said, err := runCommand(t.Context(), arguments...); exit.Code(err) != exit.Usage {
			t.Errorf("%q: exit code %d: %v %s", arguments, exit.Code(err), err, said)
		}
	}
}
