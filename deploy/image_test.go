package deploy_test

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// service is one of the compose file, with the keys that it uses.
type service struct {
	Image       string
	Command     []string
	ReadOnly    bool                                  `yaml:"read_only"`
	CapDrop     []string                              `yaml:"cap_drop"`
	SecurityOpt []string                              `yaml:"security_opt"`
	StopGrace   string                                `yaml:"stop_grace_period"`
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	HealthCheck *struct{ Test []string }
	Environment map[string]string // also what the test adds
	Tmpfs       []string
	Restart     string
	publish     []string
}

// TestImages runs the services of the compose file by the engine, with each daemon: producer to its end, consumer until it has every record,
// none of which fills a batch, and then stopped. All are stored only if the stop drains.
func TestImages(t *testing.T) {
	t.Parallel()
	needDocker(t)
	text, err := os.ReadFile("container/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for image, daemon := range map[string][]string{
		"clickstream:static": nil, // the file's own
		"clickstream:java":   {"bootstrap", "--execute", "--offline", "--bundle", "/usr/share/clickstream/jars", "--take-leases"},
	} {
		t.Run(image, func(t *testing.T) {
			t.Parallel()
			if docker(t, "images", "--quiet", image) == "" {
				needs(t, "the image "+image+" is not here: make image builds it")
			}
			var file struct{ Services map[string]*service }
			if err := yaml.Unmarshal(text, &file); err != nil {
				t.Fatal(err)
			}
			flow(t, file.Services, image, daemon)
		})
	}
}

func flow(t *testing.T, services map[string]*service, image string, daemon []string) {
	t.Helper()
	network := docker(t, "network", "create", "clickstream-test-"+strconv.Itoa(os.Getpid())+strings.ReplaceAll(image, ":", "-"))
	t.Cleanup(func() { atEnd(t, "network", "rm", network) })
	emulator := start(t, network, "emulator", services["emulator"])
	eventually(t, "the emulator is healthy", func() bool { return healthy(t, emulator, services["emulator"]) != "" })

	producer := services["producer"]
	producer.Command = append(producer.Command, "--records", "2000", "--batch", "500", "--tps", "0")
	if code := docker(t, "wait", start(t, network, "producer", producer)); code != "0" {
		t.Fatalf("the producer ended with %s", code)
	}

	consumer := services["consumer"]
	consumer.Image = image
	if daemon != nil {
		consumer.Command = daemon
	}
	consumer.Environment["CLICKSTREAM_METRICS_ADDRESS"] = "0.0.0.0:9464"
	consumer.publish = []string{"127.0.0.1::9464", "127.0.0.1::9465"}
	running := start(t, network, "consumer", consumer)
	eventually(t, "the consumer has all records", func() bool {
		return received(t, docker(t, "port", running, "9464/tcp"))+received(t, docker(t, "port", running, "9465/tcp")) == 2000
	})
	if said := healthy(t, running, consumer); said != "2 record processors answer\n" {
		t.Errorf("the consumer's health check says %q", said)
	}
	if daemon != nil {
		drainByHook(t, running)
	}
	docker(t, "stop", "--time", strings.TrimSuffix(consumer.StopGrace, "s"), running) // of one that has ended nothing more

	verify := *services["producer"]
	verify.Command = []string{"verify"}
	checked := start(t, network, "verify", &verify)
	code := docker(t, "wait", checked)
	if out := docker(t, "logs", checked); code != "0" || !strings.Contains(out, "2000 stored / 0 missing / 0 twice") {
		t.Errorf("verify ended with %s:\n%s", code, out)
	}
}

// drainByHook runs the command of Kubernetes' preStop hook in the container, which ends it, and the command with it.
func drainByHook(t *testing.T, container string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", "exec", container, "clickstream", "bootstrap", "--stop").CombinedOutput()
	if failure, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || failure.ExitCode() != 137) || !strings.Contains(string(out), "process 1 was told to stop") {
		t.Errorf("the preStop hook ended with %v and says:\n%s", err, out)
	}
	if code := docker(t, "wait", container); code != "0" {
		t.Errorf("told by the hook, the consumer ended with %s", code)
	}
}

// start runs the service as the compose file has it.
func start(t *testing.T, network, name string, s *service) string {
	t.Helper()
	if !s.ReadOnly || len(s.CapDrop) == 0 || len(s.SecurityOpt) == 0 {
		t.Errorf("%s may write to its root file system, or has capabilities", name)
	}
	args := []string{"run", "--detach", "--read-only", "--network", network, "--network-alias", name}
	for flag, values := range map[string][]string{"--tmpfs": s.Tmpfs, "--cap-drop": s.CapDrop, "--security-opt": s.SecurityOpt, "--publish": s.publish} {
		for _, v := range values {
			args = append(args, flag, v)
		}
	}
	for key, v := range s.Environment {
		args = append(args, "--env", key+"="+v)
	}
	container := docker(t, append(append(args, s.Image), s.Command...)...)
	remove(t, container)
	return container
}

// healthy runs the service's health check in its container, as an engine does that reads the compose file, and returns what it prints, or ""
// where it fails. The emulator prints nothing.
func healthy(t *testing.T, container string, s *service) string {
	t.Helper()
	if s.HealthCheck == nil || s.HealthCheck.Test[0] != "CMD" {
		t.Fatalf("the health check of %s needs a shell, which the images do not have, or there is none", s.Image)
	}
	out, err := exec.CommandContext(t.Context(), "docker", append([]string{"exec", container}, s.HealthCheck.Test[1:]...)...).Output()
	if err != nil {
		return ""
	}
	return cmp.Or(string(out), "healthy")
}

var receivedRecords = regexp.MustCompile(`(?m)^clickstream_received_records_total\{.*\} (\d+)$`)

// received is how many records the record processor at the address has got, 0 as long as there is none.
func received(t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	match := receivedRecords.FindSubmatch(body)
	if err != nil || match == nil {
		return 0
	}
	n, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
