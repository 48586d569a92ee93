// Package bootstrap makes the command line that starts the Kinesis Client Library's Java MultiLangDaemon on the same properties file that
// everything else here reads.
package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/properties"
)

// MainClass is the Java MultiLangDaemon's, in KCL 2 and 3.
const MainClass = "software.amazon.kinesis.multilang.MultiLangDaemon"

// Config is what the command line is made of. Empty paths mean what the flags' help says.
type Config struct {
	Properties       string
	LogConfiguration string
	JarPath          string
	Java             string
	Execute          bool

	Out io.Writer // takes the command line and nothing else
	Err io.Writer
}

// Run writes the command line to cfg.Out, quoted for the shell (on Windows, for its command prompt). A file named sample.properties that
// does not exist is written first. With Execute it fails, for now.
func Run(ctx context.Context, cfg Config) error {
	if cfg.Properties == "" {
		cfg.Properties = properties.SampleName
	}
	if err := writeSample(cfg.Properties, cfg.Err); err != nil {
		return err
	}
	settings, err := properties.Load(cfg.Properties, nil)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	command, err := commandLine(ctx, &cfg, settings)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	if cfg.Execute {
		return errors.New("fetching the daemon's jars and running it comes with a later release; without -e the command to run is printed, " +
			"and clickstream daemon runs the same settings without Java")
	}
	_, err = fmt.Fprintln(cfg.Out, quoteAll(command))
	return err
}

// writeSample writes the sample where it is asked for by its own name and is not there. A file that is there stays as it is.
func writeSample(path string, log io.Writer) error {
	if filepath.Base(path) != properties.SampleName {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return exit.With(exit.Usage, fmt.Errorf("write the sample settings: %w", err))
	}
	_, err = file.Write(properties.Sample())
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("write the sample settings: %w", err), os.Remove(path))
	}
	_, _ = fmt.Fprintf(log, "wrote %s: every setting with its default and a comment\n", path)
	return nil
}

func commandLine(ctx context.Context, cfg *Config, settings *properties.Config) ([]string, error) {
	java, err := findJava(cfg.Java)
	switch {
	case err != nil && (cfg.Execute || java == ""):
		return nil, err
	case err != nil: // the command may be meant for another machine
		_, _ = fmt.Fprintf(cfg.Err, "%v\n", err)
	}
	jars := cfg.JarPath
	if jars == "" {
		jars = "jars"
	}
	command := []string{java}
	if settings.RegionName == "" {
		// Java's SDK has no region to fall back on; it is to be the one that clickstream itself takes.
		clients, err := awsclient.Load(ctx, settings)
		if err != nil {
			return nil, err
		}
		command = append(command, "-Daws.region="+clients.Region)
	}
	command = append(command, "-cp", classPath(jars, cfg.Properties), MainClass, "--properties-file", cfg.Properties)
	if cfg.LogConfiguration != "" {
		if _, err := os.Stat(cfg.LogConfiguration); err != nil {
			return nil, fmt.Errorf("the log configuration: %w", err)
		}
		command = append(command, "--log-configuration", cfg.LogConfiguration)
	}
	return command, nil
}

// classPath is every jar of a folder, by java's own wildcard, and the folder of the properties file: the daemon looks for the file on the
// class path first.
func classPath(jars, file string) string {
	return strings.Join([]string{filepath.Join(jars, "*"), filepath.Dir(file)}, string(os.PathListSeparator))
}

// findJava returns the java to run: the one given, that of JAVA_HOME, or the first on the PATH. With the error that there is none on the
// PATH it returns the bare name.
func findJava(given string) (string, error) {
	name, whence, bare := given, "--java", ""
	switch home := os.Getenv("JAVA_HOME"); {
	case given != "":
	case home != "":
		name, whence = filepath.Join(home, "bin", "java"), "JAVA_HOME"
	default:
		name, whence, bare = "java", "the PATH", "java"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return bare, fmt.Errorf("no java program by %s (%w): install Java 8 or later, or name one by --java", whence, err)
	}
	return path, nil
}

func quoteAll(words []string) string {
	quote := quoteShell
	if runtime.GOOS == "windows" {
		quote = quoteWindows
	}
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return strings.Join(quoted, " ")
}

// quoteShell quotes a word for POSIX shells: nothing but the single quote means anything between single quotes.
func quoteShell(word string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("0123456789-_=+,./:@%", r))
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// quoteWindows quotes a word for the command prompt. File names there hold no double quote.
func quoteWindows(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t&|<>^()*;,='") {
		return word
	}
	return `"` + word + `"`
}
