package maven

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Settings is what clickstream reads of Maven's settings.xml: https://maven.apache.org/ref/3.9.9/maven-settings/settings.html
type Settings struct {
	LocalRepository string    `xml:"localRepository"`
	Mirrors         []Mirror  `xml:"mirrors>mirror"`
	Servers         []Server  `xml:"servers>server"`
	Proxies         []Proxy   `xml:"proxies>proxy"`
	Profiles        []Profile `xml:"profiles>profile"`
	ActiveProfiles  []string  `xml:"activeProfiles>activeProfile"`
}

// Mirror stands in for repositories.
type Mirror struct {
	ID       string `xml:"id"`
	MirrorOf string `xml:"mirrorOf"`
	URL      string `xml:"url"`
	Blocked  bool   `xml:"blocked"`
}

// Server holds credentials for the repository or mirror with its id.
type Server struct {
	ID       string `xml:"id"`
	Username string `xml:"username"`
	Password string `xml:"password"`
}

// Proxy is the way to the network.
type Proxy struct {
	Active        *bool  `xml:"active"` // not said means true
	Protocol      string `xml:"protocol"`
	Host          string `xml:"host"`
	Port          string `xml:"port"`
	Username      string `xml:"username"`
	Password      string `xml:"password"`
	NonProxyHosts string `xml:"nonProxyHosts"`
}

// Profile may give central another address.
type Profile struct {
	ID              string       `xml:"id"`
	ActiveByDefault bool         `xml:"activation>activeByDefault"`
	Repositories    []Repository `xml:"repositories>repository"`
}

// Repository is one that a profile or the super POM names.
type Repository struct {
	ID  string `xml:"id"`
	URL string `xml:"url"`
}

// ParseSettings reads a settings.xml and fills in ${env.NAME} and ${user.home}.
func ParseSettings(text []byte, environment Environment) (*Settings, error) {
	settings := new(Settings)
	if err := unmarshal(text, "settings", settings); err != nil {
		return nil, err
	}
	fill := func(values ...*string) {
		for _, value := range values {
			*value = environment.interpolate(strings.TrimSpace(*value))
		}
	}
	fill(&settings.LocalRepository)
	for i := range settings.Mirrors {
		mirror := &settings.Mirrors[i]
		fill(&mirror.ID, &mirror.MirrorOf, &mirror.URL)
	}
	for i := range settings.Servers {
		server := &settings.Servers[i]
		fill(&server.ID, &server.Username, &server.Password)
	}
	for i := range settings.Proxies {
		proxy := &settings.Proxies[i]
		fill(&proxy.Protocol, &proxy.Host, &proxy.Port, &proxy.Username, &proxy.Password, &proxy.NonProxyHosts)
	}
	for i := range settings.Profiles {
		fill(&settings.Profiles[i].ID)
		for j := range settings.Profiles[i].Repositories {
			repository := &settings.Profiles[i].Repositories[j]
			fill(&repository.ID, &repository.URL)
		}
	}
	for i := range settings.ActiveProfiles {
		fill(&settings.ActiveProfiles[i])
	}
	return settings, nil
}

// expression is compiled when it is used first: every start of the program would wait for it.
//
//nolint:gochecknoglobals // made once
var expression = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{[^${}]*\}`) })

func (e Environment) interpolate(text string) string {
	return expression().ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-1]
		if variable, ok := strings.CutPrefix(name, "env."); ok {
			return e.Getenv(variable)
		}
		if name == "user.home" {
			return e.Home
		}
		return found
	})
}

// merge appends what the other settings hold, which these go before.
func (s *Settings) merge(other *Settings) {
	if s.LocalRepository == "" {
		s.LocalRepository = other.LocalRepository
	}
	s.Mirrors = append(s.Mirrors, other.Mirrors...)
	s.Servers = append(s.Servers, other.Servers...)
	s.Proxies = append(s.Proxies, other.Proxies...)
	s.Profiles = append(s.Profiles, other.Profiles...)
	s.ActiveProfiles = append(s.ActiveProfiles, other.ActiveProfiles...)
}

// central returns the address that the active profiles give the repository central.
func (s *Settings) central() string {
	for _, profile := range s.Profiles {
		if !profile.ActiveByDefault && !slices.Contains(s.ActiveProfiles, profile.ID) {
			continue
		}
		for _, repository := range profile.Repositories {
			if repository.ID == centralID {
				return repository.URL
			}
		}
	}
	return ""
}

// mirror returns the mirror of the repository central, by Maven's rules: one that names it alone goes before one whose pattern matches.
func (s *Settings) mirror(centralURL string) *Mirror {
	for i := range s.Mirrors {
		if s.Mirrors[i].MirrorOf == centralID {
			return &s.Mirrors[i]
		}
	}
	for i := range s.Mirrors {
		if mirrors(s.Mirrors[i].MirrorOf, centralURL) {
			return &s.Mirrors[i]
		}
	}
	return nil
}

// mirrors tells whether a mirrorOf pattern, a list with commas, matches central: !central in it excludes it wherever it stands.
func mirrors(pattern, centralURL string) bool {
	scheme := externalScheme(centralURL)
	matched := false
	for token := range strings.SplitSeq(pattern, ",") {
		switch strings.TrimSpace(token) {
		case "!" + centralID:
			return false
		case "*", centralID:
			matched = true
		case "external:*":
			matched = matched || scheme != ""
		case "external:http:*":
			matched = matched || scheme == "http"
		}
	}
	return matched
}

// externalScheme returns the scheme of an address, or "" for one on this machine.
func externalScheme(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme == "file" || parsed.Hostname() == "localhost" || parsed.Hostname() == "127.0.0.1" {
		return ""
	}
	return parsed.Scheme
}

// server returns the credentials for an id. The reason is why there are none although the settings have some.
func (s *Settings) server(id string) (user *url.Userinfo, reason string) {
	for _, server := range s.Servers {
		if server.ID != id {
			continue
		}
		if encrypted(server.Password) {
			return nil, "the password of server " + id + " in Maven's settings is encrypted, which clickstream does not support: " +
				"put it there as ${env.NAME}, or into a netrc file"
		}
		if server.Username == "" {
			return nil, ""
		}
		return url.UserPassword(server.Username, server.Password), ""
	}
	return nil, ""
}

// encrypted tells whether Maven has encrypted a password: it is in braces then, maybe with a comment before or behind.
func encrypted(password string) bool {
	begin, end := strings.Index(password, "{"), strings.LastIndex(password, "}")
	return begin >= 0 && end > begin && (begin == 0 || password[begin-1] != '$' && password[begin-1] != '\\')
}
