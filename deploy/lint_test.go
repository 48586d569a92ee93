package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTemplateIsCleanByCfnLint runs AWS's own linter, from the PATH or from below .tools.
func TestTemplateIsCleanByCfnLint(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("cfn-lint takes seconds, it is left out with -short")
	}
	program, err := exec.LookPath(filepath.FromSlash("../.tools/python/bin/cfn-lint"))
	if err != nil {
		program, err = exec.LookPath("cfn-lint")
	}
	if err != nil {
		needs(t, "cfn-lint is not here: deploy/install.sh installs it below .tools")
	}
	if out, err := exec.CommandContext(t.Context(), program, "--regions", "us-east-1", "--", "cloudformation/clickstream.yaml").CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// needs skips the test for what is missing, or fails it in CI, where nothing may be.
func needs(t *testing.T, sentence string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}
