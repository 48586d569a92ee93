package jars_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/jars/internal/faulty"
)

// classFile makes the smallest class file that has constants for these classes.
func classFile(names ...string) []byte {
	out := []byte{0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 52}
	out = binary.BigEndian.AppendUint16(out, uint16(2*len(names)+1))
	for i, name := range names {
		out = binary.BigEndian.AppendUint16(append(out, 1), uint16(len(name)))
		out = append(out, name...)
		out = binary.BigEndian.AppendUint16(append(out, 7), uint16(2*i+1))
	}
	return append(out, 0, 1, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)
}

// repository is the files of a Maven repository that grows by artifacts.
type repository map[string][]byte

// add adds a jar with one class, named as the artifact, that uses others, and its POM and SHA-1 beside it.
func (r repository) add(t *testing.T, group, artifact, pom string, uses ...string) {
	t.Helper()
	var jar bytes.Buffer
	archive := zip.NewWriter(&jar)
	for name, content := range map[string][]byte{
		"x/" + artifact + ".class":                              classFile(append([]string{"x/" + artifact}, uses...)...),
		"META-INF/maven/" + group + "/" + artifact + "/pom.xml": []byte(pom),
	} {
		entry, err := archive.Create(name)
		if err == nil {
			_, err = entry.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	base := strings.ReplaceAll(group, ".", "/") + "/" + artifact + "/1/" + artifact + "-1"
	digest := sha1.Sum(jar.Bytes())
	r[base+".pom"], r[base+".jar"], r[base+".jar.sha1"] = []byte(pom), jar.Bytes(), []byte(hex.EncodeToString(digest[:])+"\n")
}

const (
	daemonGroup = "software.amazon.kinesis"
	daemonName  = "amazon-kinesis-client-multilang"
	daemonBase  = "software/amazon/kinesis/amazon-kinesis-client-multilang/1/amazon-kinesis-client-multilang-1"
)

func need(group, artifact, more string) string {
	return "<dependency><groupId>" + group + "</groupId><artifactId>" + artifact + "</artifactId><version>1</version>" + more + "</dependency>"
}

func project(dependencies ...string) string {
	return "<project><licenses><license><name>MIT License</name></license></licenses><dependencies>" + strings.Join(dependencies, "") + "</dependencies></project>"
}

// daemon is a repository with a daemon that needs some jars, and depends on more.
func daemon(t *testing.T) repository {
	t.Helper()
	r := make(repository)
	r.add(t, daemonGroup, daemonName, project(need("g", "used", ""), need("g", "unused", ""), need("software.amazon.glue", "glue", "")), "x/used", "x/glue", "x/borrowed")
	r.add(t, "g", "used", project(need("g", "deep", "<scope>runtime</scope>"), need("g", "only", "<optional>true</optional>")), "x/deep", "x/only")
	r.add(t, "g", "deep", project())
	r.add(t, "g", "unused", project())
	r.add(t, "software.amazon.glue", "glue", project(need("g", "borrowed", ""), need("g", "heavy", ""), need("g", "only", "")), "x/heavy")
	r.add(t, "g", "borrowed", project())
	r.add(t, "g", "heavy", project())
	r.add(t, "g", "only", project())
	return r
}

func TestMake(t *testing.T) {
	t.Parallel()
	files := daemon(t)
	delete(files, daemonBase+".pom") // so it is with some versions: the jar has a copy
	folder := t.TempDir()
	for path, content := range files {
		write(t, filepath.Join(folder, path), content)
	}
	lock, err := jars.Make(t.Context(), "1", jars.Options{Repository: folder}.On(bare(t), "", nil))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range lock.Jars {
		got = append(got, lock.Jars[i].Coordinates())
	}
	want := []string{daemonGroup + ":" + daemonName + ":1", "g:borrowed:1", "g:deep:1", "g:used:1", "software.amazon.glue:glue:1"}
	if diff := cmp.Diff(want, got); diff != "" || lock.KCL != "1" || !slices.Equal(lock.Jars[1].Licences, []string{"MIT"}) {
		t.Errorf("lock of %s, licences %q, jars (-want +got):\n%s", lock.KCL, lock.Jars[1].Licences, diff)
	}
	set, err := jars.Ensure(t.Context(), jars.Options{Lock: lock, Dir: t.TempDir(), Repository: folder}.On(bare(t), "", nil))
	if err != nil {
		t.Fatal(err)
	}
	complete(t, set, files)
}

func TestMakeRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		version string
		change  func(repository)
		text    string
	}{
		"a version that leads out": {"../1", func(repository) {}, "is no version"},
		"a version nobody has":     {"2", func(repository) {}, "the POM of " + daemonGroup + ":" + daemonName + ":2: no repository has it"},
		"a jar that is not there":  {"1", func(r repository) { delete(r, "g/used/1/used-1.jar") }, "no repository has the jar g:used:1"},
		"a jar that is not right":  {"1", func(r repository) { r["g/used/1/used-1.jar.sha1"] = []byte("abc") }, `the jar's SHA-1 is`},
		"a jar that is none":       {"1", func(r repository) { r["g/used/1/used-1.jar"] = []byte("x"); delete(r, "g/used/1/used-1.jar.sha1") }, "g-used-1.jar"},
		"a dependency with a range": {"1", func(r repository) {
			r["g/used/1/used-1.pom"] = []byte("<project><dependencies><dependency><groupId>g</groupId><artifactId>deep</artifactId><version>[1,2)</version></dependency></dependencies></project>")
		}, "range of versions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := daemon(t)
			test.change(files)
			network, stop := faulty.Serve(map[string]http.Handler{host: faulty.New(files, nil)})
			defer stop()
			lock, err := jars.Make(t.Context(), test.version, jars.Options{Repository: "http://repository.test"}.On(bare(t), "", network.Dial))
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("lock %v with error %v, want one with %q", lock, err, test.text)
			}
		})
	}
}

// TestEmbeddedLocksAreMavens lets Maven resolve the daemon's dependencies and fetch them: every jar of our locks is among them, in the same
// version and with the same bytes.
func TestEmbeddedLocksAreMavens(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("asking Maven takes half a minute, which -short leaves out")
	}
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no mvn on the PATH")
		}
		t.Skip("no mvn on the PATH: install Maven, by apt-get install maven or the like, to compare our resolution with its own")
	}
	for _, version := range jars.Versions() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			lock, err := jars.Embedded(version)
			if err != nil {
				t.Fatal(err)
			}
			theirs := resolvedByMaven(t, mvn, version)
			for i := range lock.Jars {
				if !theirs[lock.Jars[i].Coordinates()] {
					t.Errorf("%s is in the lock, and Maven resolves no such thing", lock.Jars[i].Coordinates())
				}
			}
			// Maven has brought the jars into its local repository, where ours are to be found as the lock says.
			set, err := jars.Ensure(t.Context(), jars.Options{Lock: lock, Dir: t.TempDir(), Offline: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := len(set.ClassPath()); got != len(lock.Jars) {
				t.Errorf("%d jars on the class path, want %d", got, len(lock.Jars))
			}
		})
	}
}

// resolvedByMaven returns what Maven puts on the class path at run time. Repositories lack the POM of some versions of the daemon; the copy in the
// daemon's jar serves as the project.
func resolvedByMaven(t *testing.T, mvn, version string) map[string]bool {
	t.Helper()
	dir := t.TempDir()
	run := func(args ...string) {
		command := exec.CommandContext(t.Context(), mvn, append([]string{"--batch-mode", "--quiet"}, args...)...)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("mvn %v: %v\n%s", args, err, out)
		}
	}
	run("dependency:copy", "-Dartifact="+daemonGroup+":"+daemonName+":"+version, "-DoutputDirectory="+dir)
	archive, err := zip.OpenReader(filepath.Join(dir, daemonName+"-"+version+".jar"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	var pom bytes.Buffer
	file, err := archive.Open("META-INF/maven/" + daemonGroup + "/" + daemonName + "/pom.xml")
	if err == nil {
		_, err = pom.ReadFrom(file)
	}
	if err = errors.Join(err, os.WriteFile(filepath.Join(dir, "pom.xml"), pom.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	run("dependency:list", "-DoutputFile=list.txt")
	list, err := os.ReadFile(filepath.Join(dir, "list.txt"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{daemonGroup + ":" + daemonName + ":" + version: true}
	for _, match := range regexp.MustCompile(`(?m)^ +([^:\s]+:[^:]+):jar:([^:]+):(?:compile|runtime)`).FindAllStringSubmatch(string(list), -1) {
		all[match[1]+":"+match[2]] = true
	}
	if len(all) < 100 {
		t.Fatalf("Maven's list has %d jars:\n%s", len(all), list)
	}
	return all
}
