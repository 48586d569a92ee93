package deploy_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"clickstream/properties"
)

// userData is the script that the instances run when they first start.
func userData(t *testing.T, resources any, instances string) string {
	t.Helper()
	return at(t, resources, instances+"Template", "Properties", "LaunchTemplateData", "UserData", "Fn::Base64").(string)
}

// TestUserDataHasTheFiles: what the user data writes is what the folder systemd holds.
func TestUserDataHasTheFiles(t *testing.T) {
	t.Parallel()
	resources := at(t, template(t), "Resources")
	for instances, files := range map[string]map[string]string{
		"Producer": {"clickstream-producer.service": "/etc/systemd/system/", "clickstream-drain.service": "/etc/systemd/system/", "clickstream-drain": "/usr/local/bin/"},
		"Consumer": {"clickstream-consumer.service": "/etc/systemd/system/", "clickstream-drain.service": "/etc/systemd/system/", "clickstream-drain": "/usr/local/bin/"},
	} {
		script := userData(t, resources, instances)
		for name, folder := range files {
			text, err := os.ReadFile("systemd/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(script, "cat >"+folder+name+" <<'EOF'\n"+string(text)+"EOF\n") {
				t.Errorf("the user data of the %ss does not write systemd/%s as it is", instances, name)
			}
		}
	}
}

// TestUserDataIsAScript: every placeholder is one that CloudFormation knows, bash can read it, and EC2 takes it.
func TestUserDataIsAScript(t *testing.T) {
	t.Parallel()
	resources := at(t, template(t), "Resources")
	for _, instances := range []string{"Producer", "Consumer"} {
		script := userData(t, resources, instances)
		if _, rest, found := strings.Cut(script, "${"); found {
			t.Errorf("%s: ${%.20s… is left", instances, rest)
		}
		if len(script) > 16384 {
			t.Errorf("%s: %d bytes, EC2 takes 16384", instances, len(script))
		}
		bash, err := exec.LookPath("bash")
		if err != nil {
			t.Skip("bash is not here to read the user data: install it")
		}
		command := exec.CommandContext(t.Context(), bash, "-n")
		command.Stdin = strings.NewReader(script)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", instances, err, out)
		}
	}
}

// TestSettingsReachTheInstances: the template's parameters are in the properties files, and the consumers' file names itself.
func TestSettingsReachTheInstances(t *testing.T) {
	t.Parallel()
	resources := at(t, template(t), "Resources")
	p := settings(t, userData(t, resources, "Producer"))
	if p.RecordsToWritePerBatch != 7 || p.PutRecordsTps != 11 || p.StreamArn != variables["Stream.Arn"] {
		t.Errorf("producers: %d records, %v calls/s, stream %s", p.RecordsToWritePerBatch, p.PutRecordsTps, p.StreamArn)
	}
	c := settings(t, userData(t, resources, "Consumer"))
	if c.MaxBufferSize != 2097152 || c.Bucket != "my-clicks" || c.ApplicationName != "counted" || c.StreamName != variables["Stream"] {
		t.Errorf("consumers: %d bytes, bucket %s, application %s, stream %s", c.MaxBufferSize, c.Bucket, c.ApplicationName, c.StreamName)
	}
	if c.CreateBucketIfNotPresent || c.RetrievalMode != properties.RetrievalPolling || c.ExecutableName != "clickstream consume -p /etc/clickstream/sample.properties" {
		t.Errorf("consumers: create bucket %v, retrieval %s, child %q", c.CreateBucketIfNotPresent, c.RetrievalMode, c.ExecutableName)
	}
	if stop := 90_000; c.ShutdownGraceMillis <= 0 || int(c.ShutdownGraceMillis) >= stop {
		t.Errorf("the record processors have %d ms, systemd kills after %d", c.ShutdownGraceMillis, stop)
	}
}
