// Package emulate is the command that serves package emulator until it is stopped.
package emulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"clickstream/emulator"
	"clickstream/internal/exit"
	"clickstream/internal/process"
)

// Where the emulator listens unless told otherwise.
const (
	DefaultHost = "127.0.0.1"
	DefaultPort = 4567

	LocalStackPort = 4566 // in place of DefaultPort where it stands in for LocalStack
)

// Config is what Run needs.
type Config struct {
	Host        string        // address to listen on
	Port        int           // 0 picks a free one
	CreateDelay time.Duration // how long streams are CREATING, UPDATING and DELETING
	TimeOffset  time.Duration // how far the emulated time is ahead
	Throttle    bool          // whether shards have their real write limits
	TLS         bool          // whether to speak TLS, by an authority made for this run
	Auth        []string      // KEY:SECRET each; where there are any, requests must be signed by one of them
	Faults      []string      // rules of requests that go wrong, before those of FaultFile
	FaultFile   string        // optional: a file of such rules
	FaultSeed   uint64        // where the chance of the rules begins
	Init        string        // optional: a file of streams, tables and buckets to create
	LocalStack  bool          // whether LocalStack's health address is answered
	Keep        Keep          // what is kept on the disk, and how much is held
	Arguments   []string      // what stands on the command line besides flags; there must be nothing
	Output      io.Writer     // where the endpoint is announced
}

func (c *Config) check() error {
	switch {
	case len(c.Arguments) > 0:
		return fmt.Errorf("unexpected argument %q", c.Arguments[0])
	case c.Port < 0 || c.Port > 65535:
		return fmt.Errorf("--port %d is not between 0 and 65535", c.Port)
	case c.TimeOffset < 0:
		return fmt.Errorf("--time-offset %v is less than nothing", c.TimeOffset)
	case c.CreateDelay < 0:
		return fmt.Errorf("--create-delay %v is less than nothing", c.CreateDelay)
	}
	return nil
}

// credentials returns secrets by their access keys.
func (c *Config) credentials() (map[string]string, error) {
	credentials := map[string]string{}
	for _, pair := range c.Auth {
		key, secret, ok := strings.Cut(pair, ":")
		if !ok || key == "" || secret == "" {
			return nil, errors.New("--auth wants an access key and its secret as KEY:SECRET")
		}
		credentials[key] = secret
	}
	return credentials, nil
}

// Run serves until ctx is cancelled, which is no error. Once it is ready it says so on cfg.Output, in a first line
//
//	clickstream emulator ready on http://127.0.0.1:4567
//
// and a second one to paste into a shell. With TLS that names the file of the authority's certificate too, which is removed at the end.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.check(); err != nil {
		return exit.With(exit.Usage, err)
	}
	options, err := cfg.options()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	var config net.ListenConfig
	address := net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port))
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return explain(err, address)
	}
	options.Listener = listener
	defer limitMemory(options.MaxMemory)()
	e, err := emulator.New(options) //nolint:contextcheck // it lives as long as this call
	if err != nil {
		_ = listener.Close() // what was wrong before matters
		if setup, ok := errors.AsType[*emulator.SetupError](err); ok {
			return exit.With(exit.Usage, fmt.Errorf("%s: %w", cfg.Init, setup))
		}
		return err
	}
	err = announce(ctx, &cfg, e, endpoint(listener.Addr(), e.URL))
	return errors.Join(err, e.Close()) //nolint:contextcheck // ctx has ended
}

// announce says where the emulator is and waits for the end of ctx.
func announce(ctx context.Context, cfg *Config, e *emulator.Emulator, url string) error {
	export := Export(url, "us-east-1")
	if len(cfg.Auth) > 0 {
		key, secret, _ := strings.Cut(cfg.Auth[0], ":")
		export = strings.NewReplacer("KEY_ID=test", "KEY_ID="+key, "ACCESS_KEY=test", "ACCESS_KEY="+secret).Replace(export)
	}
	if ca := e.CA(); ca != nil {
		file, err := writeCA(ca)
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(file) }() // in the folder of temporary files
		export += fmt.Sprintf(" AWS_CA_BUNDLE=%[1]s NODE_EXTRA_CA_CERTS=%[1]s", file)
	}
	if _, err := fmt.Fprintf(cfg.Output, "clickstream emulator ready on %s\n%s\n", url, export); err != nil {
		return fmt.Errorf("cannot announce the endpoint: %w", err)
	}
	trimLater(ctx)
	<-ctx.Done()
	return nil
}

// trimLater gives back the memory that only the start needed, once the first requests, which may wait already, are answered.
func trimLater(ctx context.Context) {
	const moment = 200 * time.Millisecond
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-timer.C:
		process.Trim()
	case <-ctx.Done():
	}
}

// writeCA writes the authority's certificate where any tool can read it.
func writeCA(ca []byte) (string, error) {
	file, err := os.CreateTemp("", "clickstream-emulator-*.pem")
	if err != nil {
		return "", fmt.Errorf("cannot write the certificate of the authority: %w", err)
	}
	_, err = file.Write(ca)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("cannot write the certificate of the authority: %w", err), os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// endpoint returns the URL to announce: where the emulator listens on all addresses (0.0.0.0 or ::), which are no address to call, the
// one that this machine reaches it by.
func endpoint(address net.Addr, url string) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		scheme, _, _ := strings.Cut(url, "://")
		return scheme + "://" + net.JoinHostPort(DefaultHost, strconv.Itoa(tcp.Port))
	}
	return url
}

// Export returns the shell command that points every AWS tool at an emulator. AWS_DEFAULT_REGION is AWS_REGION for tools that
// are built on botocore, such as version 1 of the aws command line.
func Export(endpoint, region string) string {
	return fmt.Sprintf("export AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=%[2]s AWS_DEFAULT_REGION=%[2]s",
		endpoint, region)
}

// explain says in one sentence why nothing can listen on an address.
func explain(err error, address string) error {
	const inUseOnWindows = syscall.Errno(10048) // WSAEADDRINUSE
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, inUseOnWindows):
		return fmt.Errorf("%s is in use by another program; choose another port by --port, or any free one by --port 0", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen on %s; choose a port above 1023 by --port", address)
	default:
		return fmt.Errorf("cannot listen on %s: %w", address, err)
	}
}
