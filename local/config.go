package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"clickstream/properties"
)

// DefaultRecords is how many clicks a run generates when nothing else says when it ends.
const DefaultRecords = 100_000

// Config says what a run of the whole pipeline does. Executable is the clickstream binary that plays producer, daemon and consumers.
type Config struct {
	Settings *properties.Config

	Records  int64         // clicks to send; 0 with Input or For: no limit
	Input    string        // file of clicks, "-" for Stdin; "" generates
	For      time.Duration // stop producing after this long; 0: no limit
	InFlight int           // PutRecords requests at once
	Export   string        // folder for the bucket's objects; "" for none
	Keep     bool          // stay up afterwards
	Port     int           // of the emulator; 0 picks one
	CPU      bool          // say how much CPU time each part took

	Daemon     string // go or java
	KCLVersion string // of the Java daemon; "" is the default version
	Executable string
	Stdin      io.Reader
	Stdout     io.Writer
	Stderr     io.Writer
}

// check finds what would make a run fail at its end, before it starts.
func (c *Config) check() error {
	if c.Records < 0 {
		return badRecords(c.Records)
	}
	if c.For < 0 {
		return badDuration(c.For)
	}
	if c.InFlight < 1 {
		return fmt.Errorf("--in-flight %d: at least one request has to be on its way", c.InFlight)
	}
	if c.Daemon != daemonGo && c.Daemon != daemonJava {
		return fmt.Errorf("--daemon %s: it is %s or %s", c.Daemon, daemonGo, daemonJava)
	}
	if c.Port < 0 || c.Port > 65535 {
		return fmt.Errorf("--port %d: a port is a number from 0 (any free one) to 65535", c.Port)
	}
	if c.Input != "" && c.Input != "-" {
		if err := readable(c.Input); err != nil {
			return err
		}
	}
	return checkExport(c.Export)
}

func badRecords(records int64) error {
	return fmt.Errorf("--records %d: it is a number of clicks, 1 or more; without it there are %d, or as many as --input or --for make", records, DefaultRecords)
}

func badDuration(duration time.Duration) error {
	return fmt.Errorf("--for %v: it is a duration above zero, such as 30s or 5m", duration)
}

func readable(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("--input: %w", err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return fmt.Errorf("--input: %s is a folder; it takes a file of clicks, or - for standard input", name)
	}
	return nil
}

// checkExport wants an empty folder, or makes one: objects of an earlier run beside this one's would look like clicks stored twice.
func checkExport(dir string) error {
	if dir == "" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return fmt.Errorf("--export: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("--export: %s is not empty (%s is there); name an empty or a new folder", dir, entries[0].Name())
	}
	return nil
}

// Logs are where the sample has always kept them, beside where the command was called.
const logDir = "logs"

func (c *Config) daemonLog() string { return filepath.Join(logDir, "daemon.log") }

// limited says whether the producer ends by itself.
func (c *Config) limited() bool { return c.Records > 0 || c.Input != "" || c.For > 0 }
