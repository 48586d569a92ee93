// Package doctor finds out why the daemon would not run with one properties file on this machine: Java and the jars, credentials, region and
// clock, stream, lease table, bucket and metrics, and what IAM does not allow. Every check is bounded in time, and changes nothing but that it
// writes one small object into the bucket and removes it again.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"clickstream/bootstrap/jars"
	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// probeTimeout bounds one check: the SDK's three attempts at a host that does not answer included.
const probeTimeout = 15 * time.Second

// Config says what to look at and where to report.
type Config struct {
	Settings *properties.Config
	Java     string        // the java program; empty: that of JAVA_HOME, else the one on the PATH
	Jars     jars.Options  // which jars, and where they are
	Timeout  time.Duration // of one check; 0 is 15 seconds
	Out      io.Writer
	JSON     bool
}

// Run makes all checks, writes the report and returns an error, for exit code 1, if one of them fails.
func Run(ctx context.Context, cfg Config) error {
	report, err := Check(ctx, cfg)
	if err != nil {
		return err
	}
	write := report.Write
	if cfg.JSON {
		write = report.WriteJSON
	}
	return errors.Join(write(cfg.Out), report.Err())
}

// Check makes all checks. The error says that none could be made, or is the context's.
func Check(ctx context.Context, cfg Config) (*Report, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = probeTimeout
	}
	clients, err := awsclient.Load(ctx, cfg.Settings)
	if err != nil {
		return nil, err
	}
	tables, err := leases.NamesOf(cfg.Settings)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	e := &examination{Config: cfg, settings: cfg.Settings, clients: clients, tables: tables, wrote: errNotAsked, removed: errNotAsked, measured: errNotAsked}
	report := &Report{}
	for _, stage := range [][]check{
		{e.java, e.jars, e.credentials, e.region},
		{e.identity},
		{e.stream},
		{e.leases, e.bucket, e.metrics},
		{e.permissions},
	} {
		report.Findings = append(report.Findings, e.run(ctx, stage)...)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return report, nil
}

// check is one check. Its findings are in order.
type check func(context.Context) []Finding

// examination is one run, with what a stage leaves behind for the next.
type examination struct {
	Config
	settings *properties.Config
	clients  *awsclient.Clients
	tables   leases.Names

	noCredentials bool       // nothing can be asked of AWS
	caller        caller     // by STS
	retention     int32      // of the stream, in hours; 0 if it could not be seen
	shards        []string   // of the stream
	leased        leaseTable // what was seen of the lease table
	bucketThere   bool
	wrote         error // how writing the probe into the bucket ended
	removed       error // and removing it
	measured      error // and asking CloudWatch
}

// run makes checks at the same time, each within the timeout.
func (e *examination) run(ctx context.Context, stage []check) []Finding {
	found := make([][]Finding, len(stage))
	var group sync.WaitGroup
	for i, c := range stage {
		group.Go(func() {
			limited, cancel := context.WithTimeoutCause(ctx, e.Timeout, fmt.Errorf("no answer within %v", e.Timeout))
			defer cancel()
			found[i] = c(limited)
		})
	}
	group.Wait()
	var all []Finding
	for _, findings := range found {
		all = append(all, findings...)
	}
	return all
}
