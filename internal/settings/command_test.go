package settings_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"clickstream/internal/exit"
	"clickstream/internal/settings"
	"clickstream/properties"
)

func load(t *testing.T, keys []string, args ...string) (*properties.Config, string, error) {
	t.Helper()
	var config *properties.Config
	var out strings.Builder
	app := &cli.App{Writer: &out, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{{
		Name: "c", Flags: settings.Flags(keys...),
		Action: func(c *cli.Context) (err error) {
			config, err = settings.Load(c)
			return err
		},
	}}}
	err := app.Run(append([]string{"clickstream", "c"}, args...))
	return config, out.String(), err
}

func TestLoadOrder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mine.properties")
	if err := os.WriteFile(file, []byte("shards=3\nstreamName=of-file\nbucket=of-file\nmaxRecords=7"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("CLICKSTREAM_SHARDS", "4")
	t.Setenv("CLICKSTREAM_STREAM_NAME", "of-environment")
	t.Setenv("CLICKSTREAM_BUCKET", "")
	t.Setenv("CLICKSTREAM_PUT_RECORDS_TPS", "1.5")
	keys := []string{"streamName", "shards", "bucket", "createBucketIfNotPresent"}
	config, _, err := load(t, keys, "-p", file, "--shards", " 5 ", "--create-bucket-if-not-present=false")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{config.Shards, config.StreamName, config.Bucket, config.MaxRecords, config.PutRecordsTps, config.CreateBucketIfNotPresent, config.Format, config.Path}
	want := []any{5, "of-environment", "of-file", 7, 1.5, false, "jsonl", file}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("value %d is %v, want %v", i, got[i], want[i])
		}
	}
	t.Setenv("CLICKSTREAM_PROPERTIES", file)
	config, _, err = load(t, keys, "--stream", "of-alias")
	if err != nil {
		t.Fatal(err)
	}
	if config.Path != file || config.StreamName != "of-alias" {
		t.Errorf("file %q, stream %q, want %q and of-alias", config.Path, config.StreamName, file)
	}
}

func TestLoadErrorsNameTheirOrigin(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CLICKSTREAM_MAX_RECORDS", "many")
	_, _, err := load(t, []string{"shards"}, "--shards", "0")
	if err == nil || err.Error() != `--shards: shards must be at least 1, not "0"` || exit.Code(err) != exit.Usage {
		t.Errorf("error %v with code %d", err, exit.Code(err))
	}
	_, _, err = load(t, []string{"shards"})
	if err == nil || !strings.HasPrefix(err.Error(), "environment variable CLICKSTREAM_MAX_RECORDS: maxRecords must be") {
		t.Errorf("error %v", err)
	}
}

func TestHelpNamesUnitDefaultAndEnvironment(t *testing.T) {
	_, help, err := load(t, []string{"recordsToWritePerBatch", "maxBufferSize", "bucket", "createBucketIfNotPresent"}, "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"--properties FILE, -p FILE",
		"--records-to-write-per-batch value, --batch value",
		"(default: 5 records) [$CLICKSTREAM_RECORDS_TO_WRITE_PER_BATCH]",
		"(default: 1048576 bytes) [$CLICKSTREAM_MAX_BUFFER_SIZE]",
		"(default: clickstream-<account>-<region>) [$CLICKSTREAM_BUCKET]",
		"(default: true) [$CLICKSTREAM_CREATE_BUCKET_IF_NOT_PRESENT]",
	} {
		if !strings.Contains(help, want) {
			t.Errorf("help lacks %q:\n%s", want, help)
		}
	}
}
