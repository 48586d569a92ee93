package fetch_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars/fetch"
)

func TestNetrc(t *testing.T) {
	t.Parallel()
	const text = `# comment
machine one.test login me password first # the rest is a comment
machine ONE.test login me password second
machine two.test
	login you
	account unused
	password pass#word
macdef init
	machine three.test login no password no

machine four.test password only
default login anonymous password everybody
`
	hosts, err := fetch.ParseNetrc(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for host, user := range hosts {
		got[host] = user.String()
	}
	want := map[string]string{"one.test": "me:first", "two.test": "you:pass%23word", "four.test": ":only"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
}

func FuzzNetrc(f *testing.F) {
	f.Add("machine a login b password c\ndefault")
	f.Add("macdef x\n\nmachine")
	f.Fuzz(func(t *testing.T, text string) {
		hosts, err := fetch.ParseNetrc(strings.NewReader(text))
		if err != nil {
			return
		}
		for host := range hosts {
			if host == "" || strings.ContainsAny(host, " \t\n") || host != strings.ToLower(host) {
				t.Errorf("a host is called %q", host)
			}
		}
	})
}
