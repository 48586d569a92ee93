package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"clickstream/internal/exit"
	"clickstream/internal/process"
)

// How long the parts get to end by themselves. Together they stay under the ten seconds that Ctrl-C may take, but for the Java daemon.
const (
	producerStopLimit = 3 * time.Second
	goStopLimit       = 5 * time.Second
	javaStopMargin    = 20 * time.Second // after shutdownGraceMillis; bootstrap kills java before that
)

// A daemon that keeps dying is started again this often without any record stored in between, then the run has failed.
const daemonRestarts = 5

// pipeline is the processes of a run: one producer and, once there is a stream, one daemon with its children.
type pipeline struct {
	cfg      Config
	dir      string         // holds the settings file
	env      []string       // what points the processes at the emulator
	producer *process.Child // nil once it has ended and been judged
	refused  bool           // some input lines were not clicks
	daemon   *process.Child // nil before there is a stream, and after the end
	restarts int            // of the daemon, since a record was stored
	log      io.WriteCloser // the daemon's

	producerCPU, daemonCPU time.Duration // of those that have ended
}

// say tells the user something. Nothing can be done about an output that is gone.
func (p *pipeline) say(format string, args ...any) { _, _ = fmt.Fprintf(p.cfg.Stdout, format, args...) }

// warn is say for what should not have happened.
func (p *pipeline) warn(format string, args ...any) {
	_, _ = fmt.Fprintf(p.cfg.Stderr, format, args...)
}

func (p *pipeline) settingsFile() string { return filepath.Join(p.dir, "local.properties") }

// environment is this process's own without settings and AWS variables that would lead a child away from the emulator: the settings
// file holds what flags, environment and file came to. The file is named here and not in executableName, which is split at spaces.
func environment(endpoint, region, settingsFile string) []string {
	var env []string
	for _, variable := range os.Environ() {
		setting := strings.HasPrefix(variable, "CLICKSTREAM_") && !strings.Contains(variable, "LOG_LEVEL=")
		if !setting && !strings.HasPrefix(variable, "AWS_") {
			env = append(env, variable)
		}
	}
	return append(env, "CLICKSTREAM_PROPERTIES="+settingsFile,
		"AWS_ENDPOINT_URL="+endpoint, "AWS_REGION="+region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
}

func (p *pipeline) command(args ...string) *exec.Cmd {
	// The context is watched by whoever waits for the process: it is asked to end before it is killed.
	cmd := exec.Command(p.cfg.Executable, args...) //nolint:noctx // see above
	cmd.Env = p.env
	cmd.Stderr = p.cfg.Stderr
	return cmd
}

func (p *pipeline) startProducer() error {
	args := []string{"produce", "--in-flight", fmt.Sprint(p.cfg.InFlight), "--quiet"}
	if p.cfg.Records > 0 {
		args = append(args, "--records", fmt.Sprint(p.cfg.Records))
	}
	if p.cfg.Input != "" {
		args = append(args, "--input", p.cfg.Input)
	}
	cmd := p.command(args...)
	if p.cfg.Input == "-" {
		cmd.Stdin = p.cfg.Stdin
	}
	child, err := process.Start(cmd)
	if err != nil {
		return fmt.Errorf("the producer %s did not start: %w", p.cfg.Executable, err)
	}
	p.producer = child
	return nil
}

func (p *pipeline) startDaemon() error {
	cmd := p.command(p.cfg.daemonCommand()...)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	child, err := process.Start(cmd)
	if err != nil {
		return fmt.Errorf("the daemon %s did not start: %w", p.cfg.Executable, err)
	}
	p.daemon = child
	return nil
}

// daemonEnded decides what the end of the daemon means: it is started again unless it said that starting again cannot help, or it
// has died too often since the last stored record.
func (p *pipeline) daemonEnded() error {
	code := p.daemon.ExitCode()
	p.daemonCPU += p.daemon.CPU()
	p.daemon = nil
	if code == exit.Usage {
		return exit.With(exit.Usage, fmt.Errorf("the daemon gave up; its last words are in %s", p.cfg.daemonLog()))
	}
	p.restarts++
	if p.restarts > daemonRestarts {
		return fmt.Errorf("the daemon ended %d times without storing anything; its last words are in %s", p.restarts, p.cfg.daemonLog())
	}
	p.warn("The daemon ended (%s): starting it again.\n", ending(code))
	return p.startDaemon()
}

func ending(code int) string {
	if code < 0 {
		return "killed by a signal"
	}
	return fmt.Sprintf("exit code %d", code)
}

// producerEnded judges the producer's end: an error unless everything was sent but for lines that are no clicks.
func (p *pipeline) producerEnded() error {
	code := p.producer.ExitCode()
	p.producerCPU = p.producer.CPU()
	p.producer = nil
	switch code {
	case exit.Done:
		return nil
	case exit.Refused:
		p.refused = true
		return nil
	case exit.Usage:
		return exit.With(exit.Usage, errors.New("the producer gave up, see above"))
	default:
		return fmt.Errorf("the producer ended early (%s), see above", ending(code))
	}
}

// stopProducer lets the producer finish what is on its way.
func (p *pipeline) stopProducer(ctx context.Context) {
	if p.producer == nil {
		return
	}
	if !p.producer.Stop(ctx, producerStopLimit) {
		p.warn("The producer did not end within %v and was killed: whether its last requests took effect is not known.\n", producerStopLimit)
	}
	p.producerCPU = p.producer.CPU()
	p.producer = nil
}

// stop ends the daemon: its children store what they hold and checkpoint it.
func (p *pipeline) stop(ctx context.Context) {
	if p.daemon == nil {
		return
	}
	limit := p.cfg.daemonStopLimit()
	if !p.daemon.Stop(ctx, limit) {
		p.warn("The daemon did not end within %v and was killed: what its children held stays in the stream.\n", limit)
	}
	p.daemonCPU += p.daemon.CPU()
	p.daemon = nil
}
