package jars_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars"
)

func sbom(t *testing.T, lock *jars.Lock) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := lock.SBOM(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSBOM(t *testing.T) {
	t.Parallel()
	other := strings.Repeat("0", 64)
	lock := &jars.Lock{KCL: "1.0", Jars: []jars.Jar{
		{Group: "g.h", Artifact: "a", Version: "1+b", Size: 12, SHA256: sum, BLAKE3: other, Licences: []string{"MIT", "The Other Licence"}},
	}}
	var document struct {
		BOMFormat, SpecVersion, SerialNumber string
		Components                           []map[string]any
	}
	text := sbom(t, lock)
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if document.BOMFormat != "CycloneDX" || document.SpecVersion != "1.6" ||
		!regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(document.SerialNumber) {
		t.Errorf("the head is %+v", document)
	}
	want := []map[string]any{{
		"type": "library", "group": "g.h", "name": "a", "version": "1+b",
		"bom-ref": "pkg:maven/g.h/a@1%2Bb?type=jar", "purl": "pkg:maven/g.h/a@1%2Bb?type=jar",
		"hashes":   []any{map[string]any{"alg": "SHA-256", "content": sum}, map[string]any{"alg": "BLAKE3", "content": other}},
		"licenses": []any{map[string]any{"license": map[string]any{"id": "MIT"}}, map[string]any{"license": map[string]any{"name": "The Other Licence"}}},
	}}
	if diff := cmp.Diff(want, document.Components); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if !bytes.Equal(text, sbom(t, lock)) {
		t.Error("the second time it is another document")
	}
	lock.Jars[0].Size++
	if bytes.Equal(text, sbom(t, lock)) {
		t.Error("another lock has the same document")
	}
}
