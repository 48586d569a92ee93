package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"clickstream/properties"
)

// TestKubernetesExampleIsValid has it checked against the schemas of Kubernetes' API, no field more than they know.
func TestKubernetesExampleIsValid(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kubernetes-validate takes seconds, it is left out with -short")
	}
	program, err := exec.LookPath(filepath.FromSlash("../.tools/python/bin/kubernetes-validate"))
	if err != nil {
		program, err = exec.LookPath("kubernetes-validate")
	}
	if err != nil {
		needs(t, "kubernetes-validate is not here: deploy/install.sh installs it below .tools")
	}
	out, err := exec.CommandContext(t.Context(), program, "--strict", "container/kubernetes.yaml").CombinedOutput()
	if passed := strings.Count(string(out), " passed for resource "); err != nil || passed != 3 {
		t.Errorf("kubernetes-validate: %v, %d resources passed\n%s", err, passed, out)
	}
}

// kubernetes is what the test reads of the example's resources.
type kubernetes struct {
	Kind string
	Data map[string]string
	Spec struct {
		Template struct {
			Spec struct {
				TerminationGracePeriodSeconds int `yaml:"terminationGracePeriodSeconds"`
				Containers                    []struct {
					Args      []string
					Lifecycle struct {
						PreStop struct{ Exec struct{ Command []string } } `yaml:"preStop"`
					}
					LivenessProbe struct {
						Exec           struct{ Command []string }
						TimeoutSeconds int `yaml:"timeoutSeconds"`
					} `yaml:"livenessProbe"`
				}
			}
		}
	}
}

// TestWhatStopsWaitsForTheDrain: everything that runs a daemon gives it longer than shutdownGraceMillis, and 10 s to end.
func TestWhatStopsWaitsForTheDrain(t *testing.T) {
	t.Parallel()
	const end = 10 * time.Second
	enough := func(name string, given time.Duration, settings *properties.Config) {
		t.Helper()
		if drain := time.Duration(settings.ShutdownGraceMillis) * time.Millisecond; drain <= 0 || given < drain+end {
			t.Errorf("%s waits %s, the drain may take %s", name, given, drain)
		}
	}
	embedded := load(t, "")

	var config, deployment kubernetes
	for _, resource := range resources(t) {
		switch resource.Kind {
		case "ConfigMap":
			config = resource
		case "Deployment":
			deployment = resource
		}
	}
	path := filepath.Join(t.TempDir(), "sample.properties")
	if err := os.WriteFile(path, []byte(config.Data["sample.properties"]), 0o600); err != nil {
		t.Fatal(err)
	}
	pod := deployment.Spec.Template.Spec
	settings := load(t, path)
	enough("Kubernetes", time.Duration(pod.TerminationGracePeriodSeconds)*time.Second, settings)
	enough("the hook", time.Duration(pod.TerminationGracePeriodSeconds)*time.Second-end, settings) // which waits for 20 s more
	args := pod.Containers[0].Args
	want := []string{"clickstream", args[0], "--stop", args[len(args)-2], args[len(args)-1]}
	if diff := cmp.Diff(want, pod.Containers[0].Lifecycle.PreStop.Exec.Command); diff != "" {
		t.Errorf("the preStop hook (-want +got):\n%s", diff)
	}
	if settings.MetricsAddress == "" || pod.Containers[0].LivenessProbe.Exec.Command[0] != "clickstream" {
		t.Error("the pod's health is not asked for, or nobody answers")
	}

	for _, unit := range []string{"producer", "consumer"} {
		seconds := number(t, "systemd/clickstream-"+unit+".service", `(?m)^TimeoutStopSec=(\d+)$`)
		enough("the unit "+unit, time.Duration(seconds)*time.Second, embedded)
	}
	seconds := number(t, "container/compose.yaml", `(?m)^    stop_grace_period: (\d+)s$`)
	enough("the compose file", time.Duration(seconds)*time.Second, embedded)
}

func load(t *testing.T, path string) *properties.Config {
	t.Helper()
	settings, err := properties.Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

func resources(t *testing.T) []kubernetes {
	t.Helper()
	file, err := os.Open("container/kubernetes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all []kubernetes
	for decoder := yaml.NewDecoder(file); ; {
		var resource kubernetes
		if err := decoder.Decode(&resource); err != nil {
			break // at the end; what is wrong before it is kubernetes-validate's to find
		}
		all = append(all, resource)
	}
	return all
}

// number is what the pattern's group finds in the file.
func number(t *testing.T, path, pattern string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(pattern).FindSubmatch(text)
	if match == nil {
		t.Fatalf("%s has no %s", path, pattern)
	}
	n, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
