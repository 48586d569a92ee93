package local

import (
	"context"
	"os"
	"time"

	"golang.org/x/term"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/java"
	"clickstream/internal/exit"
)

// The daemons that a run can have.
const (
	daemonGo   = "go"
	daemonJava = "java"
)

// javaSettings are what the Java daemon has to be told besides to be quick, under keys that are its alone: the leader looks for workers and gives
// leases away each second, instead of every 20 s by metrics that are up to 30 s old.
const javaSettings = `leaseAssignmentIntervalMillis = 1000
workerMetricsReporterFreqInMillis = 1000
`

// daemonCommand is the command of this program that reads the stream. The leases of the Java daemon are made beforehand: left to itself it takes
// two minutes until its first record.
func (c *Config) daemonCommand() []string {
	if c.Daemon != daemonJava {
		return []string{"daemon"}
	}
	return []string{"bootstrap", "--execute", "--take-leases", "--kcl-version", c.KCLVersion}
}

func (c *Config) daemonStopLimit() time.Duration {
	if c.Daemon == daemonJava {
		return c.Settings.ShutdownGrace() + javaStopMargin
	}
	return goStopLimit
}

// fetchJava finds out what the Java daemon lacks before anything runs, and shows how its jars are fetched: what bootstrap says goes to a log.
func fetchJava(ctx context.Context, cfg *Config) error {
	if _, err := java.Find(""); err != nil {
		return exit.With(exit.Usage, err)
	}
	if cfg.KCLVersion == "" {
		cfg.KCLVersion = jars.DefaultVersion
	}
	lock, err := jars.Embedded(cfg.KCLVersion)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	options := jars.Options{Lock: lock, Repository: os.Getenv(jars.RepositoryEnvironment), Log: cfg.Stderr}
	if file, ok := cfg.Stderr.(*os.File); ok {
		options.Terminal = term.IsTerminal(int(file.Fd()))
	}
	_, err = jars.Ensure(ctx, options)
	return err
}
