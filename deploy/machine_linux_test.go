package deploy_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// machine stands for an EC2 instance: the distribution's packages, systemd as the first process, and a network with nothing in it but the AWS
// endpoint and the instance metadata.
type machine struct {
	*testing.T
	name     string // of the machine and of its network namespace
	root     string // its files
	metadata *metadata
	spawned  *exec.Cmd
	console  bytes.Buffer
	ended    sync.WaitGroup
}

// stubs stand for what Amazon Linux has and the distribution has not: they note how they are called. The distribution's aws command knows no
// AWS_ENDPOINT_URL yet.
var stubs = map[string]string{
	"opt/aws/bin/cfn-signal": "#!/bin/sh\necho \"$*\" >>/var/log/cfn-signal\n",
	"usr/local/sbin/dnf":     "#!/bin/sh\necho \"$*\" >>/var/log/dnf\n",
	"opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl": "#!/bin/sh\necho \"$*\" >>/var/log/agent\n",
	"usr/local/bin/aws": "#!/bin/sh\nexec /usr/bin/aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"\n",
}

// userDataUnit runs the user data once, as cloud-init does.
const userDataUnit = `[Unit]
Wants=network-online.target
After=network-online.target
ConditionPathExists=!/var/lib/cloud/done

[Service]
Type=oneshot
ExecStartPre=/bin/touch /var/lib/cloud/done
ExecStart=/var/lib/cloud/user-data
StandardOutput=append:/var/log/cloud-init-output.log
StandardError=inherit
TimeoutStartSec=infinity
`

// newMachine makes a machine that has the user data and reaches the account. It is not yet running.
func newMachine(t *testing.T, a *account, name, userData string) *machine {
	t.Helper()
	dir := t.TempDir()
	m := &machine{T: t, name: name, root: filepath.Join(dir, "root"), metadata: &metadata{instance: "i-" + name, state: "InService"}}
	lower, err := filepath.Abs("../.tools/rootfs")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"root", "upper", "work"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	options := "lowerdir=" + lower + ",upperdir=" + dir + "/upper,workdir=" + dir + "/work"
	if err := unix.Mount("overlay", m.root, "overlay", 0, options); err != nil {
		t.Fatalf("mount -t overlay -o %s: %v", options, err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(m.root, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	for path, text := range stubs {
		m.write(path, text, 0o755)
	}
	m.write("var/lib/cloud/user-data", userData, 0o755)
	m.write("etc/systemd/system/user-data.service", userDataUnit, 0o644)
	if err := os.Symlink("/etc/systemd/system/user-data.service", filepath.Join(m.root, "etc/systemd/system/multi-user.target.wants/user-data.service")); err != nil {
		t.Fatal(err)
	}
	m.write("etc/systemd/system.conf.d/endpoint.conf",
		"[Manager]\nDefaultEnvironment=AWS_ENDPOINT_URL=http://127.0.0.1:4567 CLICKSTREAM_METRICS_ADDRESS=127.0.0.1:9464\n", 0o644)

	m.must("ip", "netns", "add", name)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", name).Run() })
	m.must("ip", "-n", name, "link", "set", "lo", "up")
	m.must("ip", "-n", name, "address", "add", "169.254.169.254/32", "dev", "lo")
	serve(t, a.server, listen(t, name, "127.0.0.1:4567"))
	serve(t, &http.Server{Handler: m.metadata}, listen(t, name, "169.254.169.254:80"))
	return m
}

// boot starts the machine, which is halted when the test ends.
func (m *machine) boot() {
	m.Helper()
	m.spawned = exec.Command("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--resolv-conf=off", "--timezone=off", "--directory="+m.root,
		"--machine="+m.name, "--network-namespace-path=/run/netns/"+m.name, "--console=pipe", "--boot", "--", "--log-target=console", "--show-status=no")
	m.spawned.Stdout, m.spawned.Stderr = &m.console, &m.console
	if err := m.spawned.Start(); err != nil {
		m.Fatal(err)
	}
	running := m.spawned
	m.ended.Go(func() { _ = running.Wait() })
	m.Cleanup(func() {
		m.halt()
		if m.Failed() {
			for _, name := range []string{"var/log/cloud-init-output.log", "var/lib/clickstream/consumer.out", "var/lib/clickstream/logs/application.log"} {
				m.Logf("%s of %s:\n%s", name, m.name, tail(m.read(name)))
			}
			m.Logf("console of %s:\n%s", m.name, tail(m.console.String()))
		}
	})
}

// halt has the machine stop its services and power off, and waits for it.
func (m *machine) halt() {
	_ = m.spawned.Process.Signal(syscall.SIGTERM)
	m.ended.Wait()
}

// systemctl runs systemctl in the machine.
func (m *machine) systemctl(args ...string) (string, error) {
	return m.inside(append([]string{"systemctl"}, args...)...)
}

// inside runs a program in the machine.
func (m *machine) inside(args ...string) (string, error) {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", m.spawned.Process.Pid))
	first, _, _ := strings.Cut(strings.TrimSpace(string(children)), " ")
	if err != nil || first == "" {
		return "", fmt.Errorf("%s has no first process: %q %w", m.name, children, err)
	}
	command := exec.CommandContext(m.Context(), "nsenter", append([]string{"--target", first, "--mount", "--uts", "--ipc", "--net", "--pid", "--"}, args...)...)
	out, err := command.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// unit is what systemd says about a service.
type unit struct {
	state, result  string
	main, restarts int
}

func (m *machine) unit(service string) unit {
	var u unit
	out, _ := m.systemctl("show", "--property=ActiveState,Result,MainPID,NRestarts", service)
	for line := range strings.Lines(out) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), "="); key {
		case "ActiveState":
			u.state = value
		case "Result":
			u.result = value
		case "MainPID":
			u.main, _ = strconv.Atoi(value)
		case "NRestarts":
			u.restarts, _ = strconv.Atoi(value)
		}
	}
	return u
}

// do runs systemctl, which must work.
func (m *machine) do(args ...string) {
	m.Helper()
	if out, err := m.systemctl(args...); err != nil {
		m.Fatalf("%s: systemctl %s: %v\n%s", m.name, strings.Join(args, " "), err, out)
	}
}

var receivedInside = regexp.MustCompile(`(?m)^clickstream_received_records_total\{.*\} (\d+)$`)

// received is how many records the record processors have got since they started.
func (m *machine) received() int {
	n := 0
	for _, port := range []string{"9464", "9465"} {
		out, err := m.inside("curl", "--silent", "http://127.0.0.1:"+port+"/metrics")
		if match := receivedInside.FindStringSubmatch(out); err == nil && match != nil {
			one, _ := strconv.Atoi(match[1])
			n += one
		}
	}
	return n
}

func (m *machine) read(path string) string {
	text, _ := os.ReadFile(filepath.Join(m.root, path))
	return string(text)
}

func (m *machine) write(path, text string, mode os.FileMode) {
	m.Helper()
	name := filepath.Join(m.root, path)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		m.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		m.Fatal(err)
	}
}

func (m *machine) must(name string, args ...string) {
	m.Helper()
	if out, err := exec.CommandContext(m.Context(), name, args...).CombinedOutput(); err != nil {
		m.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func tail(text string) string {
	const most = 6000
	return text[max(0, len(text)-most):]
}
