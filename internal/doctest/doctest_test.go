package doctest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/doctest"
)

// fence stands for three backquotes in the pages here.
const fence = "'''"

func page(text string) string { return strings.ReplaceAll(text, fence, "```") }

func program() *doctest.Program {
	iam := &doctest.Program{Name: "iam", Flags: map[string]bool{"--for": true}}
	return &doctest.Program{Name: "clickstream", Commands: []*doctest.Program{
		{Name: "produce", Flags: map[string]bool{"--records": true, "-n": true, "--quiet": false, "-q": false}},
		{Name: "bootstrap", Flags: map[string]bool{"-p": true, "-e": false}, Commands: []*doctest.Program{iam}},
	}}
}

// TestCheck has pages in which something has stopped being true, and one in which all is.
func TestCheck(t *testing.T) {
	t.Parallel()
	truth, err := os.ReadFile("testdata/true.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ text, want string }{
		"all true":                              {string(truth), ""},
		"a file that a link names is gone":      {"[x](gone.md)", "leads nowhere"},
		"a heading is gone":                     {"[x](other.md#gone)", "no heading"},
		"a heading of this page is gone":        {"[x](#gone)", "no heading"},
		"a command is gone":                     {"'''sh\nclickstream gone\n'''", `no command "gone"`},
		"a flag is gone":                        {"'''sh\nclickstream produce --gone 1\n'''", "produce has no flag --gone"},
		"a flag behind a pipe is gone":          {"'''sh\ncat x | clickstream produce --gone\n'''", "no flag --gone"},
		"a flag in a substitution is gone":      {"'''sh\necho \"$(clickstream produce --gone)\"\n'''", "no flag --gone"},
		"a flag on the next line is gone":       {"'''sh\nclickstream produce \\\n  --gone\n'''", "no flag --gone"},
		"a flag of go run is gone":              {"'''sh\ngo run . produce --gone\n'''", "no flag --gone"},
		"a flag of a command's command":         {"'''sh\nclickstream bootstrap iam --records 1\n'''", "iam has no flag"},
		"a flag within a line is gone":          {"say `--gone`", "no command has the flag --gone"},
		"a command within a line is gone":       {"say `clickstream gone`", `no command "gone"`},
		"a variable is gone":                    {"say `CLICKSTREAM_GONE=1`", "no setting CLICKSTREAM_GONE"},
		"a test is gone":                        {"'''sh\ngo test ./tests -run TestGone\n'''", "no test TestGone"},
		"a test's flag is gone":                 {"'''sh\ngo test ./tests -run TestIt -gone 1\n'''", "no flag -gone"},
		"a make target is gone":                 {"`make gone`", "no target gone"},
		"a script is gone":                      {"'''sh\nbench/gone.sh\n'''", "there is no bench/gone.sh"},
		"settings that cannot be read":          {"'''properties\na = \\u12\n'''", "page.md"},
		"JSON that cannot be read":              {"'''json\n{\n'''", "JSON"},
		"Go that nothing compiles":              {"'''go\nx := 1\n'''", "nothing compiles"},
		"Go that is not what the file says":     {"<!-- from: tests/it_test.go -->\n'''go\nfunc TestOther(t *testing.T) {\n'''", "has no line"},
		"Go in another order":                   {"<!-- from: tests/it_test.go -->\n'''go\n}\nfunc TestIt(t *testing.T) {\n'''", "not in this order"},
		"a diagram with a loose end":            {"'''mermaid\nflowchart LR\n  a[b --> c\n'''", "not ended"},
		"output of nothing":                     {"'''output\nx\n'''", "behind the sh block"},
		"a need that there is not":              {"<!-- needs: luck -->\n'''sh\ntrue\n'''", "needs: luck"},
		"a block without a language":            {"'''\nx\n'''", `language ""`},
		"a block without an end":                {"'''sh\nx", "no end"},
		"a comment that misses its block":       {"<!-- needs: java -->\nText.\n'''sh\ntrue\n'''", "there is text"},
		"a comment with no block":               {"<!-- needs: java -->", "there is none after it"},
		"a comment with a word that is unknown": {"<!-- again; sometimes: yes -->\n'''sh\ntrue\n'''", `"sometimes"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := check(t, page(test.text))
			if test.want == "" && err != "" || !strings.Contains(err, test.want) {
				t.Errorf("found %q, want %q", err, test.want)
			}
		})
	}
}

// check returns what is wrong with a page in a small repository.
func check(t *testing.T, text string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"page.md":          text,
		"other.md":         "# Other\n\n## What it costs?\n",
		"Makefile":         "test: ## run\n\tgo test\n",
		"tests/it_test.go": "package tests\n\nvar runs = flag.Int(\"runs\", 1, \"\")\n\nfunc TestIt(t *testing.T) {\n\tt.Log(1)\n}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checker := &doctest.Checker{Root: root, Program: program()}
	loaded, err := checker.Load("page.md")
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, err := range checker.Check(loaded) {
		all = append(all, err.Error())
	}
	return strings.Join(all, "\n")
}

func TestUndocumented(t *testing.T) {
	t.Parallel()
	loaded, err := doctest.Parse("page.md", page("Say `clickstream\tproduce --records 1`.\n\n'''sh\nclickstream bootstrap -e\n'''\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"clickstream bootstrap iam"}, program().Undocumented([]*doctest.Page{loaded})); diff != "" {
		t.Errorf("undocumented (-want +got):\n%s", diff)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	got := doctest.Commands("A=1 B='x y' a -b \"c d\" 2>&1 >out # e\nf | g&&h \\\n i; j & k $(l \"$(m n)\") <o")
	want := [][]string{{"a", "-b", "c d"}, {"f"}, {"g"}, {"h", "i"}, {"j"}, {"m", "n"}, {"l", "$(m n)"}, {"k", "$(l \"$(m n)\")"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		page, printed string
		varies        []string
		matches       bool
	}{
		"the same":                      {"a\nb\n", "a\nb\n", nil, true},
		"one line less":                 {"a\nb\n", "a\n", nil, false},
		"one line more":                 {"a\n", "a\nb\n", nil, false},
		"another order":                 {"a\nb\n", "b\na\n", nil, false},
		"any lines":                     {"a\n…\nc\n", "a\nb\nb\nc\n", nil, true},
		"any lines, also none":          {"a\n…\n", "a\n", nil, true},
		"any lines, but then the right": {"a\n…\nc\n", "a\nb\n", nil, false},
		"any text":                      {"took … s\n", "took 1.5 s\n", nil, true},
		"what does not vary":            {"1000 stored in 5 s\n", "999 stored in 6 s\n", []string{"5"}, false},
		"what varies":                   {"1000 stored in 5 s\n", "1000 stored in 66 s\n", []string{"5"}, true},
		"columns":                       {"  shard   12  a\n", "shard 1234 a\n", []string{"12"}, true},
		"nothing printed":               {"a\n", "", nil, false},
		"a bar that is written over":    {"10 %\n100 %\n", "10 %\r100 %\n", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := doctest.Match(test.page, test.printed, test.varies); (err == nil) != test.matches {
				t.Errorf("matches: %v", err)
			}
		})
	}
}
