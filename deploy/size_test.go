package deploy_test

import (
	"compress/gzip"
	"io"
	"os/exec"
	"testing"
)

// TestTheStaticImageIsSmall: under 25 MB as a registry holds it, which is compressed.
func TestTheStaticImageIsSmall(t *testing.T) {
	t.Parallel()
	needDocker(t)
	if docker(t, "images", "--quiet", "clickstream:static") == "" {
		needs(t, "the image clickstream:static is not here: make image builds it")
	}
	const limit = 25_000_000
	var size counter
	compressed := gzip.NewWriter(&size)
	save := exec.CommandContext(t.Context(), "docker", "save", "clickstream:static")
	save.Stdout = compressed
	if err := save.Run(); err != nil {
		t.Fatal(err)
	}
	if err := compressed.Close(); err != nil {
		t.Fatal(err)
	}
	if size < 1_000_000 || size > limit {
		t.Errorf("the image has %d bytes compressed, the limit is %d", size, limit)
	}
}

type counter int64

var _ io.Writer = (*counter)(nil)

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
