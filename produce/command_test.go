package produce_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"clickstream/emulator"
	"clickstream/internal/exit"
	"clickstream/produce"
)

// command runs the command line as main does.
func command(t *testing.T, stdin string, args ...string) (out string, err error) {
	t.Helper()
	var stdout bytes.Buffer
	app := &cli.App{
		Reader: strings.NewReader(stdin), Writer: &stdout, ErrWriter: &stdout, Commands: []*cli.Command{produce.Command()},
		ExitErrHandler: func(*cli.Context, error) {},
	}
	err = app.RunContext(t.Context(), append([]string{"clickstream", "produce"}, args...))
	return stdout.String(), err
}

// isolate takes away what the machine says about AWS and about clickstream.
func isolate(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "CLICKSTREAM_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Chdir(t.TempDir())
}

func TestCommand(t *testing.T) {
	isolate(t)
	e := emulator.ServeT(t)
	t.Setenv("AWS_ENDPOINT_URL", e.URL)
	summary := filepath.Join(t.TempDir(), "summary.json")
	out, err := command(t, "", "--stream", "s", "--shards", "3", "--records", "900", "--batch", "100", "--tps", "0", "--in-flight", "2", "--seed", "7", "--summary", summary)
	if err != nil || !strings.Contains(out, "Sent 900 records to stream s: 900 stored, 0 failed, 0 not delivered") {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got["stored"] != 900.0 || got["requests"] != 9.0 || len(got["shards"].(map[string]any)) != 3 {
		t.Errorf("summary %s", text)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(summary), ".*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestCommandSettings(t *testing.T) {
	isolate(t)
	e := emulator.ServeT(t)
	t.Setenv("AWS_ENDPOINT_URL", e.URL)
	properties := "streamName = s\naggregation = true\norderByKey = true\nshardLimits = true\nrecordTtlMillis = 60000\nputRecordsTps = 0\n"
	if err := os.WriteFile("sample.properties", []byte(properties), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, "", "--records", "5000")
	if err != nil || !strings.Contains(out, "5000 stored") || !strings.Contains(out, "travel in aggregates") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := command(t, "", "--records", "50", "--aggregation=false", "--stream", "t"); err != nil || strings.Contains(out, "aggregates") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCommandInput(t *testing.T) {
	isolate(t)
	e := emulator.ServeT(t)
	t.Setenv("AWS_ENDPOINT_URL", e.URL)
	out, err := command(t, "{\"resource\":\"a\"}\nbad\n", "--stream", "s", "--input", "-", "--tps", "0", "--input-format", "jsonl")
	if exit.Code(err) != exit.Refused || !strings.Contains(out, "standard input: line 2: ") {
		t.Errorf("%v\n%s", err, out)
	}
	records, err := e.Kinesis().Records("s")
	if err != nil || len(records) != 1 || string(records[0].Data) != `{"resource":"a"}` || records[0].PartitionKey != "a" {
		t.Errorf("records %+v, %v", records, err)
	}
	if err := os.WriteFile("clicks.jsonl", []byte("{\"resource\":\"b\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := command(t, "", "--stream", "s", "--input", "clicks.jsonl", "--quiet"); err != nil || out != "" {
		t.Errorf("%v, printed %q", err, out)
	}
}

func TestCommandMistakes(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for _, test := range []struct {
		code int
		text string
		args []string
	}{
		{exit.Usage, "shards", []string{"--shards", "0"}},
		{exit.Usage, "from 1 to 1000", []string{"--in-flight", "0"}},
		{exit.Usage, "unknown input format", []string{"--input", "-", "--input-format", "xml"}},
		{exit.Usage, "open the input: ", []string{"--input", "no-such-file"}},
		{exit.Usage, "is a folder", []string{"--input", "."}},
		{exit.Usage, "--cors is for --listen", []string{"--cors", "*"}},
		{exit.Usage, "--listen goes with neither", []string{"--listen", "127.0.0.1:0", "--records", "3"}},
		{exit.Usage, "listen at 127.0.0.1:99999: ", []string{"--listen", "127.0.0.1:99999"}},
		{exit.Usage, "unexpected argument", []string{"clicks.jsonl"}},
		{exit.Failed, "nothing listens at http://127.0.0.1:1", nil},
	} {
		if _, err := command(t, "", test.args...); exit.Code(err) != test.code || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%v: %v, code %d", test.args, err, exit.Code(err))
		}
	}
}
