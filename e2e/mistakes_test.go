package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rogpeppe/go-internal/testscript"

	"clickstream/e2e"
)

// testMistakes runs testdata/script: the usual mistakes, each with its exit code and what is said. NAME is a name that nobody else has; a
// sample.properties with quick settings for it lies in the script's folder.
func testMistakes(s *scene) {
	t := s.T
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			t := env.T().(testing.TB)
			app := e2e.NewApp(t, s.at, s.program, nil)
			settings, err := os.ReadFile(filepath.Join(app.Folder, "sample.properties"))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(env.WorkDir, "sample.properties"), settings, 0o600); err != nil {
				return err
			}
			env.Setenv("NAME", app.Name)
			env.Setenv("PATH", filepath.Dir(s.program)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			for _, variable := range s.at.Environment {
				name, value, _ := strings.Cut(variable, "=")
				env.Setenv(name, value)
			}
			if s.at.URL == "" { // AWS: the environment's credentials and region
				for _, variable := range os.Environ() {
					if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") || name == "HOME" {
						env.Setenv(name, value)
					}
				}
			}
			env.Values[applicationKey{}] = app
			env.Values[testingKey{}] = t
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCode, "putobject": putObject, "removeobject": removeObject, "waitlines": waitLines,
		},
	})
}

// applicationKey and testingKey find a script's application and test.
type (
	applicationKey struct{}
	testingKey     struct{}
)

// exitCode runs a command and wants its exit code: exitcode 2 clickstream produce --no-such-flag.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE COMMAND…")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// putObject stores something that clickstream did not write: putobject KEY.
func putObject(ts *testscript.TestScript, _ bool, args []string) {
	app := ts.Value(applicationKey{}).(*e2e.App)
	bucket := app.Name
	_, err := app.S3.PutObject(ts.Value(testingKey{}).(testing.TB).Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &args[0], Body: bytes.NewReader([]byte("text"))})
	ts.Check(err)
}

// removeObject removes the application's first data object.
func removeObject(ts *testscript.TestScript, _ bool, _ []string) {
	app := ts.Value(applicationKey{}).(*e2e.App)
	bucket := app.Name
	for _, key := range app.Keys(ts.Value(testingKey{}).(testing.TB)) {
		if strings.HasPrefix(key, "shardId-") {
			_, err := app.S3.DeleteObject(ts.Value(testingKey{}).(testing.TB).Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
			ts.Check(err)
			return
		}
	}
	ts.Fatalf("there is no object")
}

// waitLines waits until objects hold so many lines: waitlines 2.
func waitLines(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Value(applicationKey{}).(*e2e.App).WaitStored(ts.Value(testingKey{}).(testing.TB), n)
}
