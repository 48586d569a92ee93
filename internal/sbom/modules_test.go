package sbom_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/sbom"
)

func write(t *testing.T, info *debug.BuildInfo) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := sbom.WriteModules(&out, info); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWriteModules(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8 X:something", Main: debug.Module{Path: "example.com/tool", Version: "v1.0.0+dirty"},
		Deps: []*debug.Module{
			{Path: "example.com/a", Version: "v2.0.0", Sum: "h1:abc="},
			{Path: "example.com/b", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/c", Version: "v3.0.0"}},
		},
	}
	text := write(t, info)
	var document struct {
		BOMFormat, SpecVersion, SerialNumber string
		Metadata                             struct{ Component map[string]any }
		Components                           []map[string]any
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if document.BOMFormat != "CycloneDX" || document.SpecVersion != "1.6" ||
		!regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(document.SerialNumber) {
		t.Errorf("the head is %+v", document)
	}
	component := func(kind, name, version, purl string) map[string]any {
		return map[string]any{"type": kind, "name": name, "version": version, "purl": purl, "bom-ref": purl}
	}
	want := []map[string]any{
		component("library", "std", "1.26.8", "pkg:golang/std@1.26.8"),
		component("library", "example.com/a", "v2.0.0", "pkg:golang/example.com/a@v2.0.0"),
		component("library", "example.com/c", "v3.0.0", "pkg:golang/example.com/c@v3.0.0"),
	}
	want[1]["properties"] = []any{map[string]any{"name": "go:sum", "value": "h1:abc="}}
	if diff := cmp.Diff(want, document.Components); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	program := component("application", "example.com/tool", "v1.0.0+dirty", "pkg:golang/example.com/tool@v1.0.0%2Bdirty")
	if diff := cmp.Diff(program, document.Metadata.Component); diff != "" {
		t.Errorf("program (-want +got):\n%s", diff)
	}
	if !bytes.Equal(text, write(t, info)) {
		t.Error("the second time it is another document")
	}
	info.Deps[0].Sum = "h1:abd="
	if bytes.Equal(text, write(t, info)) {
		t.Error("another program has the same document")
	}
}
