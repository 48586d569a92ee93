package e2e

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"
)

// dockerfile makes an image of the static program and a settings file, and of nothing else: it needs no other image. There is no bundle
// of certificate authorities in it, so it can speak to endpoints by http only.
const dockerfile = `FROM scratch
COPY clickstream /bin/clickstream
COPY sample.properties /home/sample.properties
WORKDIR /home
ENV HOME=/home TMPDIR=/home
ENTRYPOINT ["/bin/clickstream"]
`

// Container is clickstream in a container beside the endpoint.
type Container struct {
	tb        testing.TB
	container *testcontainers.DockerContainer
}

// Container starts a command of clickstream in a container on the endpoint's network. image names the image, which is built of the program
// and the application's settings when it is not there, and stays until the test ends.
func (a *App) Container(tb testing.TB, args ...string) *Container {
	tb.Helper()
	ctx := context.Background()
	environment := map[string]string{}
	for _, variable := range a.Environment {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") && value != os.DevNull {
			environment[name] = value
		}
	}
	maps.Copy(environment, map[string]string{"AWS_ENDPOINT_URL": a.InnerURL})
	c, err := testcontainers.Run(ctx, "",
		testcontainers.WithDockerfile(testcontainers.FromDockerfile{
			ContextArchive: a.buildContext(tb), Repo: a.Name, Tag: "e2e", BuildLogWriter: io.Discard,
		}),
		network.WithNetworkName(nil, a.Network),
		testcontainers.WithEnv(environment),
		testcontainers.WithCmd(args...),
	)
	testcontainers.CleanupContainer(tb, c)
	if err != nil {
		tb.Fatalf("start clickstream %s in a container: %v", strings.Join(args, " "), err)
	}
	return &Container{tb: tb, container: c}
}

// buildContext is what the image is built of.
func (a *App) buildContext(tb testing.TB) io.ReadSeeker {
	tb.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	add := func(name string, mode int64, body []byte) {
		err := w.WriteHeader(&tar.Header{Name: path.Base(name), Mode: mode, Size: int64(len(body))})
		if err == nil {
			_, err = w.Write(body)
		}
		if err != nil {
			tb.Fatalf("build context: %v", err)
		}
	}
	add("Dockerfile", 0o644, []byte(dockerfile))
	for name, mode := range map[string]int64{a.program: 0o755, filepath.Join(a.Folder, "sample.properties"): 0o644} {
		body, err := os.ReadFile(name)
		if err != nil {
			tb.Fatalf("build context: %v", err)
		}
		add(filepath.ToSlash(name), mode, body)
	}
	if err := w.Close(); err != nil {
		tb.Fatalf("build context: %v", err)
	}
	return bytes.NewReader(archive.Bytes())
}

// Wait waits for the command to end and returns how it did.
func (c *Container) Wait() Result {
	c.tb.Helper()
	ctx := context.Background()
	if err := wait.ForExit().WaitUntilReady(ctx, c.container); err != nil {
		c.tb.Fatalf("wait for a container: %v", err)
	}
	state, err := c.container.State(ctx)
	if err != nil {
		c.tb.Fatalf("ask how a container ended: %v", err)
	}
	return Result{Code: state.ExitCode, Stdout: c.Output()}
}

// Output is what the command has written so far, standard output and standard error.
func (c *Container) Output() string {
	c.tb.Helper()
	logs, err := c.container.Logs(context.Background())
	if err != nil {
		c.tb.Fatalf("read the output of a container: %v", err)
	}
	defer func() { _ = logs.Close() }()
	text, err := io.ReadAll(logs)
	if err != nil {
		c.tb.Fatalf("read the output of a container: %v", err)
	}
	return string(text)
}

// Stop sends SIGTERM and returns how the command ended.
func (c *Container) Stop() Result {
	c.tb.Helper()
	if err := c.container.Stop(context.Background(), nil); err != nil {
		c.tb.Fatalf("stop a container: %v", err)
	}
	return c.Wait()
}
