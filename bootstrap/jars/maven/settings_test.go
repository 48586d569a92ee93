package maven_test

import (
	"archive/zip"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap/jars/maven"
)

// machine is a home directory and an installation of Maven, both empty.
type machine struct {
	t           *testing.T
	environment maven.Environment
	variables   map[string]string
	maven       string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, variables: make(map[string]string), maven: filepath.Join(t.TempDir(), "maven")}
	m.environment = maven.Environment{
		Home:     t.TempDir(),
		Getenv:   func(name string) string { return m.variables[name] },
		LookPath: func(string) (string, error) { return "", errors.New("not found") },
	}
	return m
}

func (m *machine) write(path, text string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// install makes a Maven whose super POM names this address, in a jar of this name.
func (m *machine) install(jar, central string) {
	m.t.Helper()
	m.write(filepath.Join(m.maven, "lib", jar), "")
	file, err := os.Create(filepath.Join(m.maven, "lib", jar))
	if err != nil {
		m.t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	entry, err := archive.Create("org/apache/maven/model/pom-4.0.0.xml")
	if err == nil {
		_, err = entry.Write([]byte(`<project><repositories><repository><id>central</id><url>` + central + `</url></repository></repositories></project>`))
	}
	if err := errors.Join(err, archive.Close(), file.Close()); err != nil {
		m.t.Fatal(err)
	}
	m.variables["MAVEN_HOME"] = m.maven
}

func (m *machine) userSettings(text string) {
	m.write(filepath.Join(m.environment.Home, ".m2", "settings.xml"), "<settings>"+text+"</settings>")
}

func (m *machine) globalSettings(text string) {
	m.write(filepath.Join(m.maven, "conf", "settings.xml"), "<settings>"+text+"</settings>")
}

func TestNothingThere(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	got := maven.Configure(m.environment)
	if got.LocalRepository != filepath.Join(m.environment.Home, ".m2", "repository") || got.Mirror.URL != "" || got.Central.URL != "" || len(got.Warnings) > 0 {
		t.Errorf("got %+v", got)
	}
}

func TestCentralOfTheInstallation(t *testing.T) {
	t.Parallel()
	for _, jar := range []string{"maven-model-builder-3.x.jar", "maven-model-builder-3.9.9.jar", "maven-impl-4.0.0.jar"} {
		m := newMachine(t)
		m.install(jar, "https://central.test/maven2")
		if got := maven.Configure(m.environment); got.Central.URL != "https://central.test/maven2" || len(got.Warnings) > 0 {
			t.Errorf("%s: got %+v", jar, got)
		}
	}
	m := newMachine(t)
	m.install("maven-model-builder-3.x.jar", "https://central.test/maven2")
	m.variables["MAVEN_HOME"] = ""
	m.write(filepath.Join(m.maven, "bin", "mvn"), "")
	link := filepath.Join(t.TempDir(), "mvn")
	if err := os.Symlink(filepath.Join(m.maven, "bin", "mvn"), link); err != nil {
		t.Fatal(err)
	}
	m.environment.LookPath = func(string) (string, error) { return link, nil }
	if got := maven.Configure(m.environment); got.Central.URL != "https://central.test/maven2" {
		t.Errorf("by the PATH: got %+v", got)
	}
	m.write(filepath.Join(m.maven, "lib", "maven-model-builder-3.x.jar"), "no jar")
	if got := maven.Configure(m.environment); got.Central.URL != "" || len(got.Warnings) != 1 {
		t.Errorf("with a broken jar: got %+v", got)
	}
}

func TestMirror(t *testing.T) {
	t.Parallel()
	for pattern, matches := range map[string]bool{
		"central": true, "*": true, "external:*": true, "*,!central": false, "!central,*": false, "other,central": true, "other": false,
		"external:*,!other": true, "external:http:*": false, " central , other ": true, "": false,
	} {
		m := newMachine(t)
		m.install("maven-model-builder-3.x.jar", "https://central.test/maven2")
		m.userSettings(`<mirrors><mirror><id>m</id><mirrorOf>` + pattern + `</mirrorOf><url>https://mirror.test</url></mirror></mirrors>`)
		if got := maven.Configure(m.environment).Mirror.URL == "https://mirror.test"; got != matches {
			t.Errorf("mirrorOf %q matches central: %v, want %v", pattern, got, matches)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.install("maven-model-builder-3.x.jar", "https://central.test/maven2")
	m.variables["PASSWORD"] = "s&cret"
	m.userSettings(`
<localRepository> ${user.home}/mine </localRepository>
<mirrors>
  <mirror><id>all</id><mirrorOf>*</mirrorOf><url>https://all.test</url></mirror>
  <mirror><id>corp</id><mirrorOf>central</mirrorOf><url>https://corp.test</url></mirror>
</mirrors>
<servers>
  <server><id>corp</id><username>me</username><password>${env.PASSWORD}</password></server>
  <server><id>central</id><username>me</username><password>{COQLCE6DU6GtcS5P=}</password></server>
</servers>
<profiles><profile><id>p</id><repositories><repository><id>central</id><url>https://ours.test</url></repository></repositories></profile></profiles>`)
	m.globalSettings(`<localRepository>/global</localRepository><activeProfiles><activeProfile>p</activeProfile></activeProfiles>`)
	got := maven.Configure(m.environment)
	want := []string{m.environment.Home + "/mine", "https://corp.test", "me:s&cret", "https://ours.test"}
	password, _ := got.Mirror.Credentials.Password()
	have := []string{got.LocalRepository, got.Mirror.URL, got.Mirror.Credentials.Username() + ":" + password, got.Central.URL}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if got.Central.Credentials != nil || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "the password of server central in Maven's settings is encrypted") {
		t.Errorf("with an encrypted password: %v, warnings %q", got.Central.Credentials, got.Warnings)
	}
	m.variables["MAVEN_OPTS"] = "-Xmx1g -Dmaven.repo.local=/elsewhere"
	if got := maven.Configure(m.environment).LocalRepository; got != "/elsewhere" {
		t.Errorf("with -Dmaven.repo.local the local repository is %s", got)
	}
	m.userSettings("<mirrors>")
	if got := maven.Configure(m.environment); len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "is passed over") || got.Central.URL != "https://central.test/maven2" {
		t.Errorf("with broken settings: %+v", got)
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.userSettings(`<proxies>
<proxy><active>false</active><host>off.test</host></proxy>
<proxy><protocol>https</protocol><host>proxy.test</host><port>3128</port><username>me</username><password>p@ss</password><nonProxyHosts>localhost|*.corp.test</nonProxyHosts></proxy>
</proxies>`)
	proxy := maven.Configure(m.environment).ProxyFunc(m.environment)
	for address, want := range map[string]string{
		"https://central.test/x": "http://me:p%40ss@proxy.test:3128", "http://a.corp.test/x": "", "http://localhost:80/x": "",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if found, err := proxy(request); err != nil {
			t.Error(err)
		} else if found != nil {
			got = found.String()
		}
		if got != want {
			t.Errorf("%s goes by %q, want %q", address, got, want)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte(`<settings><mirrors><mirror><id>a</id><mirrorOf>*</mirrorOf><url>${env.X}</url></mirror></mirrors></settings>`))
	f.Add([]byte(`<?xml version="1.0" encoding="ISO-8859-1"?><settings><localRepository>é</localRepository></settings>`))
	environment := maven.Environment{Home: "/home", Getenv: func(string) string { return "value" }}
	f.Fuzz(func(t *testing.T, text []byte) {
		settings, err := maven.ParseSettings(text, environment)
		if (settings == nil) == (err == nil) {
			t.Errorf("settings %v with error %v", settings, err)
		}
	})
}
