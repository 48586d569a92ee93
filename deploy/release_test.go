package deploy_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestReproducible builds the last commit in two clones at paths of different lengths, and with a build cache of its own in CI, where nothing of the
// first build may help the second: the programs are equal byte for byte, and say which commit they are of.
func TestReproducible(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("building the program is left out with -short")
	}
	if out, err := exec.CommandContext(t.Context(), "git", "rev-parse", "--git-dir").CombinedOutput(); err != nil {
		needs(t, "this is no clone of the repository: "+string(out))
	}
	first := clone(t, "one")
	second := clone(t, filepath.Join("another", "folder"))
	build(t, first, nil)
	var environment []string
	if os.Getenv("CI") == "true" {
		environment = []string{"GOCACHE=" + t.TempDir()}
	}
	build(t, second, environment)
	if sum(t, first) != sum(t, second) {
		t.Error("the same commit has given two programs")
	}

	commit := git(t, first, "rev-parse", "HEAD")
	out, err := exec.CommandContext(t.Context(), filepath.Join(first, "clickstream"), "version").Output()
	if err != nil || !bytes.Contains(out, []byte(", commit "+commit+", go1.")) {
		t.Errorf("version says %s, %v, want commit %s", out, err, commit)
	}
	billOfMaterials(t, first)
	text, err := os.ReadFile(filepath.Join(first, "clickstream"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(first)) {
		t.Error("the program holds the path of the folder it was built in")
	}
}

// billOfMaterials: a release's are written from outside, by a program that reads the built ones of all systems, and say what those say themselves.
func billOfMaterials(t *testing.T, folder string) {
	t.Helper()
	program, document := filepath.Join(folder, "clickstream"), filepath.Join(t.TempDir(), "document")
	if out, err := exec.CommandContext(t.Context(), "go", "run", "./release/sbom", program, document).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, err := exec.CommandContext(t.Context(), program, "version", "--sbom").Output()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(document)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("from outside, %v, it is another one:\n%s", err, got)
	}
}

// TestReleaseConfiguration: goreleaser makes archives for six systems, of files that are there, with the flags that TestReproducible builds by.
func TestReleaseConfiguration(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Builds   []struct{ Flags, Ldflags, Tags, Goos, Goarch, Env []string }
		Archives []struct{ Files []struct{ Src string } }
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	build := config.Builds[0]
	flags := strings.Join(slices.Concat(build.Flags, build.Ldflags, build.Tags, build.Env), " ")
	systems := strings.Join(build.Goos, " ") + " on " + strings.Join(build.Goarch, " ")
	if flags != "-trimpath -buildvcs=true -s -w urfave_cli_no_docs CGO_ENABLED=0" || systems != "linux darwin windows on amd64 arm64" {
		t.Errorf("builds by %s for %s", flags, systems)
	}
	for _, file := range config.Archives[0].Files {
		if strings.HasPrefix(file.Src, "out/release/") {
			continue // made by release/pages.sh
		}
		if _, err := os.Stat(filepath.Join("..", file.Src)); err != nil {
			t.Error(err)
		}
	}
}

// clone makes a clone of the repository's last commit below a temporary folder.
func clone(t *testing.T, name string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), name)
	git(t, "..", "clone", "--quiet", "--no-hardlinks", ".", folder)
	return folder
}

func git(t *testing.T, folder string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = folder
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, &problems)
	}
	return strings.TrimSpace(string(out))
}

// build builds the program as .goreleaser.yaml has it.
func build(t *testing.T, folder string, environment []string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-tags=urfave_cli_no_docs", "-o", "clickstream", ".")
	command.Dir = folder
	command.Env = append(append(os.Environ(), "CGO_ENABLED=0"), environment...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

func sum(t *testing.T, folder string) [sha256.Size]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "clickstream"))
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(text)
}
