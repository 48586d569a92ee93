package jars

import (
	"context"
	"net"

	"clickstream/bootstrap/jars/maven"
)

// On returns the options for another machine than this one: with its Maven set-up, network and public mirror. No mirror means none.
func (o Options) On(environment maven.Environment, mirror string, dial func(ctx context.Context, network, address string) (net.Conn, error)) Options {
	o.machine = &machine{environment: environment, publicMirror: mirror, dial: dial}
	return o
}

// Spdx is how a licence that a POM declares is called in a lock.
func Spdx(name, url string) []string { return licences([]maven.Licence{{Name: name, URL: url}}) }
