package bootstrap_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap"
	"clickstream/bootstrap/jars"
	"clickstream/internal/exit"
	"clickstream/properties"
)

// machine makes an empty working directory and a cache, and a Java installation whose java prints its arguments, a line each.
func machine(t *testing.T, version string) (java string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the command line is tried in a POSIX shell")
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "JAVA_HOME", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDWATCH", "CLICKSTREAM_PROPERTIES",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), "cache"))
	home := filepath.Join(t.TempDir(), "it's $HOME")
	write(t, filepath.Join(home, "release"), "JAVA_VERSION=\""+version+"\"\n", 0o600)
	java = filepath.Join(home, "bin", "java")
	write(t, java, "#!/bin/sh\nfor a; do echo \"$a\"; done\n", 0o755)
	return java
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// noJars are the options for a version of which there are no jars at all, so that nothing is fetched.
func noJars() jars.Options {
	return jars.Options{Lock: &jars.Lock{KCL: "3.1.3"}, Dir: "jars", Offline: true}
}

// run runs bootstrap with the settings of a file.
func run(t *testing.T, path string, cfg bootstrap.Config) (out, log string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cfg.Out, cfg.Err, cfg.Jars = &stdout, &stderr, noJars()
	if cfg.Settings, err = properties.Load(path, nil); err != nil {
		t.Fatal(err)
	}
	err = bootstrap.Run(context.Background(), cfg)
	return stdout.String(), stderr.String(), err
}

// paste runs a printed command in a shell and returns the arguments that java got.
func paste(t *testing.T, command string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", command).Output()
	if err != nil {
		t.Fatalf("pasting %s: %v", command, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// daemonFile returns the settings in the file that java's arguments name.
func daemonFile(t *testing.T, arguments []string) map[string]string {
	t.Helper()
	for i, argument := range arguments {
		if argument != "--properties-file" {
			continue
		}
		text, err := os.Open(arguments[i+1])
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = text.Close() }()
		file, err := properties.Parse(text, arguments[i+1])
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, entry := range file.Entries {
			if _, twice := all[entry.Key]; twice {
				t.Errorf("%s is there twice", entry.Key)
			}
			all[entry.Key] = entry.Value
		}
		return all
	}
	t.Fatalf("no --properties-file in %q", arguments)
	return nil
}

func TestCommandWorksWhenPasted(t *testing.T) {
	java := machine(t, "17.0.15")
	write(t, "my settings.properties", "regionName = eu-west-1\nfailoverTimeMillis = 9", 0o600)
	write(t, "my settings.properties", "regionName = eu-west-1", 0o600)
	write(t, "log.xml", "", 0o600)
	command, log, err := run(t, "my settings.properties", bootstrap.Config{Java: java, LogConfiguration: "log.xml"})
	if err != nil {
		t.Fatal(err)
	}
	arguments := paste(t, command)
	if len(arguments) != 6 || arguments[0][0] != '@' {
		t.Fatalf("java's arguments are %q", arguments)
	}
	want := []string{bootstrap.MainClass, "--properties-file", arguments[3], "--log-configuration", "log.xml"}
	if diff := cmp.Diff(want, arguments[1:]); diff != "" {
		t.Errorf("java's arguments (-want +got):\n%s", diff)
	}
	if log != "" || strings.Count(command, "\n") != 1 {
		t.Errorf("printed %q and %q", command, log)
	}
	if text, err := os.ReadFile(arguments[0][1:]); err != nil || string(text) != "-cp\n\"\"\n" {
		t.Errorf("the class path's file says %q, %v", text, err)
	}
}

func TestJava8KnowsNoArgumentFiles(t *testing.T) {
	java := machine(t, "1.8.0_392")
	command, _, err := run(t, "", bootstrap.Config{Java: java})
	if err != nil {
		t.Fatal(err)
	}
	if arguments := paste(t, command); arguments[0] != "-cp" {
		t.Errorf("java's arguments are %q", arguments)
	}
}

func TestSampleIsWrittenOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	var log bytes.Buffer
	if written, err := bootstrap.WriteSample(properties.SampleName, &log); err != nil || !written || !strings.Contains(log.String(), "wrote sample.properties") {
		t.Errorf("written %v, %v: %s", written, err, &log)
	}
	if text, err := os.ReadFile(properties.SampleName); err != nil || !bytes.Equal(text, properties.Sample()) {
		t.Errorf("sample.properties has %d bytes, %v", len(text), err)
	}
	write(t, properties.SampleName, "shards = 7", 0o600)
	log.Reset()
	if written, err := bootstrap.WriteSample(properties.SampleName, &log); err != nil || written || log.Len() > 0 {
		t.Errorf("the second time: %v, %v: %s", written, err, &log)
	}
	if text, _ := os.ReadFile(properties.SampleName); string(text) != "shards = 7" {
		t.Errorf("my file became %q", text)
	}
	if _, err := bootstrap.WriteSample("none/sample.properties", &log); exit.Code(err) != exit.Usage {
		t.Errorf("in no folder: %v", err)
	}
}

func TestMistakesGetASentence(t *testing.T) {
	java := machine(t, "17.0.15")
	old := filepath.Join(t.TempDir(), "bin", "java")
	write(t, old, "#!/bin/sh\necho 'java version \"1.7.0_80\"' >&2\n", 0o755)
	for name, test := range map[string]struct {
		cfg  bootstrap.Config
		text string
	}{
		"no such java":         {bootstrap.Config{Java: "./java"}, "no java program by --java"},
		"old java":             {bootstrap.Config{Java: old}, "is Java 1.7.0_80, and the daemon needs Java 8 or later"},
		"no log configuration": {bootstrap.Config{Java: java, LogConfiguration: "none.xml"}, "the log configuration"},
		"execute without java": {bootstrap.Config{Java: "./java", Execute: true}, "no java program"},
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := run(t, "", test.cfg)
			if err == nil || !strings.Contains(err.Error(), test.text) || exit.Code(err) != exit.Usage || out != "" {
				t.Errorf("error %v with code %d and output %q, want %q", err, exit.Code(err), out, test.text)
			}
		})
	}
	t.Setenv("JAVA_HOME", t.TempDir())
	if _, _, err := run(t, "", bootstrap.Config{}); err == nil || !strings.Contains(err.Error(), "by JAVA_HOME") {
		t.Errorf("error %v, want one on JAVA_HOME", err)
	}
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PATH", t.TempDir())
	if _, _, err := run(t, "", bootstrap.Config{Execute: true}); err == nil || !strings.Contains(err.Error(), "by the PATH") {
		t.Errorf("error %v, want one on the PATH", err)
	}
	out, log, err := run(t, "", bootstrap.Config{})
	if err != nil || !strings.HasPrefix(out, "java -cp ") || !strings.Contains(log, "no java program by the PATH") {
		t.Errorf("printed %q and %q: %v", out, log, err)
	}
}
