package opdocs_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/cloudwatch"
	"clickstream/emulator/dynamodb"
	"clickstream/emulator/internal/opdocs"
	"clickstream/emulator/internal/wire"
	"clickstream/emulator/kinesis"
	"clickstream/emulator/s3"
	"clickstream/emulator/sts"
)

// TestDocumentIsUpToDate fails when docs/emulator.md says of an operation something else than the comment at it.
func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	updated, err := opdocs.Update(string(text), "../..")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), updated); diff != "" {
		t.Errorf("run go generate ./emulator/internal/opdocs: %s", diff)
	}
}

// TestEveryOperationHasAComment compares the services' own lists with the comments.
func TestEveryOperationHasAComment(t *testing.T) {
	t.Parallel()
	streams, err := kinesis.New(kinesis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	served := map[string][]string{"s3": s3.New(nil).Operations()}
	for folder, table := range map[string]wire.Table{
		"kinesis": streams.Operations(), "dynamodb": dynamodb.New(nil).Operations(), "cloudwatch": cloudwatch.New(nil).Operations(), "sts": sts.New(nil).Operations(),
	} {
		served[folder] = slices.Collect(maps.Keys(table))
	}
	for folder, names := range served {
		operations, err := opdocs.Collect(filepath.Join("../..", folder))
		if err != nil {
			t.Fatal(err)
		}
		var commented []string
		for _, one := range operations {
			commented = append(commented, one.Name)
			if !slices.Contains(names, one.Name) {
				t.Errorf("%s: %s has a comment and is not served", folder, one.Name)
			}
		}
		for _, name := range names {
			if !slices.Contains(commented, name) {
				t.Errorf("%s: no comment says what %s keeps", folder, name)
			}
		}
	}
}

func TestCollectRefusesHalfAComment(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	source := "package x\n\n// Op: https://docs.aws.amazon.com/x/API_Op.html\n// Kept: all.\n"
	if err := os.WriteFile(filepath.Join(folder, "op.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := opdocs.Collect(folder); err == nil || !strings.Contains(err.Error(), "Op") {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "op.go"), []byte(source+"// Left out: what is multi-\n// part.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := opdocs.Collect(folder)
	want := []opdocs.Operation{{Name: "Op", URL: "https://docs.aws.amazon.com/x/API_Op.html", Kept: "all.", LeftOut: "what is multi-part."}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, %s", err, diff)
	}
}
