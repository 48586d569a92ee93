package properties

import (
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

func metricsSettings() []Setting {
	return []Setting{
		{
			Key: "metricsAddress", Unset: "no metrics", check: metricsAddress,
			Usage: "where each record processor serves metrics for Prometheus: a folder for unix sockets, one for each shard, or host:port",
			field: func(c *Config) any { return &c.MetricsAddress },
		},
	}
}

// metricsPorts is how many ports are tried, from the one that metricsAddress names, by processes that run side by side.
const metricsPorts = 64

// MetricsListener is one place where a shard's process may serve metrics.
type MetricsListener struct {
	Network string // "unix" or "tcp"
	Address string
}

// MetricsListeners returns the places for a shard's process, of which it takes the first that is free; none where MetricsAddress is not
// set. A folder has one for each shard; of TCP ports there is the one that was named and some that follow it.
func (c *Config) MetricsListeners(shardID string) []MetricsListener {
	if c.MetricsAddress == "" {
		return nil
	}
	host, port, tcp := tcpAddress(c.MetricsAddress)
	if !tcp {
		return []MetricsListener{{"unix", filepath.Join(c.MetricsAddress, "metrics-"+filepath.Base(shardID)+".sock")}}
	}
	var all []MetricsListener
	for n := port; n == port || port > 0 && n < port+metricsPorts && n < 1<<16; n++ {
		all = append(all, MetricsListener{"tcp", net.JoinHostPort(host, strconv.Itoa(n))})
	}
	return all
}

// tcpAddress takes host:port apart. A path, also one of Windows with a drive, is none.
func tcpAddress(text string) (host string, port int, ok bool) {
	if strings.ContainsAny(text, `/\`) {
		return "", 0, false
	}
	host, number, err := net.SplitHostPort(text)
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseUint(number, 10, 16)
	return host, int(n), err == nil
}

func metricsAddress(text string) (string, error) {
	_, _, tcp := tcpAddress(text)
	if !tcp && strings.Contains(text, ":") && !strings.ContainsAny(text, `/\`) {
		return "", errors.New("must be a folder, such as logs, or host:port with a port up to 65535")
	}
	return nonBlank(text)
}
