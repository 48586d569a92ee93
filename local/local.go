// Package local runs the whole pipeline on one machine: an emulator of AWS in this process; producer, daemon and one consumer per
// shard as processes of their own; and at the end the proof that every click is in exactly one object.
package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"clickstream/internal/exit"
	"clickstream/internal/process"
)

// How often the run looks at what the emulator holds.
const lookPeriod = 50 * time.Millisecond

// Run runs the pipeline until every record sent is stored, or ctx is done. It returns nil when the verification found nothing missing
// and nothing twice; errors carry their exit codes (package exit).
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.check(); err != nil {
		return exit.With(exit.Usage, err)
	}
	if !cfg.limited() {
		cfg.Records = DefaultRecords
	}
	if cfg.Daemon == daemonJava {
		if err := fetchJava(ctx, &cfg); err != nil {
			return err
		}
	}
	cloud, err := startCloud(cfg) //nolint:contextcheck // what the emulator does for itself ends with it
	if err != nil {
		return err
	}
	defer cloud.stop() //nolint:contextcheck // it ends what ctx began, also when ctx is done
	dir, err := os.MkdirTemp("", "clickstream-local-")
	if err != nil {
		return fmt.Errorf("no folder for the run's settings: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r, err := newRun(cfg, cloud, dir)
	if err != nil {
		return err
	}
	defer func() { _ = r.log.Close() }()
	return r.all(ctx)
}

// run is one run: the processes, and what is known of them.
type run struct {
	pipeline
	cloud    *cloud
	progress *progress
	stored   int64 // at the last look
}

func newRun(cfg Config, cloud *cloud, dir string) (*run, error) {
	if err := os.MkdirAll(logDir, 0o755); err != nil {
		return nil, fmt.Errorf("no folder for the logs: %w", err)
	}
	log, err := os.OpenFile(cfg.daemonLog(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("no log for the daemon: %w", err)
	}
	r := &run{
		pipeline: pipeline{cfg: cfg, dir: dir, log: log},
		cloud:    cloud,
		progress: newProgress(cfg.Stdout, cfg.Records, cfg.Settings.Aggregation),
	}
	r.env = environment(cloud.endpoint, cfg.Settings.RegionName, r.settingsFile())
	settings := *cfg.Settings
	settings.Bucket, settings.ExecutableName = cloud.bucket, "clickstream consume"
	return r, os.WriteFile(r.settingsFile(), append(settings.Encode(), javaSettings...), 0o600)
}

func (r *run) all(ctx context.Context) error {
	r.say("%d shards of stream %s → bucket %s, emulated on %s; logs in %s%c\n",
		r.cfg.Settings.Shards, r.cfg.Settings.StreamName, r.cloud.bucket, r.cloud.endpoint, logDir, os.PathSeparator)
	if err := r.startProducer(); err != nil {
		return err
	}
	defer r.killAll()
	err := r.follow(ctx)
	r.progress.end()
	if err != nil {
		return r.interrupted(ctx, err)
	}
	r.stop(context.WithoutCancel(ctx))
	return r.finish(ctx)
}

// follow watches the run until everything sent is stored.
func (r *run) follow(ctx context.Context) error {
	look := time.NewTicker(lookPeriod)
	defer look.Stop()
	var enough <-chan time.Time
	if r.cfg.For > 0 {
		timer := time.NewTimer(r.cfg.For)
		defer timer.Stop()
		enough = timer.C
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-enough:
			r.stopProducer(ctx)
		case <-ended(r.producer):
			if err := r.producerEnded(); err != nil {
				return err
			}
		case <-ended(r.daemon):
			if err := r.daemonEnded(); err != nil {
				return err
			}
		case now := <-look.C:
			done, err := r.look(now)
			if done || err != nil {
				return err
			}
		}
	}
}

// look starts the daemon once there is a stream, shows progress and says whether all is stored.
func (r *run) look(now time.Time) (done bool, err error) {
	rows, active := r.cloud.shards()
	if !active {
		return false, nil
	}
	if r.daemon == nil {
		return false, r.startDaemon()
	}
	sum := total(rows)
	if sum.Stored > r.stored {
		r.stored, r.restarts = sum.Stored, 0
	}
	r.progress.show(now, sum.Records, sum.Stored)
	return r.producer == nil && sum.Stored == sum.Records && r.cloud.verifiable(), nil
}

// ended is the channel that says that child has ended; nil, which never says so, without a child.
func ended(child *process.Child) <-chan struct{} {
	if child == nil {
		return nil
	}
	return child.Done()
}

// interrupted ends a run that was stopped or has failed: the children store what they hold, and the summary says what is left.
func (r *run) interrupted(ctx context.Context, cause error) error {
	if signal, ok := errors.AsType[*exit.Signal](cause); ok {
		r.warn("%v: the record processors store what they hold; again to stop at once\n", signal)
	}
	// The signal has cancelled ctx; a second one ends the process without asking.
	ctx = context.WithoutCancel(ctx)
	r.stopProducer(ctx)
	r.stop(ctx)
	rows, _ := r.cloud.shards()
	sum := total(rows)
	r.say("stopped: %d%s sent / %d stored / %d remain in the stream\n", sum.Records, r.progress.unit, sum.Stored, sum.Records-sum.Stored)
	if r.cfg.Export != "" {
		if err := r.export(); err != nil {
			return errors.Join(cause, err)
		}
	}
	return cause
}

func (r *run) killAll() {
	for _, child := range []*process.Child{r.producer, r.daemon} {
		if child != nil {
			child.Kill()
			<-child.Done()
		}
	}
}

func (r *run) export() error {
	objects, err := export(r.cloud.emulator.S3(), r.cloud.bucket, r.cfg.Export)
	if err != nil {
		return err
	}
	what := "objects"
	if objects == 1 {
		what = "object"
	}
	r.say("%d %s copied to %s\n", objects, what, r.cfg.Export)
	return nil
}

// finish verifies, reports and exports.
func (r *run) finish(ctx context.Context) error {
	elapsed := r.cloud.span()
	report, err := r.verify(ctx)
	if err != nil {
		return err
	}
	verdict := r.summary(report, elapsed)
	if r.cfg.Export != "" {
		if err := r.export(); err != nil {
			return errors.Join(verdict, err)
		}
	}
	if verdict == nil && r.refused {
		verdict = exit.With(exit.Refused, errRefused)
	}
	if r.cfg.Keep {
		stopped := r.keep(ctx)
		if verdict == nil {
			return stopped
		}
	}
	return verdict
}

// programName is what to type to run this program: clickstream, or its path where the shell would not find it.
func (r *run) programName() string {
	if _, err := exec.LookPath("clickstream"); err == nil {
		return "clickstream"
	}
	return r.cfg.Executable
}

// keep holds the emulator up until ctx is done.
func (r *run) keep(ctx context.Context) error {
	r.say("%s", r.cloud.lookAround(r.programName(), r.settingsFile()))
	<-ctx.Done()
	return context.Cause(ctx)
}
