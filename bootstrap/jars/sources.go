package jars

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"clickstream/bootstrap/jars/fetch"
	"clickstream/bootstrap/jars/maven"
)

// connections is how many jars come at a time unless the options say otherwise: docs/bench.md has the measurements.
const connections = 16

// source is a place that jars come from.
type source interface {
	fmt.Stringer
	// Save fills the part with the jar that is at the path in a Maven repository.
	Save(ctx context.Context, path string, part *fetch.Part) error
}

func newClient(options *Options) *fetch.Client {
	environment := options.machine.environment
	return fetch.NewClient(fetch.Config{
		Connections: options.Connections,
		Proxy:       maven.Configure(environment).ProxyFunc(environment),
		Dial:        options.machine.dial,
	})
}

// repositories returns where jars may come from, in the order in which they are asked: what the user names, the local Maven repository, the
// mirror and central of Maven's set-up, and the public mirror. No address is in it twice.
func (o *Options) repositories(client *fetch.Client, progress *progress) ([]*fetch.Repository, error) {
	var all []*fetch.Repository
	if o.Repository != "" && (!o.Offline || !isURL(o.Repository)) {
		first, err := o.named(client, progress)
		if err != nil {
			return nil, err
		}
		all = append(all, first)
	}
	set := maven.Configure(o.machine.environment)
	if info, err := os.Stat(set.LocalRepository); err == nil && info.IsDir() {
		all = append(all, fetch.Folder("the local Maven repository", set.LocalRepository))
	}
	if o.Offline {
		return all, nil
	}
	for _, warning := range set.Warnings {
		progress.line("%s", warning)
	}
	for _, remote := range []maven.Remote{set.Mirror, set.Central, {Name: "Google's mirror of Maven Central", URL: o.machine.publicMirror}} {
		if remote.URL == "" {
			continue
		}
		repository, err := o.remote(client, remote.Name, remote.URL, remote.Credentials, progress)
		if err != nil {
			progress.line("%v", err)
			continue
		}
		all = append(all, repository)
	}
	return unique(all), nil
}

func unique(all []*fetch.Repository) []*fetch.Repository {
	seen := make(map[string]bool)
	kept := all[:0]
	for _, repository := range all {
		if address := repository.Address(); !seen[address] {
			seen[address] = true
			kept = append(kept, repository)
		}
	}
	return kept
}

func (o *Options) sources(client *fetch.Client, progress *progress) ([]source, error) {
	repositories, err := o.repositories(client, progress)
	if err != nil {
		return nil, err
	}
	if len(repositories) == 0 {
		return nil, errors.New("jars of the daemon are missing, and --offline leaves no source: name a repository's folder by --maven-repository, or a bundle by --bundle")
	}
	all := make([]source, len(repositories))
	for i, repository := range repositories {
		all[i] = repository
	}
	return all, nil
}

// named returns the repository that the user names by flag or environment.
func (o *Options) named(client *fetch.Client, progress *progress) (*fetch.Repository, error) {
	const name = "the named repository"
	if isURL(o.Repository) {
		return o.remote(client, name, o.Repository, nil, progress)
	}
	folder := o.Repository
	if address, err := url.Parse(folder); err == nil && address.Scheme == "file" {
		folder = filepath.FromSlash(address.Path)
		if runtime.GOOS == "windows" {
			folder = strings.TrimPrefix(folder, `\`) // file:///C:/repository
		}
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("the repository %s is neither an http or https URL nor a folder", folder)
	}
	return fetch.Folder(name, folder), nil
}

func isURL(repository string) bool {
	return strings.HasPrefix(repository, "http://") || strings.HasPrefix(repository, "https://")
}

func (o *Options) remote(client *fetch.Client, name, address string, credentials *url.Userinfo, progress *progress) (*fetch.Repository, error) {
	if parsed, err := url.Parse(address); err == nil && credentials == nil && parsed.User == nil {
		credentials = o.netrc(progress)[strings.ToLower(parsed.Hostname())]
	}
	return fetch.Remote(client, name, address, credentials)
}

// netrc reads the file that NETRC names, or the one in the home directory. One that cannot be read holds nothing.
func (o *Options) netrc(progress *progress) fetch.Netrc {
	path := o.machine.environment.Getenv("NETRC")
	if path == "" {
		name := ".netrc"
		if runtime.GOOS == "windows" {
			name = "_netrc"
		}
		path = filepath.Join(o.machine.environment.Home, name)
	}
	file, err := os.Open(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			progress.line("%v", err)
		}
		return nil
	}
	defer func() { _ = file.Close() }() // read only
	hosts, err := fetch.ParseNetrc(file)
	if err != nil {
		progress.line("%s is passed over: %v", path, err)
	}
	return hosts
}
