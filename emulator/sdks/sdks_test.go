// Package sdks_test runs one script by every AWS SDK in use against the emulator, and compares what each sees.
package sdks_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
)

// tools is where install.sh puts what the scripts need.
const tools = "../../.tools"

// TestSDKs compares the transcripts of all SDKs with one golden file. Lines that begin with a word that an SDK cannot say are left out
// of its own. They run one after the other, as each keeps the machine busy.
func TestSDKs(t *testing.T) {
	if testing.Short() {
		t.Skip("seven SDKs take minutes, which -short leaves out")
	}
	tests := []struct {
		name   string
		script func(*testing.T, string) string
		cannot string
	}{
		{"boto3", runPython, ""},
		{"aws command line", runCommandLine, "fan-out"},
		{"aws-sdk-go-v2", runGo, ""},
		{"aws-sdk-js v3", runNode, ""},
		{"Java, synchronous", runJava("sync"), "fan-out"},
		{"Java, asynchronous", runJava("async"), ""},
		{"Java, common runtime", runJava("crt"), "fan-out"},
	}
	golden, err := os.ReadFile("testdata/transcript.golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := serve(t)
			var want []string
			for line := range strings.Lines(string(golden)) {
				if test.cannot == "" || !strings.HasPrefix(line, test.cannot+" ") {
					want = append(want, line)
				}
			}
			got := strings.ReplaceAll(test.script(t, e.URL), "\r\n", "\n")
			if diff := cmp.Diff(want, slices.Collect(strings.Lines(got))); diff != "" {
				t.Errorf("transcript (-want +got):\n%s", diff)
			}
		})
	}
}

// serve starts an emulator that checks every SDK's signatures.
func serve(t *testing.T) *emulator.Emulator {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(emulator.Options{Listener: listener, Credentials: map[string]string{"test": "test"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// run starts a script and returns what it prints.
func run(t *testing.T, environment []string, name string, arguments ...string) string {
	t.Helper()
	const patience = 10 * time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	folder := t.TempDir() // where no script finds settings of the machine's user
	command := exec.CommandContext(ctx, name, arguments...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(append(command.Env, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+filepath.Join(folder, "config"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(folder, "credentials"),
	), environment...)
	// Version 2 of the command line wants base64 where version 1 takes text.
	if err := os.WriteFile(filepath.Join(folder, "config"), []byte("[default]\ncli_binary_format = raw-in-base64-out\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, complaints.String())
	}
	return string(out)
}

// need skips a test for want of a program or file, or fails it in CI, where install.sh has run.
func need(t *testing.T, what string, there bool) {
	t.Helper()
	switch {
	case there:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is missing, though emulator/sdks/install.sh installs it", what)
	default:
		t.Skipf("%s is missing; emulator/sdks/install.sh installs it", what)
	}
}

// absolute returns the path of a file below tools, and whether it is there.
func absolute(t *testing.T, parts ...string) (string, bool) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{tools}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat(path)
	return path, err == nil
}

func onPath(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

func runPython(t *testing.T, endpoint string) string {
	t.Helper()
	python, ok := absolute(t, "python", "bin", "python")
	need(t, "boto3", ok)
	return run(t, nil, python, "script.py", endpoint)
}

func runCommandLine(t *testing.T, endpoint string) string {
	t.Helper()
	aws, ok := absolute(t, "python", "bin", "aws")
	need(t, "the aws command line", ok && onPath("bash"))
	return run(t, []string{"PATH=" + filepath.Dir(aws) + string(os.PathListSeparator) + os.Getenv("PATH")}, "bash", "script.sh", endpoint)
}

func runNode(t *testing.T, endpoint string) string {
	t.Helper()
	modules, ok := absolute(t, "node", "node_modules")
	need(t, "aws-sdk-js v3 or Node", ok && onPath("node"))
	return run(t, []string{"NODE_PATH=" + modules}, "node", "script.cjs", endpoint)
}

func runJava(kind string) func(*testing.T, string) string {
	return func(t *testing.T, endpoint string) string {
		t.Helper()
		file, ok := absolute(t, "java", "classpath")
		need(t, "the AWS SDK for Java or Java 17", ok && onPath("java"))
		jars, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return run(t, nil, "java", "-XX:TieredStopAtLevel=1", "-cp", strings.TrimSpace(string(jars)), "Script.java", kind, endpoint)
	}
}
