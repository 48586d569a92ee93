// Package bootstrap runs the Kinesis Client Library's Java MultiLangDaemon on the same properties file that everything else here reads: it
// fetches the daemon's jars and verifies them, completes the settings with what the daemon needs, starts it and stops it in order.
package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/java"
	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/worker"
	"clickstream/properties"
)

// Config says how the daemon is run.
type Config struct {
	Settings *properties.Config

	Java             string       // the java program; empty: that of JAVA_HOME, else the one on the PATH
	Jars             jars.Options // which jars, and where they come from
	LogConfiguration string       // a logback file; empty: one that keeps logs/application.log
	Execute          bool         // run the command, rather than write it to Out
	TakeLeases       bool         // with Execute: create the leases of an application that has none, for this daemon

	Out io.Writer // takes the command line and nothing else, and with Execute what the daemon writes to its standard output
	Err io.Writer
}

// WriteSample writes the sample where it is asked for by its own name and is not there, and says so to log. A file that is there stays as it is.
func WriteSample(path string, log io.Writer) (written bool, err error) {
	if filepath.Base(path) != properties.SampleName {
		return false, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, exit.With(exit.Usage, fmt.Errorf("write the sample settings: %w", err))
	}
	_, err = file.Write(properties.Sample())
	if err = errors.Join(err, file.Close()); err != nil {
		return false, errors.Join(fmt.Errorf("write the sample settings: %w", err), os.Remove(path))
	}
	_, _ = fmt.Fprintf(log, "wrote %s: every setting with its default and a comment\n", path)
	return true, nil
}

// Run writes a command line to cfg.Out that starts the daemon, quoted for the shell (on Windows, for its command prompt); or with Execute it runs
// the daemon until that ends or ctx is done. The daemon is then asked to stop, and Run returns nil if its record processors have
// all stored what they hold. Where the daemon ends by itself the error has its exit code.
func Run(ctx context.Context, cfg Config) error {
	// Where all are there, verifying them is most of the work: the rest is done beside it.
	ensureJars, stop := jars.Begin(ctx, cfg.Jars)
	defer stop()
	found, err := cfg.findJava(ctx)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	user, err := readUser(cfg.Settings)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	clients, err := awsclient.Load(ctx, cfg.Settings)
	if err != nil {
		return err
	}
	l := &launch{Config: cfg, java: found, ensureJars: ensureJars, user: user, clients: clients}
	if !cfg.Execute {
		return l.print()
	}
	if l.worker, err = worker.Claim(cfg.Settings); err != nil {
		return err
	}
	defer l.worker.Release()
	return l.execute(ctx)
}

// program is a java program.
type program struct {
	path    string
	version java.Version
}

// findJava returns the java to run. A command to be printed may be meant for later, when there is one: its absence is an error only where it was
// named.
func (cfg *Config) findJava(ctx context.Context) (program, error) {
	path, err := java.Find(cfg.Java)
	switch {
	case err != nil && (cfg.Execute || path == ""):
		return program{}, err
	case err != nil:
		cfg.say("%v", err)
		return program{path: path}, nil
	}
	version, err := java.Installed(ctx, path)
	if err == nil && !version.NewEnough() {
		err = fmt.Errorf("%s is Java %s, and the daemon needs Java %d or later: install one, or name one by --java or JAVA_HOME", path, version.Text, java.Oldest)
	}
	return program{path, version}, err
}

// say writes a line for people.
func (cfg *Config) say(format string, args ...any) {
	_, _ = fmt.Fprintf(cfg.Err, format+"\n", args...)
}
