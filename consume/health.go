package consume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"clickstream/internal/exit"
	"clickstream/properties"
)

// healthTime is how long a record processor may take to say how it is.
const healthTime = 5 * time.Second

// Health asks each record processor that serves metrics at the place of the settings whether it answers, and returns how many do. One that hangs
// is an error; a socket that a killed one has left behind is not, nor is it that there is none: the shards may be somewhere else.
func Health(ctx context.Context, settings *properties.Config) (int, error) {
	places := settings.MetricsListeners("*")
	if len(places) == 0 {
		return 0, exit.With(exit.Usage, errors.New("--health asks where metricsAddress has the metrics: set it, for the daemon too"))
	}
	answered := 0
	for _, place := range places {
		addresses := []string{place.Address}
		if place.Network == "unix" {
			var err error
			if addresses, err = filepath.Glob(place.Address); err != nil {
				return 0, exit.With(exit.Usage, fmt.Errorf("metricsAddress %q: %w", settings.MetricsAddress, err))
			}
		}
		for _, address := range addresses {
			err := askHealth(ctx, place.Network, address)
			switch {
			case err == nil:
				answered++
			case !nobodyThere(err):
				return answered, fmt.Errorf("the record processor at %s does not answer as one does: %w", address, err)
			}
		}
	}
	return answered, nil
}

// nobodyThere says whether there was nobody to connect to. Who lets callers wait is there, and hangs.
func nobodyThere(err error) bool {
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial" && !dial.Timeout()
}

func askHealth(ctx context.Context, network, address string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://metrics/metrics", nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, address)
	}}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", response.Status)
	}
	return nil
}
