package maven_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars/maven"
)

// poms are the insides of <project>, by group:artifact:version.
type poms map[string]string

func (p poms) read(_ context.Context, c maven.Coordinates) ([]byte, error) {
	text, ok := p[c.String()]
	if !ok {
		return nil, errors.New("not found")
	}
	return []byte("<project>" + text + "</project>"), nil
}

// dep makes a dependency of g:artifact:version and more of its elements.
func dep(artifact, version, more string) string {
	if version != "" {
		version = "<version>" + version + "</version>"
	}
	return "<dependency><groupId>g</groupId><artifactId>" + artifact + "</artifactId>" + version + more + "</dependency>"
}

func deps(all ...string) string { return "<dependencies>" + strings.Join(all, "") + "</dependencies>" }

func managed(all ...string) string {
	return "<dependencyManagement>" + deps(all...) + "</dependencyManagement>"
}

func parentOf(artifact string) string {
	return "<parent><groupId>g</groupId><artifactId>" + artifact + "</artifactId><version>1</version></parent>"
}

const root = "g:root:1"

func TestResolve(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		poms poms
		want string // artifact:version
	}{
		"scopes and optional": {poms{
			root:    deps(dep("a", "1", ""), dep("b", "1", "<scope>runtime</scope>"), dep("c", "1", "<scope>test</scope>"), dep("d", "1", "<scope>provided</scope>"), dep("e", "1", "<optional>true</optional>"), dep("f", "1", "<scope>system</scope>")),
			"g:a:1": deps(dep("h", "1", "<optional>${yes}</optional>")) + "<properties><yes>true</yes></properties>",
			"g:b:1": "",
		}, "root:1 a:1 b:1"},
		"the nearest wins": {poms{
			root:    deps(dep("a", "1", ""), dep("b", "1", ""), dep("x", "1", "")),
			"g:a:1": deps(dep("x", "2", "")), "g:b:1": "", "g:x:1": "",
		}, "root:1 a:1 b:1 x:1"},
		"among equally near ones the first wins": {poms{
			root:    deps(dep("a", "1", ""), dep("b", "1", "")),
			"g:a:1": deps(dep("x", "1", "")), "g:b:1": deps(dep("x", "9", "")), "g:x:1": "",
		}, "root:1 a:1 b:1 x:1"},
		"a loser's dependencies do not count": {poms{
			root:    deps(dep("a", "1", ""), dep("b", "1", "")),
			"g:a:1": deps(dep("x", "1", "")), "g:b:1": deps(dep("c", "1", "")), "g:c:1": deps(dep("x", "2", "")),
			"g:x:1": "", "g:x:2": deps(dep("y", "1", "")),
		}, "root:1 a:1 b:1 x:1 c:1"},
		"exclusions hold on the whole path": {poms{
			root:    deps(dep("a", "1", "<exclusions><exclusion><groupId>g</groupId><artifactId>x</artifactId></exclusion></exclusions>"), dep("d", "1", "")),
			"g:a:1": deps(dep("b", "1", "")), "g:b:1": deps(dep("x", "1", ""), dep("y", "1", "")), "g:y:1": "",
			"g:d:1": deps(dep("e", "1", "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>")), "g:e:1": deps(dep("z", "1", "")),
		}, "root:1 a:1 d:1 b:1 e:1 y:1"},
		"versions of parents, properties and management": {poms{
			root:         parentOf("parent") + "<properties><x.version>2</x.version></properties>" + deps(dep("a", "${project.version}", ""), dep("x", "", ""), dep("y", "", "")),
			"g:parent:1": parentOf("grand") + managed(dep("x", "${x.version}", ""), dep("y", "[3]", "<scope>runtime</scope>")),
			"g:grand:1":  "<properties><x.version>1</x.version><a>1</a></properties>" + deps(dep("z", "${a}", "")),
			"g:a:1":      "", "g:x:2": "", "g:y:3": "", "g:z:1": "",
		}, "root:1 a:1 x:2 y:3 z:1"},
		"management does not reach the dependencies' dependencies": {poms{
			root:    managed(dep("x", "9", "")) + deps(dep("a", "1", "")),
			"g:a:1": deps(dep("x", "1", "")), "g:x:1": "",
		}, "root:1 a:1 x:1"},
		"imports": {poms{
			root:       managed(dep("bom1", "1", "<type>pom</type><scope>import</scope>"), dep("bom2", "1", "<type>pom</type><scope>import</scope>"), dep("z", "3", "")) + deps(dep("x", "", ""), dep("y", "", ""), dep("z", "", "")),
			"g:bom1:1": "<properties><v>1</v></properties>" + managed(dep("x", "${v}", ""), dep("z", "1", "")), "g:bom2:1": managed(dep("x", "2", ""), dep("y", "2", "")),
			"g:x:1": "", "g:y:2": "", "g:z:3": "",
		}, "root:1 x:1 y:2 z:3"},
		"managed exclusions and optional": {poms{
			root:    managed(dep("a", "1", "<exclusions><exclusion><groupId>g</groupId><artifactId>x</artifactId></exclusion></exclusions>"), dep("b", "1", "<optional>true</optional>")) + deps(dep("a", "", ""), dep("b", "", "")),
			"g:a:1": deps(dep("x", "1", ""), dep("y", "1", "")), "g:y:1": "",
		}, "root:1 a:1 y:1"},
		"moved": {poms{
			root:      deps(dep("old", "1", ""), dep("new", "1", "")),
			"g:old:1": "<distributionManagement><relocation><artifactId>new</artifactId></relocation></distributionManagement>", "g:new:1": "",
		}, "root:1 new:1"},
		"profiles": {poms{
			root:    "<profiles><profile><activation><activeByDefault>true</activeByDefault></activation>" + deps(dep("a", "1", "")) + "</profile><profile>" + deps(dep("b", "1", "")) + "</profile></profiles>",
			"g:a:1": "",
		}, "root:1 a:1"},
		"circles": {poms{
			root: deps(dep("a", "1", "")), "g:a:1": deps(dep("b", "1", "")), "g:b:1": deps(dep("a", "1", ""), dep("root", "1", "")),
		}, "root:1 a:1 b:1"},
		"a dependency that is no jar": {poms{
			root: deps(dep("a", "1", "<type>pom</type>")), "g:a:1": deps(dep("x", "1", "")), "g:x:1": "",
		}, "root:1 (a:1) x:1"},
		"old names and encodings": {poms{
			root: "<name>&eacute;</name>" + deps(dep("a", "${pom.version}", ""), dep("b", "${version}", "")), "g:a:1": "", "g:b:1": "",
		}, "root:1 a:1 b:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := maven.NewResolver(test.poms.read, 4).Resolve(t.Context(), maven.Coordinates{Group: "g", Artifact: "root", Version: "1"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range all {
				text := a.Artifact + ":" + a.Version
				if !a.Jar {
					text = "(" + text + ")"
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("resolved (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveCutsAndTellsLicences(t *testing.T) {
	t.Parallel()
	licence := "<licenses><license><name>L</name><url>u</url></license></licenses>"
	all := poms{
		root:    parentOf("parent") + deps(dep("a", "1", ""), dep("b", "1", "<optional>true</optional>")),
		"g:a:1": deps(dep("x", "1", "")), "g:parent:1": licence,
	}
	got, err := maven.NewResolver(all.read, 1).Resolve(t.Context(), maven.Coordinates{Group: "g", Artifact: "root", Version: "1"},
		func(c maven.Coordinates) bool { return c.Artifact == "a" })
	if err != nil {
		t.Fatal(err)
	}
	want := []maven.Artifact{
		{Coordinates: maven.Coordinates{Group: "g", Artifact: "root", Version: "1"}, Licences: []maven.Licence{{Name: "L", URL: "u"}}, Jar: true, Optional: []string{"g:b"}},
		{Coordinates: maven.Coordinates{Group: "g", Artifact: "a", Version: "1"}, Jar: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resolved (-want +got):\n%s", diff)
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	bomb := "<properties><p0>xxxxxxxxxx</p0>"
	for i := 1; i < 20; i++ {
		bomb += fmt.Sprintf("<p%d>%s</p%d>", i, strings.Repeat(fmt.Sprintf("${p%d}", i-1), 10), i)
	}
	importing := func(artifact string) string {
		return managed(dep(artifact, "1", "<type>pom</type><scope>import</scope>"))
	}
	for name, test := range map[string]struct {
		poms poms
		text string
	}{
		"no POM":                     {poms{root: deps(dep("a", "1", ""))}, "the POM of g:a:1: not found"},
		"a range":                    {poms{root: deps(dep("a", "[1,2)", ""))}, "g:a with the range of versions"},
		"a classifier":               {poms{root: deps(dep("a", "1", "<classifier>linux</classifier>"))}, "classifier is not supported: linux"},
		"a type":                     {poms{root: deps(dep("a", "1", "<type>war</type>"))}, "type war is not supported"},
		"no version":                 {poms{root: deps(dep("a", "", ""))}, "no version is said"},
		"a name that leads out":      {poms{root: deps(dep("../../x", "1", ""))}, "is not group:artifact:version"},
		"a version that leads out":   {poms{root: deps(dep("a", "../../x", ""))}, "is not group:artifact:version"},
		"an expression without end":  {poms{root: "<properties><a>${b}</a><b>${a}</b></properties>" + deps(dep("${a}", "1", ""))}, "without end"},
		"an expression that grows":   {poms{root: bomb + "</properties>" + deps(dep("${p19}", "1", ""))}, "too long"},
		"its own parent":             {poms{root: parentOf("root")}, "more than 32 parents"},
		"imports itself":             {poms{root: importing("b"), "g:b:1": importing("root")}, "imports itself"},
		"moves without end":          {poms{root: "<distributionManagement><relocation/></distributionManagement>"}, "moves without end"},
		"cut off":                    {poms{root: "<dependencies>"}, "the POM of g:root:1"},
		"two hundred million things": {poms{root: "<name>" + strings.Repeat("x", maven.MaxFile) + "</name>"}, "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			all, err := maven.NewResolver(test.poms.read, 4).Resolve(ctx, maven.Coordinates{Group: "g", Artifact: "root", Version: "1"}, nil)
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v with error %v, want one with %q", all, err, test.text)
			}
		})
	}
}

// FuzzResolve takes one POM for all projects: it ends in an error or in dependencies whose names are safe.
func FuzzResolve(f *testing.F) {
	f.Add([]byte("<project>" + parentOf("p") + "</project>"))
	f.Add([]byte("<project><properties><a>${b}${b}</a><b>1</b></properties>" + deps(dep("x", "${a}", "")) + "</project>"))
	f.Add([]byte("<project>" + managed(dep("bom", "1", "<type>pom</type><scope>import</scope>")) + "</project>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		read := func(_ context.Context, c maven.Coordinates) ([]byte, error) {
			if len(c.Artifact) > 8 {
				return []byte("<project/>"), nil
			}
			return text, nil
		}
		all, err := maven.NewResolver(read, 1).Resolve(t.Context(), maven.Coordinates{Group: "g", Artifact: "root", Version: "1"}, nil)
		if err != nil {
			return
		}
		for _, a := range all {
			if !maven.Plain(a.Group) || !maven.Plain(a.Artifact) || !maven.Plain(a.Version) {
				t.Errorf("resolved %q", a)
			}
		}
	})
}
