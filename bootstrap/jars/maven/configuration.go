// Package maven reads what Maven on this machine is set up with, and resolves dependencies as Maven does.
package maven

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// centralID is the repository that Maven asks where a project names no other.
const centralID = "central"

// Environment is the part of a machine that Maven's set-up is read from.
type Environment struct {
	Home     string // the user's home directory
	Getenv   func(name string) string
	LookPath func(file string) (string, error)
	Homes    []string // where Maven may be installed besides what the environment names
}

// Here returns the environment of this process.
func Here() Environment {
	home, _ := os.UserHomeDir() // without one, there are no settings of a user
	return Environment{Home: home, Getenv: os.Getenv, LookPath: exec.LookPath, Homes: []string{"/usr/share/maven"}}
}

// Configuration is where Maven on this machine would get its jars.
type Configuration struct {
	LocalRepository string // a folder; it need not exist
	Mirror          Remote // of central, by the settings; without URL where there is none
	Central         Remote // by the settings or the super POM; without URL where neither is there
	Proxies         []Proxy
	Warnings        []string // sentences on what could not be used
}

// Remote is a repository on the network.
type Remote struct {
	Name        string // for messages
	URL         string
	Credentials *url.Userinfo // nil: none
}

// Configure reads Maven's settings, the user's before those of the installation, and the installation's super POM. What cannot be read is
// passed over with a warning: jars may come from elsewhere.
func Configure(environment Environment) *Configuration {
	c := new(Configuration)
	home := environment.installation()
	settings := c.readSettings(environment, filepath.Join(environment.Home, ".m2", "settings.xml"))
	superPOM := ""
	if home != "" {
		settings.merge(c.readSettings(environment, filepath.Join(home, "conf", "settings.xml")))
		var err error
		if superPOM, err = readSuperPOM(home); err != nil {
			c.warn("the Maven in %s: %v", home, err)
		}
	}
	c.LocalRepository = environment.localRepository(settings)
	c.Proxies = settings.Proxies
	c.Central = Remote{Name: "central of the Maven in " + home, URL: superPOM}
	if address := settings.central(); address != "" {
		c.Central = Remote{Name: "central of Maven's settings", URL: address}
	}
	c.Central.Credentials = c.credentials(settings, centralID)
	if mirror := settings.mirror(c.Central.URL); mirror != nil && !mirror.Blocked {
		c.Mirror = Remote{Name: "mirror " + mirror.ID + " of Maven's settings", URL: mirror.URL, Credentials: c.credentials(settings, mirror.ID)}
	}
	return c
}

func (c *Configuration) warn(format string, args ...any) {
	c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...))
}

func (c *Configuration) credentials(settings *Settings, id string) *url.Userinfo {
	user, reason := settings.server(id)
	if reason != "" {
		c.warn("%s", reason)
	}
	return user
}

// readSettings returns empty settings where there is no file, or none that can be read.
func (c *Configuration) readSettings(environment Environment, path string) *Settings {
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return new(Settings)
	}
	var settings *Settings
	if err == nil {
		settings, err = ParseSettings(text, environment)
	}
	if err != nil {
		c.warn("%s is passed over: %v", path, err)
		return new(Settings)
	}
	return settings
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFile {
		return nil, fmt.Errorf("larger than %d bytes", MaxFile)
	}
	return os.ReadFile(path)
}

// localRepository is where the option -Dmaven.repo.local says, or the settings, or in the user's home directory.
func (e Environment) localRepository(settings *Settings) string {
	for _, variable := range []string{"MAVEN_ARGS", "MAVEN_OPTS"} {
		for option := range strings.FieldsSeq(e.Getenv(variable)) {
			if path, ok := strings.CutPrefix(option, "-Dmaven.repo.local="); ok && path != "" {
				return path
			}
		}
	}
	if settings.LocalRepository != "" {
		return settings.LocalRepository
	}
	if e.Home == "" {
		return ""
	}
	return filepath.Join(e.Home, ".m2", "repository")
}
