//go:build unix

package doctest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clickstream/internal/doctest"
)

// TestRun follows pages that say what is true, and pages that do not.
func TestRun(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("blocks are run by bash, which is not installed")
	}
	for name, test := range map[string]struct{ text, want string }{
		"output as it says":                  {"'''sh\necho one; echo two >&2\n'''\n\n'''output\none\ntwo\n'''", ""},
		"other output":                       {"'''sh\necho one\n'''\n\n'''output\ntwo\n'''", `page.md:5: line 1 of the output, "two", was not printed`},
		"what varies":                        {"'''sh\necho 5 of 5 in 12 s\n'''\n<!-- varies: 77 -->\n'''output\n5 of 5 in 77 s\n'''", ""},
		"a command that fails":               {"'''sh\ntrue\n'''\n'''sh\nfalse\ntrue\n'''", "page.md:4: exit code 1, not 0"},
		"a command that fails before a pipe": {"'''sh\nfalse | cat\n'''", "exit code 1"},
		"a command that is not there":        {"'''sh\nno-such-command-here\n'''", "exit code 127"},
		"an exit code as it says":            {"<!-- exit: 3 -->\n'''sh\nexit 3\n'''", ""},
		"another exit code than it says":     {"<!-- exit: 3 -->\n'''sh\ntrue\n'''", "exit code 0, not 3"},
		"one session":                        {"'''sh\nmkdir sub; cd sub; export X='a b'\n'''\n'''sh\necho \"$X ${PWD##*/}\"\n'''\n'''output\na b sub\n'''", ""},
		"a file":                             {"<!-- file: a.json -->\n'''json\n{}\n'''\n'''sh\ncat a.json\n'''\n'''output\n{}\n'''", ""},
		"again until it is so":               {"<!-- again -->\n'''sh\necho >>tries; [ $(wc -l <tries) -lt 3 ] || echo done\n'''\n'''output\ndone\n'''", ""},
		"again until it succeeds":            {"<!-- again -->\n'''sh\necho >>tries; [ $(wc -l <tries) -ge 3 ]\n'''\n", ""},
		"again, but never so":                {"<!-- again -->\n'''sh\necho never\n'''\n'''output\ndone\n'''", `"done", was not printed`},
		"a terminal": {"<!-- terminal: a; until: ready -->\n'''sh\ntrap 'echo stopped; exit 0' INT; echo ready; while :; do read -t 1 <> <(:) || :; done\n'''\n'''output\nready\n'''\n" +
			"<!-- stop: a -->\n'''output\nready\nstopped\n'''", ""},
		"a terminal that ends badly":    {"<!-- terminal: a; until: ready -->\n'''sh\ntrap 'exit 7' INT; echo ready; while :; do read -t 1 <> <(:) || :; done\n'''\n<!-- stop: a -->\n", "ended with code 7"},
		"a terminal that ends too soon": {"<!-- terminal: a; until: ready -->\n'''sh\necho steady\n'''", "ended before it printed ready"},
		"a terminal that is not there":  {"<!-- stop: a -->\n", "nothing runs in the terminal"},
		"a terminal twice":              {"<!-- terminal: a; until: r -->\n'''sh\necho r; exec tail -f /dev/null\n'''\n<!-- terminal: a; until: r -->\n'''sh\ntrue\n'''", "runs in the terminal a already"},
		"something left running":        {"'''sh\ntail -f /dev/null &\n'''", "leaves a process running"},
		"what is not there":             {"<!-- needs: account -->\n'''sh\nfalse\n'''\n'''output\nx\n'''\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := doctest.Parse("page.md", page(test.text))
			if err != nil {
				t.Fatal(err)
			}
			runner := &doctest.Runner{
				Dir: t.TempDir(), Environment: os.Environ(), Log: t.Logf,
				Have: func(string) error { return errors.New("not here") },
			}
			switch err := runner.Run(t.Context(), loaded); {
			case err == nil && test.want != "":
				t.Errorf("no error, want %q", test.want)
			case err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v; want %q", err, test.want)
			}
			if left, _ := filepath.Glob(filepath.Join(runner.Dir, ".doctest-out*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
