package deploy_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// moto is a server of moto's, whose CloudFormation makes launch templates and Auto Scaling groups, and the aws command to talk to it.
type moto struct{ url, aws string }

// tool is a program that deploy/install.sh has installed.
func tool(t *testing.T, name string) string {
	t.Helper()
	program, err := filepath.Abs(filepath.FromSlash("../.tools/python/bin/" + name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath(program); err != nil {
		needs(t, name+" is not here: deploy/install.sh installs it below .tools")
	}
	return program
}

// startMoto starts a server in the account of the emulator.
func startMoto(t *testing.T) *moto {
	t.Helper()
	if testing.Short() {
		t.Skip("moto is left out with -short")
	}
	m := &moto{aws: tool(t, "aws")}
	server := exec.Command(tool(t, "moto_server"), "-H", "127.0.0.1", "-p", "0")
	server.Env = append(os.Environ(), "MOTO_ACCOUNT_ID=000000000000", "PYTHONUNBUFFERED=1")
	out, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan string, 1), make(chan string, 1)
	go func() {
		var log strings.Builder
		for lines := bufio.NewScanner(out); lines.Scan(); {
			log.WriteString(lines.Text() + "\n")
			if match := regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`).FindStringSubmatch(lines.Text()); match != nil {
				ready <- match[1]
			}
		}
		ended <- log.String()
	}()
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		if log := <-ended; t.Failed() {
			t.Logf("moto:\n%s", log)
		}
		_ = server.Wait()
	})
	select {
	case m.url = <-ready:
	case log := <-ended:
		ended <- log
		t.Fatal("moto's server has ended")
	}
	return m
}

// call runs the aws command and reads what it prints into out, unless that is nil.
func (m *moto) call(t *testing.T, out any, args ...string) {
	t.Helper()
	if answer, err := m.run(t, args...); err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, answer)
	} else if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, answer)
		}
	}
}

func (m *moto) run(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), m.aws, append(args, "--endpoint-url", m.url, "--region", "us-east-1", "--output", "json")...)
	command.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_CONFIG_FILE="+os.DevNull, "AWS_PAGER=")
	return command.CombinedOutput()
}

// with are parameters by which no list of the template holds AWS::NoValue, which moto leaves in lists.
func with(more map[string]string) map[string]string {
	all := map[string]string{"ProgramBucket": "programs", "ProgramSha256": strings.Repeat("0", 64), "JarBundleKey": "jars", "LogRetentionInDays": "7"}
	maps.Copy(all, more)
	return all
}

// change creates or updates the stack "clicks", which moto does before it answers.
func (m *moto) change(t *testing.T, action string, parameters map[string]string) *stack {
	t.Helper()
	args := []string{
		"cloudformation", action, "--stack-name", "clicks", "--template-body", "file://cloudformation/clickstream.yaml",
		"--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameters",
	}
	for key, value := range parameters {
		args = append(args, "ParameterKey="+key+",ParameterValue="+value)
	}
	m.call(t, nil, args...)
	var answer struct{ Stacks []stack }
	m.call(t, &answer, "cloudformation", "describe-stacks", "--stack-name", "clicks")
	return &answer.Stacks[0]
}

// instances are what moto's EC2 and Auto Scaling say about producers or consumers.
type instances struct {
	Versions int // of the launch template
	Data     launchTemplateData
	Script   string // the user data
	Group    autoScalingGroup
}

type launchTemplateData struct {
	ImageID            string `json:"ImageId"`
	InstanceType       string
	KeyName            string
	UserData           string
	IamInstanceProfile struct{ Arn string }
	SecurityGroupIDs   []string `json:"SecurityGroupIds"`
	MetadataOptions    struct {
		HTTPTokens              string `json:"HttpTokens"`
		HTTPPutResponseHopLimit int    `json:"HttpPutResponseHopLimit"`
	}
	BlockDeviceMappings []struct {
		Ebs struct {
			Encrypted           bool
			DeleteOnTermination bool
			VolumeType          string
		}
	}
}

type autoScalingGroup struct {
	MinSize, MaxSize, DesiredCapacity int
	LaunchTemplate                    struct {
		ID      string `json:"LaunchTemplateId"`
		Version string
	}
	Instances []struct{ InstanceType string }
}

// instances reads the Auto Scaling group of the name, and the launch template that it uses.
func (m *moto) instances(t *testing.T, group string) *instances {
	t.Helper()
	var groups struct{ AutoScalingGroups []autoScalingGroup }
	m.call(t, &groups, "autoscaling", "describe-auto-scaling-groups", "--auto-scaling-group-names", group)
	if len(groups.AutoScalingGroups) != 1 {
		t.Fatalf("%d Auto Scaling groups %s", len(groups.AutoScalingGroups), group)
	}
	i := &instances{Group: groups.AutoScalingGroups[0]}
	var versions struct {
		LaunchTemplateVersions []struct{ LaunchTemplateData launchTemplateData }
	}
	m.call(t, &versions, "ec2", "describe-launch-template-versions", "--launch-template-id", i.Group.LaunchTemplate.ID)
	i.Versions = len(versions.LaunchTemplateVersions)
	i.Data = versions.LaunchTemplateVersions[i.Versions-1].LaunchTemplateData
	script, err := base64.StdEncoding.DecodeString(i.Data.UserData)
	if err != nil {
		t.Fatal(err)
	}
	i.Script = string(script)
	return i
}

// check compares the sizes and the type of the instances, and whether the group uses the newest version of the launch template.
func (i *instances) check(t *testing.T, size, versions int, instanceType string) {
	t.Helper()
	type facts struct {
		Sizes    [3]int
		Launched int
		Type     string
		Versions int
	}
	got := facts{[3]int{i.Group.MinSize, i.Group.MaxSize, i.Group.DesiredCapacity}, len(i.Group.Instances), i.Data.InstanceType, i.Versions}
	if diff := cmp.Diff(facts{[3]int{size, size, size}, size, instanceType, versions}, got); diff != "" {
		t.Error(diff)
	}
	if i.Group.LaunchTemplate.Version != string(rune('0'+versions)) {
		t.Errorf("the group uses version %s of %d", i.Group.LaunchTemplate.Version, versions)
	}
	for _, one := range i.Group.Instances {
		if one.InstanceType != instanceType {
			t.Errorf("an instance is a %s, not a %s", one.InstanceType, instanceType)
		}
	}
}
