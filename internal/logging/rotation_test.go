package logging_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clickstream/internal/logging"
)

// TestFileRotates fills a little more than one file: the full one is renamed, and no line is lost or divided.
func TestFileRotates(t *testing.T) {
	dir := t.TempDir()
	log, closer, err := logging.File(filepath.Join(dir, "application.log"), "info")
	if err != nil {
		t.Fatal(err)
	}
	filling := strings.Repeat("x", 1<<20)
	const lines = logging.MaxMegabytes + 5
	for i := range lines {
		log.Infof("line %d. %s", i, filling)
	}
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, files %v", err, files)
	}
	var text []byte
	for _, name := range files {
		part, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(part) > logging.MaxMegabytes<<20 || len(part) == 0 || part[len(part)-1] != '\n' {
			t.Errorf("%s has %d bytes", name, len(part))
		}
		text = append(text, part...)
	}
	for i := range lines {
		if n := bytes.Count(text, fmt.Appendf(nil, "line %d. ", i)); n != 1 {
			t.Errorf("line %d is there %d times", i, n)
		}
	}
}
