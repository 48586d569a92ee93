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
	"clickstream/internal/exit"
	"clickstream/properties"
)

// machine makes an empty working directory, and a java program that prints its arguments, a line each.
func machine(t *testing.T) (java string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the command line is tried in a POSIX shell")
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "JAVA_HOME"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	home := filepath.Join(t.TempDir(), "it's $HOME", "bin")
	if err := os.MkdirAll(home, 0o755); err != nil {
		t.Fatal(err)
	}
	java = filepath.Join(home, "java")
	if err := os.WriteFile(java, []byte("#!/bin/sh\nfor a; do echo \"$a\"; done\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return java
}

func run(cfg bootstrap.Config) (out, log string, err error) {
	var stdout, stderr bytes.Buffer
	cfg.Out, cfg.Err = &stdout, &stderr
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

func TestCommandWorksWhenPasted(t *testing.T) {
	java := machine(t)
	for name, content := range map[string]string{"my settings.properties": "regionName = eu-west-1", "log.xml": ""} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command, log, err := run(bootstrap.Config{Java: java, Properties: "my settings.properties", LogConfiguration: "log.xml", JarPath: "the jars"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"-cp", "the jars/*:.", bootstrap.MainClass, "--properties-file", "my settings.properties", "--log-configuration", "log.xml"}
	if diff := cmp.Diff(want, paste(t, command)); diff != "" {
		t.Errorf("java's arguments (-want +got):\n%s", diff)
	}
	if log != "" || strings.Count(command, "\n") != 1 {
		t.Errorf("printed %q and %q", command, log)
	}
}

func TestSampleIsWrittenOnce(t *testing.T) {
	java := machine(t)
	t.Setenv("JAVA_HOME", filepath.Dir(filepath.Dir(java)))
	command, log, err := run(bootstrap.Config{Properties: "sample.properties"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log, "wrote sample.properties") {
		t.Errorf("it said %q", log)
	}
	want := []string{"-Daws.region=us-east-1", "-cp", "jars/*:.", bootstrap.MainClass, "--properties-file", "sample.properties"}
	if diff := cmp.Diff(want, paste(t, command)); diff != "" {
		t.Errorf("java's arguments (-want +got):\n%s", diff)
	}
	if text, err := os.ReadFile("sample.properties"); err != nil || !bytes.Equal(text, properties.Sample()) {
		t.Errorf("sample.properties has %d bytes, %v", len(text), err)
	}
	if err := os.WriteFile("sample.properties", []byte("shards = 7"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, log, err := run(bootstrap.Config{}); err != nil || log != "" {
		t.Errorf("the second time: %q, %v", log, err)
	}
	if text, _ := os.ReadFile("sample.properties"); string(text) != "shards = 7" {
		t.Errorf("my file became %q", text)
	}
}

func TestMistakesGetASentence(t *testing.T) {
	java := machine(t)
	if err := os.WriteFile("bad.properties", []byte("a=b\nshards=0"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		cfg  bootstrap.Config
		text string
		code int
	}{
		"no such settings":      {bootstrap.Config{Java: java, Properties: "none.properties"}, "there is no properties file none.properties", exit.Usage},
		"bad setting":           {bootstrap.Config{Java: java, Properties: "bad.properties"}, "bad.properties:2: shards must be at least 1", exit.Usage},
		"no such java":          {bootstrap.Config{Java: "./java"}, "no java program by --java", exit.Usage},
		"no log configuration":  {bootstrap.Config{Java: java, LogConfiguration: "none.xml"}, "the log configuration", exit.Usage},
		"sample in no folder":   {bootstrap.Config{Java: java, Properties: "none/sample.properties"}, "write the sample settings", exit.Usage},
		"execute is for later":  {bootstrap.Config{Java: java, Execute: true}, "comes with a later release", exit.Failed},
		"execute without java ": {bootstrap.Config{Java: "./java", Execute: true}, "no java program", exit.Usage},
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := run(test.cfg)
			if err == nil || !strings.Contains(err.Error(), test.text) || exit.Code(err) != test.code || out != "" {
				t.Errorf("error %v with code %d and output %q, want %q with %d", err, exit.Code(err), out, test.text, test.code)
			}
		})
	}
	t.Setenv("JAVA_HOME", t.TempDir())
	if _, _, err := run(bootstrap.Config{}); err == nil || !strings.Contains(err.Error(), "by JAVA_HOME") {
		t.Errorf("error %v, want one on JAVA_HOME", err)
	}
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PATH", t.TempDir())
	if _, _, err := run(bootstrap.Config{Execute: true}); err == nil || !strings.Contains(err.Error(), "by the PATH") {
		t.Errorf("error %v, want one on the PATH", err)
	}
}

// TestWithoutJava writes the sample on a machine that has only Go, as README has it done, and prints the command for another one.
func TestWithoutJava(t *testing.T) {
	machine(t)
	t.Setenv("PATH", t.TempDir())
	out, log, err := run(bootstrap.Config{Properties: properties.SampleName})
	if err != nil || !strings.HasPrefix(out, "java ") || !strings.Contains(log, "no java program by the PATH") {
		t.Errorf("printed %q and %q: %v", out, log, err)
	}
}
