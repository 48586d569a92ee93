// Package logging makes the loggers that commands hand to what they run: text lines with time and level, to a writer or to a file that
// rotates. Nothing here is global.
package logging

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sirupsen/logrus"
	"gopkg.in/natefinch/lumberjack.v2"
)

// Limits of a log file: it is renamed at MaxMegabytes, and Backups renamed ones are kept.
const (
	MaxMegabytes = 50
	Backups      = 4
)

// New returns a logger that writes to w what is at least as grave as level: error, warn, info, debug or trace; "" is info.
func New(w io.Writer, level string) (*logrus.Entry, error) {
	parsed, err := parseLevel(level)
	if err != nil {
		return nil, err
	}
	logger := logrus.New()
	logger.SetOutput(w)
	logger.SetLevel(parsed)
	logger.SetFormatter(&logrus.TextFormatter{FullTimestamp: true, TimestampFormat: "2006-01-02T15:04:05.000Z07:00"})
	return logrus.NewEntry(logger), nil
}

// File is New for a file, which is appended to and rotates by size; its folder is made where it is missing. One process at a time may
// write a file. The closer closes it.
func File(path, level string) (*logrus.Entry, io.Closer, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, nil, fmt.Errorf("make the log's folder: %w", err)
	}
	// The rotating writer opens its file at the first line: what is wrong with the path is said now.
	probe, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log file: %w", err)
	}
	if err := probe.Close(); err != nil {
		return nil, nil, fmt.Errorf("close the log file: %w", err)
	}
	file := &lumberjack.Logger{Filename: path, MaxSize: MaxMegabytes, MaxBackups: Backups}
	entry, err := New(file, level)
	if err != nil {
		return nil, nil, err
	}
	return entry, file, nil
}

func parseLevel(level string) (logrus.Level, error) {
	if level == "" {
		level = "info"
	}
	levels := []string{"error", "warn", "info", "debug", "trace"}
	if !slices.Contains(levels, strings.ToLower(level)) {
		return 0, fmt.Errorf("log level must be one of %s, not %q", strings.Join(levels, ", "), level)
	}
	return logrus.ParseLevel(level)
}
