package deploy_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// notOnMoto are the template's resources whose types moto's CloudFormation does not know, so that it leaves them out. Nor does moto know
// lifecycle hooks in a group, creation and update policies, a DeletionPolicy that a condition sets, and SSM parameters in a launch template:
// these are left to cfn-lint, TestHooksAndPolicies, LocalStack, and an account.
var notOnMoto = []string{"BucketPolicy", "LagAlarm", "ReadThrottlingAlarm", "SilentConsumerAlarm", "WriteThrottlingAlarm"}

// TestStackOnMoto creates, updates and deletes the whole stack, with its Auto Scaling part, on moto's CloudFormation.
func TestStackOnMoto(t *testing.T) {
	t.Parallel()
	m := startMoto(t)
	created := m.change(t, "create-stack", with(map[string]string{"ProducerClusterSize": "2", "ConsumerClusterSize": "3"}))
	bucket := "clickstream-000000000000-us-east-1"
	if created.StackStatus != "CREATE_COMPLETE" || created.output("BucketName") != bucket || created.output("TableName") != "clickstream-sample" {
		t.Errorf("after create-stack: %+v", created)
	}
	m.checkResources(t)
	producers, consumers := m.instances(t, "clicks-producers"), m.instances(t, "clicks-consumers")
	producers.check(t, 2, 1, "t4g.micro")
	consumers.check(t, 3, 1, "t4g.small")
	for _, i := range []*instances{producers, consumers} {
		if i.Data.MetadataOptions.HTTPTokens != "required" || i.Data.MetadataOptions.HTTPPutResponseHopLimit != 1 {
			t.Errorf("instance metadata without a token: %+v", i.Data.MetadataOptions)
		}
		if disk := i.Data.BlockDeviceMappings[0].Ebs; !disk.Encrypted || !disk.DeleteOnTermination || disk.VolumeType != "gp3" {
			t.Errorf("the disk: %+v", disk)
		}
		if i.Data.KeyName != "" || i.Data.IamInstanceProfile.Arn == "" {
			t.Errorf("key %q, profile %q", i.Data.KeyName, i.Data.IamInstanceProfile.Arn)
		}
		if rules := m.ingress(t, i.Data.SecurityGroupIDs[0]); len(rules) != 0 {
			t.Errorf("somebody may come in: %v", rules)
		}
		m.checkImage(t, i.Data.ImageID)
	}
	m.checkRoles(t, created)

	updated := m.change(t, "update-stack", with(map[string]string{"ProducerClusterSize": "1", "ConsumerClusterSize": "4", "ConsumerInstanceType": "t4g.medium"}))
	if updated.StackStatus != "UPDATE_COMPLETE" || updated.output("StreamName") != created.output("StreamName") || updated.output("BucketName") != bucket {
		t.Errorf("after update-stack: %+v", updated)
	}
	producers, consumers = m.instances(t, "clicks-producers"), m.instances(t, "clicks-consumers")
	producers.check(t, 1, 1, "t4g.micro")
	consumers.check(t, 4, 2, "t4g.medium")

	m.call(t, nil, "cloudformation", "delete-stack", "--stack-name", "clicks")
	for query, args := range map[string][]string{
		"AutoScalingGroups[].AutoScalingGroupName":                                        {"autoscaling", "describe-auto-scaling-groups"},
		"LaunchTemplates[].LaunchTemplateName":                                            {"ec2", "describe-launch-templates"},
		"Reservations[].Instances[?State.Name=='running'][].InstanceId":                   {"ec2", "describe-instances"},
		"Roles[?contains(RoleName, 'Producer')||contains(RoleName, 'Consumer')].RoleName": {"iam", "list-roles"},
		"logGroups[].logGroupName":                                                        {"logs", "describe-log-groups"},
	} {
		var left []string
		m.call(t, &left, append(args, "--query", query)...)
		if len(left) > 0 {
			t.Errorf("the stack is deleted, but of %s are left: %v", args[1], left)
		}
	}
}

// checkResources: the stack has all resources of the template, except those that moto does not know.
func (m *moto) checkResources(t *testing.T) {
	t.Helper()
	var got []string
	m.call(t, &got, "cloudformation", "describe-stack-resources", "--stack-name", "clicks", "--query", "StackResources[?LogicalResourceId].LogicalResourceId")
	var want []string
	for name := range at(t, template(t), "Resources").(map[string]any) {
		if !slices.Contains(notOnMoto, name) {
			want = append(want, name)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources of the template (-) and of the stack (+):\n%s", diff)
	}
}

// ingress is who may reach an instance.
func (m *moto) ingress(t *testing.T, group string) []string {
	t.Helper()
	var from []string
	m.call(t, &from, "ec2", "describe-security-groups", "--group-ids", group, "--query", "SecurityGroups[].IpPermissions[].IpRanges[].CidrIp")
	return from
}

// checkImage: the SSM parameter that the image comes from is one that AWS publishes, for both architectures. moto knows their list.
func (m *moto) checkImage(t *testing.T, image string) {
	t.Helper()
	name, found := strings.CutPrefix(image, "{{resolve:ssm:")
	name, ends := strings.CutSuffix(name, "arm64}}")
	if !found || !ends {
		t.Fatalf("the image: %s", image)
	}
	for _, architecture := range []string{"arm64", "x86_64"} {
		var id string
		m.call(t, &id, "ssm", "get-parameter", "--name", name+architecture, "--query", "Parameter.Value")
		if !strings.HasPrefix(id, "ami-") {
			t.Errorf("%s%s is %q", name, architecture, id)
		}
	}
}

// checkRoles: the roles have the policies of the template with all names filled in.
func (m *moto) checkRoles(t *testing.T, s *stack) {
	t.Helper()
	for _, one := range []struct{ role, action, resource string }{
		{"ProducerRole", "kinesis:PutRecords", "arn:aws:kinesis:us-east-1:000000000000:stream/" + s.output("StreamName")},
		{"ConsumerRole", "s3:PutObject", "arn:aws:s3:::" + s.output("BucketName") + "/shardId-*/*-*"},
		{"ConsumerRole", "dynamodb:Query", "arn:aws:dynamodb:us-east-1:000000000000:table/" + s.output("TableName") + "/index/LeaseOwnerToLeaseKeyIndex"},
	} {
		var roles []string
		m.call(t, &roles, "iam", "list-roles", "--query", "Roles[?contains(RoleName, '"+one.role+"')].RoleName")
		if len(roles) != 1 {
			t.Fatalf("roles like %s: %v", one.role, roles)
		}
		var names []string
		m.call(t, &names, "iam", "list-role-policies", "--role-name", roles[0], "--query", "PolicyNames")
		slices.Sort(names)
		if diff := cmp.Diff([]string{"Clickstream", "Drain", "Logs", "Program"}, names); diff != "" {
			t.Errorf("%s: %s", one.role, diff)
		}
		var text json.RawMessage
		m.call(t, &text, "iam", "get-role-policy", "--role-name", roles[0], "--policy-name", "Clickstream", "--query", "PolicyDocument")
		document, err := url.QueryUnescape(string(text))
		if err != nil || !strings.Contains(document, one.action) || !strings.Contains(document, one.resource) {
			t.Errorf("%s does not allow %s on %s: %v\n%s", one.role, one.action, one.resource, err, document)
		}
	}
}

// TestHooksAndPolicies: CloudFormation waits for an instance's signal, and an instance has time to drain before it goes. moto knows none of this.
func TestHooksAndPolicies(t *testing.T) {
	t.Parallel()
	resources := at(t, template(t), "Resources")
	for group, size := range map[string]string{"Producers": "ProducerClusterSize", "Consumers": "ConsumerClusterSize"} {
		rolling := at(t, resources, group, "UpdatePolicy", "AutoScalingRollingUpdate").(map[string]any)
		if suspended := rolling["SuspendProcesses"].([]any); slices.Contains(suspended, any("Launch")) || slices.Contains(suspended, any("Terminate")) {
			t.Errorf("%s: an update cannot replace instances while %v are suspended", group, suspended)
		}
		got := map[string]any{
			"signals": at(t, resources, group, "CreationPolicy", "ResourceSignal"), "waits": rolling["WaitOnResourceSignals"],
			"at once": rolling["MaxBatchSize"], "hooks": at(t, resources, group, "Properties", "LifecycleHookSpecificationList"),
		}
		want := map[string]any{
			"signals": map[string]any{"Count": size, "Timeout": "PT15M"}, "waits": "true", "at once": "1", "hooks": []any{map[string]any{
				"LifecycleHookName": "drain", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": "180", "DefaultResult": "CONTINUE",
			}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", group, diff)
		}
		if script := userData(t, resources, strings.TrimSuffix(group, "s")); !strings.Contains(script, "HOOK=drain\n") {
			t.Errorf("%s: the instances do not know their hook", group)
		}
	}
}
