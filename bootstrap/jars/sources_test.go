package jars_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/jars/internal/faulty"
	"clickstream/bootstrap/jars/maven"
)

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// installed is a machine with a Maven whose central is http://central.test and whose settings name a mirror with credentials.
func installed(t *testing.T) maven.Environment {
	t.Helper()
	environment := bare(t)
	home := t.TempDir()
	var jar bytes.Buffer
	archive := zip.NewWriter(&jar)
	entry, err := archive.Create("org/apache/maven/model/pom-4.0.0.xml")
	if err == nil {
		_, err = entry.Write([]byte("<project><repositories><repository><id>central</id><url>http://central.test</url></repository></repositories></project>"))
	}
	if err := errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(home, "lib", "maven-model-builder-3.jar"), jar.Bytes())
	write(t, filepath.Join(environment.Home, ".m2", "settings.xml"), []byte(`<settings>
<mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>http://mirror.test/all/</url></mirror></mirrors>
<servers><server><id>m</id><username>me</username><password>${env.PASSWORD}</password></server></servers></settings>`))
	write(t, filepath.Join(environment.Home, ".netrc"), []byte("machine central.test login you password netsecret"))
	environment.Getenv = func(name string) string { return map[string]string{"MAVEN_HOME": home, "PASSWORD": "topsecret"}[name] }
	return environment
}

func TestOrderOfSources(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(1)
		environment := installed(t)
		local := filepath.Join(environment.Home, ".m2", "repository", lock.Jars[0].Path())
		write(t, local, bytes.Repeat([]byte{1}, int(lock.Jars[0].Size)))
		var asked []string
		failing := func(fault faulty.Fault) http.Handler {
			return faulty.New(files, func(r *http.Request, _ int) faulty.Fault {
				user, _, _ := r.BasicAuth()
				if visit := user + "@" + r.Host; len(asked) == 0 || asked[len(asked)-1] != visit {
					asked = append(asked, visit)
				}
				return fault
			})
		}
		network, stop := faulty.Serve(map[string]http.Handler{
			"named.test:80": failing(faulty.Fault{Status: 404}), "mirror.test:80": http.StripPrefix("/all", failing(faulty.Fault{Status: 403})),
			"central.test:80": failing(faulty.Fault{Wrong: true}), "google.test:80": failing(faulty.Fault{}),
		})
		defer stop()
		var log strings.Builder
		options := jars.Options{Lock: lock, Dir: t.TempDir(), Repository: "http://named.test", Log: &log}
		set, err := jars.Ensure(t.Context(), options.On(environment, "http://google.test", network.Dial))
		if err != nil {
			t.Fatal(err)
		}
		complete(t, set, files)
		if diff := cmp.Diff([]string{"@named.test", "me@mirror.test", "you@central.test", "@google.test"}, asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
		for _, want := range []string{
			"the named repository (http://named.test): ", "the local Maven repository (" + filepath.Join(environment.Home, ".m2", "repository") + "): ",
			"mirror m of Maven's settings (http://mirror.test/all): ", "http://central.test): ",
		} {
			if strings.Count(log.String(), want) != 1 {
				t.Errorf("the log does not name %s once:\n%s", want, log.String())
			}
		}
		if strings.Contains(log.String(), "secret") {
			t.Errorf("a password is in the log:\n%s", log.String())
		}
	})
}

// TestProxy goes by the proxy of Maven's settings, which alone can reach the repository.
func TestProxy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lock, files := made(3)
		environment := bare(t)
		write(t, filepath.Join(environment.Home, ".m2", "settings.xml"), []byte(`<settings><proxies><proxy>
<host>proxy.test</host><port>3128</port><username>me</username><password>topsecret</password></proxy></proxies></settings>`))
		network, stop := faulty.Serve(map[string]http.Handler{"proxy.test:3128": faulty.New(files, func(r *http.Request, _ int) faulty.Fault {
			if r.URL.Host != "repository.test" || r.Header.Get("Proxy-Authorization") != "Basic bWU6dG9wc2VjcmV0" {
				return faulty.Fault{Status: http.StatusProxyAuthRequired}
			}
			return faulty.Fault{}
		})})
		defer stop()
		options := jars.Options{Lock: lock, Dir: t.TempDir(), Repository: "http://repository.test"}
		set, err := jars.Ensure(t.Context(), options.On(environment, "", network.Dial))
		if err != nil {
			t.Fatal(err)
		}
		complete(t, set, files)
	})
}

func TestOffline(t *testing.T) {
	t.Parallel()
	lock, files := made(3)
	environment := installed(t)
	options := jars.Options{Lock: lock, Dir: t.TempDir(), Repository: "http://named.test", Offline: true}.On(environment, "http://google.test", nil)
	if _, err := jars.Ensure(t.Context(), options); err == nil || !strings.Contains(err.Error(), "--offline leaves no source") {
		t.Errorf("with nothing there: %v", err)
	}
	for path, content := range files {
		write(t, filepath.Join(environment.Home, ".m2", "repository", path), content)
	}
	set, err := jars.Ensure(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	complete(t, set, files)
	if err := os.RemoveAll(filepath.Join(environment.Home, ".m2")); err != nil {
		t.Fatal(err)
	}
	if set, err = jars.Ensure(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	complete(t, set, files)
}

func TestRepositoryInAFolder(t *testing.T) {
	t.Parallel()
	lock, files := made(3)
	folder := t.TempDir()
	for path, content := range files {
		write(t, filepath.Join(folder, path), content)
	}
	for _, repository := range []string{folder, "file://" + filepath.ToSlash(folder)} {
		options := jars.Options{Lock: lock, Dir: t.TempDir(), Repository: repository}.On(bare(t), "", nil)
		set, err := jars.Ensure(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		complete(t, set, files)
	}
	for _, repository := range []string{filepath.Join(folder, "none"), "ftp://host/x"} {
		options := jars.Options{Lock: lock, Dir: t.TempDir(), Repository: repository}.On(bare(t), "", nil)
		if _, err := jars.Ensure(t.Context(), options); err == nil || !strings.Contains(err.Error(), "neither an http or https URL nor a folder") {
			t.Errorf("%s: %v", repository, err)
		}
	}
}

func TestBundle(t *testing.T) {
	t.Parallel()
	lock, files := made(5)
	folder := t.TempDir()
	for path, content := range files {
		write(t, filepath.Join(folder, path), content)
	}
	var written [][]byte
	path := filepath.Join(t.TempDir(), "kcl.bundle")
	for range 2 {
		options := jars.Options{Lock: lock, Dir: t.TempDir(), Repository: folder}.On(bare(t), "", nil)
		if err := jars.WriteBundle(t.Context(), options, path); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		written = append(written, content)
	}
	if !bytes.Equal(written[0], written[1]) {
		t.Error("the second bundle has other bytes")
	}
	for _, from := range []*jars.Lock{nil, lock} {
		set, err := jars.Ensure(t.Context(), jars.Options{Lock: from, Dir: t.TempDir(), Bundle: path}.On(bare(t), "", nil))
		if err != nil {
			t.Fatal(err)
		}
		complete(t, set, files)
	}
	other, _ := made(6)
	if _, err := jars.Ensure(t.Context(), jars.Options{Lock: other, Dir: t.TempDir(), Bundle: path}.On(bare(t), "", nil)); err == nil ||
		!strings.Contains(err.Error(), "fetch g.h:a5:1") || !strings.Contains(err.Error(), "the bundle "+path) {
		t.Errorf("with a jar that is not in it: %v", err)
	}
	damaged := bytes.Clone(written[0])
	at := bytes.Index(damaged, files[lock.Jars[2].Path()])
	damaged[at+100] ^= 1
	for name, content := range map[string][]byte{"damaged": damaged, "cut off": written[0][:len(written[0])/2], "no bundle": []byte("x")} {
		write(t, path, content)
		if _, err := jars.Ensure(t.Context(), jars.Options{Dir: t.TempDir(), Bundle: path}.On(bare(t), "", nil)); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
