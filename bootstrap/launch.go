package bootstrap

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"clickstream/bootstrap/jars"
	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/worker"
	"clickstream/properties"
)

// launch is one start of the daemon.
type launch struct {
	Config
	java    program
	user    *properties.File
	clients *awsclient.Clients
	worker  *worker.Identity // nil for a command that is printed: nobody would hold the id for it

	ensureJars func() (*jars.Set, error)
	jars       *jars.Set // what ensureJars returned
}

// print writes the command line.
func (l *launch) print() error {
	path := l.Settings.Path
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	words, err := l.command("printed " + path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(l.Out, quoteAll(words))
	return err
}

// command writes the daemon's files and returns the command that starts it. name is what no other daemon on this machine has.
func (l *launch) command(name string) ([]string, error) {
	dir, err := folder(name)
	if err != nil {
		return nil, err
	}
	settings, err := l.writeSettings(dir)
	if err != nil {
		return nil, err
	}
	log, err := l.logConfiguration(dir)
	if err != nil {
		return nil, err
	}
	if l.jars, err = l.ensureJars(); err != nil {
		return nil, err
	}
	arguments, err := classPath(l.java.version, l.jars.ClassPath(), dir)
	if err != nil {
		return nil, err
	}
	words := append([]string{l.java.path}, arguments...)
	return append(words, MainClass, "--properties-file", settings, "--log-configuration", log), nil
}

// writeSettings writes the daemon's own properties file.
func (l *launch) writeSettings(dir string) (path string, err error) {
	effective := effectiveValues(l.user, l.Settings, l.clients, l.say)
	if l.worker != nil {
		effective["workerId"] = l.worker.ID
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	if effective["executableName"], err = childCommand(l.Settings, self, dir); err != nil {
		return "", exit.With(exit.Usage, err)
	}
	return writeFile(dir, "daemon.properties", derive(l.user, l.Settings, effective).bytes())
}

//go:embed logback.xml
var logback string

// DaemonLog is where the daemon logs to, below the working directory, unless it is told otherwise.
const DaemonLog = "logs/application.log"

// logFile is where this daemon logs to. Of several that run on this machine for one application each has its own.
func (l *launch) logFile() string {
	if l.worker == nil || l.worker.Number < 2 {
		return DaemonLog
	}
	return strings.Replace(DaemonLog, ".log", fmt.Sprintf("-worker-%d.log", l.worker.Number), 1)
}

func (l *launch) logConfiguration(dir string) (path string, err error) {
	if l.LogConfiguration != "" {
		if _, err := os.Stat(l.LogConfiguration); err != nil {
			return "", exit.With(exit.Usage, fmt.Errorf("the log configuration: %w", err))
		}
		return l.LogConfiguration, nil
	}
	return writeFile(dir, "logback.xml", []byte(strings.ReplaceAll(logback, DaemonLog, l.logFile())))
}
