package maven

import (
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// ProxyFunc returns the proxy for a request: where the environment names proxies (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), what it says, and
// else the first active proxy of Maven's settings, unless that one leaves the host out. A proxy there serves http and https alike, whatever
// its protocol: that is how Maven takes it.
func (c *Configuration) ProxyFunc(environment Environment) func(*http.Request) (*url.URL, error) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if environment.Getenv(name) != "" {
			return http.ProxyFromEnvironment
		}
	}
	return func(request *http.Request) (*url.URL, error) {
		for i := range c.Proxies {
			if proxy := &c.Proxies[i]; proxy.Host != "" && (proxy.Active == nil || *proxy.Active) {
				return proxy.forHost(request.URL.Hostname()), nil
			}
		}
		return nil, nil
	}
}

func (p *Proxy) forHost(host string) *url.URL {
	if p.leavesOut(host) {
		return nil
	}
	port := p.Port
	if port == "" {
		port = "8080" // Maven's default
	}
	address := &url.URL{Scheme: "http", Host: net.JoinHostPort(p.Host, port)}
	if p.Username != "" {
		address.User = url.UserPassword(p.Username, p.Password)
	}
	return address
}

// leavesOut tells whether nonProxyHosts matches: patterns with * between | or commas.
func (p *Proxy) leavesOut(host string) bool {
	patterns := strings.FieldsFunc(p.NonProxyHosts, func(r rune) bool { return r == '|' || r == ',' || r == ' ' })
	for _, pattern := range patterns {
		if matched, err := path.Match(strings.ToLower(pattern), strings.ToLower(host)); err == nil && matched {
			return true
		}
	}
	return false
}
