package emulate_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"clickstream/emulate"
	"clickstream/internal/exit"
)

// run starts the command with arguments and returns its output and where its error will be. The tests do not run in parallel:
// the command line library has state of its own.
func run(ctx context.Context, t *testing.T, arguments ...string) (*bufio.Reader, <-chan error) {
	t.Helper()
	reader, writer := io.Pipe()
	app := &cli.App{
		Name: "clickstream", Writer: writer, ErrWriter: io.Discard, Commands: []*cli.Command{emulate.Command()},
		ExitErrHandler: func(*cli.Context, error) {},
	}
	done := make(chan error, 1)
	go func() {
		err := app.RunContext(ctx, append([]string{"clickstream", "emulator"}, arguments...))
		_ = writer.Close()
		done <- err
	}()
	return bufio.NewReader(reader), done
}

// bounded ends a command that should have ended by itself.
func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestCommandServesUntilCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	output, done := run(ctx, t, "--port", "0")
	ready, err := output.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`^clickstream emulator ready on (http://127\.0\.0\.1:\d+)\n$`).FindStringSubmatch(ready)
	if match == nil {
		t.Fatalf("ready line %q", ready)
	}
	paste, err := output.ReadString('\n')
	if want := "export AWS_ENDPOINT_URL=" + match[1] + " AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n"; paste != want || err != nil {
		t.Errorf("to paste: %q, %v", paste, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, match[1], strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(request) // its connection stays open
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.Body.Close() != nil || response.StatusCode != http.StatusOK {
		t.Errorf("status %d, %v", response.StatusCode, err)
	}
	began := time.Now()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("stopped with %v", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("stopping took %v", took)
	}
}

// TestTLS serves by HTTP/2 over TLS to a client that trusts the printed certificate.
func TestTLS(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	output, done := run(ctx, t, "--port", "0", "--tls")
	if ready, err := output.ReadString('\n'); err != nil || !strings.HasPrefix(ready, "clickstream emulator ready on https://127.0.0.1:") {
		t.Fatalf("ready line %q, %v", ready, err)
	}
	paste, err := output.ReadString('\n')
	match := regexp.MustCompile(`^export AWS_ENDPOINT_URL=(https://127\.0\.0\.1:\d+) .* AWS_CA_BUNDLE=(\S+) NODE_EXTRA_CA_CERTS=(\S+)\n$`).FindStringSubmatch(paste)
	if match == nil || err != nil || match[2] != match[3] {
		t.Fatalf("to paste: %q, %v", paste, err)
	}
	ca, err := os.ReadFile(match[2])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, match[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if response.Body.Close() != nil || response.ProtoMajor != 2 || response.StatusCode != http.StatusOK {
		t.Errorf("%s %s", response.Proto, response.Status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(match[2]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the certificate is left behind: %v", err)
	}
}

// TestAllAddresses listens everywhere and announces an address that can be called.
func TestAllAddresses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	output, done := run(ctx, t, "--port", "0", "--host", "0.0.0.0")
	text, err := output.ReadString('\n')
	if !strings.HasPrefix(text, "clickstream emulator ready on http://127.0.0.1:") || err != nil {
		t.Errorf("ready line %q, %v", text, err)
	}
	_, err = output.ReadString('\n')
	cancel()
	if err := errors.Join(err, <-done); err != nil {
		t.Error(err)
	}
}

func TestCommandRefuses(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		arguments []string
		code      int
		message   string
	}{
		{"port in use", []string{"--port", port}, exit.Failed, "127.0.0.1:" + port + " is in use by another program; choose another port by --port, or any free one by --port 0"},
		{"no port", []string{"--port", "65536"}, exit.Usage, "--port 65536 is not between 0 and 65535"},
		{"half a key", []string{"--port", "0", "--auth", "AKIAME"}, exit.Usage, "--auth wants an access key and its secret as KEY:SECRET"},
		{"argument", []string{"--port", "0", "now"}, exit.Usage, `unexpected argument "now"`},
		{"size", []string{"--port", "0", "--max-memory", "12MB"}, exit.Usage, `--max-memory "12MB" is no size such as 1048576, 64MiB or 2GiB`},
		{"no size", []string{"--port", "0", "--max-memory", "0"}, exit.Usage, `--max-memory "0" is no size such as 1048576, 64MiB or 2GiB`},
		{"too little", []string{"--port", "0", "--max-memory", "1023KiB"}, exit.Usage, `--max-memory "1023KiB" is less than 1MiB: not even one record might find room`},
		{"a file for a folder", []string{"--port", "0", "--data-dir", "command.go"}, exit.Usage, "--data-dir command.go is a file, not a folder"},
		{"size of changes", []string{"--port", "0", "--data-dir", "d", "--data-dir-compact-at", "x"}, exit.Usage, `--data-dir-compact-at "x" is no size such as 1048576, 64MiB or 2GiB`},
		{"no folder", []string{"--port", "0", "--data-dir-sync"}, exit.Usage, "--data-dir-sync, --data-dir-repair and --data-dir-compact-at need a folder by --data-dir"},
		{"negative delay", []string{"--port", "0", "--create-delay", "-1s"}, exit.Usage, "--create-delay -1s is less than nothing"},
		{"negative offset", []string{"--port", "0", "--time-offset", "-1s"}, exit.Usage, "--time-offset -1s is less than nothing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			output, done := run(bounded(t), t, test.arguments...)
			if text, err := io.ReadAll(output); len(text) > 0 || err != nil {
				t.Errorf("output %q, %v", text, err)
			}
			err := <-done
			if err == nil || err.Error() != test.message || exit.Code(err) != test.code {
				t.Errorf("got %v, code %s", err, strconv.Itoa(exit.Code(err)))
			}
		})
	}
	output, done := run(bounded(t), t, "--port", "0", "--host", "203.0.113.1") // an address that no machine has (RFC 5737)
	if text, err := io.ReadAll(output); len(text) > 0 || err != nil {
		t.Errorf("output %q, %v", text, err)
	}
	if err := <-done; err == nil || !strings.HasPrefix(err.Error(), "cannot listen on 203.0.113.1:0: ") || exit.Code(err) != exit.Failed {
		t.Errorf("foreign address: %v", err)
	}
}

// TestAuth announces the first of the keys that are taken, and takes no others.
func TestAuth(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	output, done := run(ctx, t, "--port", "0", "--auth", "AKIAME:a/b=:c", "--auth", "you:d")
	if _, err := output.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	paste, err := output.ReadString('\n')
	match := regexp.MustCompile(`^export AWS_ENDPOINT_URL=(\S+) AWS_ACCESS_KEY_ID=AKIAME AWS_SECRET_ACCESS_KEY=a/b=:c AWS_REGION`).FindStringSubmatch(paste)
	if match == nil || err != nil {
		t.Fatalf("to paste: %q, %v", paste, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, match[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if response.Body.Close() != nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("an unsigned request: %s", response.Status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
