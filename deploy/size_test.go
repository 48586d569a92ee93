package deploy_test

import (
	"strconv"
	"testing"
)

// TestTheStaticImageIsSmall: under 25 MB as it lies on the disk. A registry holds it compressed, which is less than half of that.
func TestTheStaticImageIsSmall(t *testing.T) {
	t.Parallel()
	needDocker(t)
	if docker(t, "images", "--quiet", "clickstream:static") == "" {
		needs(t, "the image clickstream:static is not here: make image builds it")
	}
	const limit = 25_000_000
	size, err := strconv.Atoi(docker(t, "image", "inspect", "--format", "{{.Size}}", "clickstream:static"))
	if err != nil {
		t.Fatal(err)
	}
	if size < 1_000_000 || size > limit {
		t.Errorf("the image has %d bytes, the limit is %d", size, limit)
	}
}
