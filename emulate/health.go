package emulate

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"clickstream/emulator"
	"clickstream/internal/exit"
)

// Health asks whether the emulator at an address is ready, for containers that have no other program to ask by. It waits for an
// answer for 5 seconds.
func Health(ctx context.Context, address string) error {
	if parsed, err := url.Parse(address); err != nil || parsed.Host == "" {
		return exit.With(exit.Usage, fmt.Errorf("--health %q is no address such as http://127.0.0.1:%d", address, DefaultPort))
	}
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(address, "/")+emulator.HealthPath, nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("no emulator is ready at %s: %w", address, err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), `"status":"ready"`) {
		return fmt.Errorf("what listens at %s is no emulator that is ready: status %s", address, response.Status)
	}
	return nil
}
