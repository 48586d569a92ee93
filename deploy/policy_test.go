package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/policy"
	"clickstream/properties"
)

// TestPolicies: the roles are allowed what "clickstream bootstrap iam" prints for the settings that the instances are given.
func TestPolicies(t *testing.T) {
	t.Parallel()
	resources := at(t, template(t), "Resources")
	for _, c := range []struct {
		role, instances string
		purpose         policy.Purpose
	}{
		{"ProducerRole", "Producer", policy.Produce},
		{"ConsumerRole", "Consumer", policy.Bootstrap},
	} {
		t.Run(c.role, func(t *testing.T) {
			t.Parallel()
			names, err := policy.Find(t.Context(), settings(t, userData(t, resources, c.instances)), "123456789012")
			if err != nil {
				t.Fatal(err)
			}
			inline := at(t, resources, c.role, "Properties", "Policies").([]any)[0]
			got, err := json.Marshal(at(t, inline, "PolicyDocument"))
			if err != nil {
				t.Fatal(err)
			}
			var document policy.Document
			if err := json.Unmarshal(got, &document); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(names.Build(c.purpose), &document); diff != "" {
				t.Errorf("bootstrap iam --for %s (-) and the template (+) differ:\n%s", c.purpose, diff)
			}
		})
	}
}

// TestTheGoDaemonNeedsNoMore: ConsumerDaemon go has the role of the Java daemon.
func TestTheGoDaemonNeedsNoMore(t *testing.T) {
	t.Parallel()
	names, err := policy.Find(t.Context(), settings(t, userData(t, at(t, template(t), "Resources"), "Consumer")), "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(names.Build(policy.Bootstrap), names.Build(policy.Bootstrap, policy.Daemon)); diff != "" {
		t.Errorf("the Go daemon needs what the Java daemon does not (+):\n%s", diff)
	}
}

// settings are what the properties file in the user data says.
func settings(t *testing.T, script string) *properties.Config {
	t.Helper()
	_, text, found := strings.Cut(script, "cat >/etc/clickstream/sample.properties <<'EOF'\n")
	text, _, ends := strings.Cut(text, "EOF\n")
	if !found || !ends {
		t.Fatalf("no properties file in\n%s", script)
	}
	file := filepath.Join(t.TempDir(), "sample.properties")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := properties.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return config
}
