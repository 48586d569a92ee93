package jars

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"clickstream/bootstrap/jars/ahead"
	"clickstream/bootstrap/jars/maven"
)

// RepositoryEnvironment is the environment variable that names a Maven repository where no flag does.
const RepositoryEnvironment = "CLICKSTREAM_MAVEN_REPOSITORY"

// publicMirror is the mirror of Maven Central that Google hosts for everybody. It is the last resort and the only host that the code names: a
// machine with neither Maven nor settings gets its jars there, and the lock says what they must be.
const publicMirror = "https://maven-central.storage-download.googleapis.com/maven2/"

// Options says which jars are wanted, where they go and where they may come from.
type Options struct {
	Lock *Lock  // nil: the bundle's own where there is a bundle, else the default version's
	Dir  string // the folder for the jars; empty: clickstream/jars in the user's cache directory. Other files in it are left alone.

	Repository string // a Maven repository that is asked first: http(s) URL, file URL or folder
	Offline    bool   // ask nothing over the network: what Dir, Repository and the local Maven repository lack is an error
	Bundle     string // a file of WriteBundle; then nothing else is asked

	Connections int // how many jars come at a time; 0: as many as pay

	Log      io.Writer // takes progress and warnings, a line each; nil: nobody does
	Terminal bool      // Log is a terminal: progress is a bar

	machine *machine // nil: this one
}

// machine is what tests replace.
type machine struct {
	environment  maven.Environment
	publicMirror string
	dial         func(ctx context.Context, network, address string) (net.Conn, error)
}

// complete fills in what is not said, and opens the bundle when there is one.
func (o Options) complete() (Options, *bundle, error) {
	var from *bundle
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Connections <= 0 {
		o.Connections = connections
	}
	if o.machine == nil {
		o.machine = &machine{environment: maven.Here(), publicMirror: publicMirror}
	}
	if o.Bundle != "" {
		var err error
		if from, err = openBundle(o.Bundle); err != nil {
			return o, nil, err
		}
		if o.Lock == nil {
			o.Lock = from.lock
		}
	}
	var err error
	if o.Lock == nil {
		o.Lock, err = Embedded("")
	}
	if err == nil {
		o.Dir, err = directory(o.Dir)
	}
	if err != nil && from != nil {
		err = errors.Join(err, from.Close())
	}
	return o, from, err
}

func directory(dir string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = ahead.Cache(); err != nil {
			return "", fmt.Errorf("no folder for the daemon's jars (%w): name one by --jar-path", err)
		}
	}
	return filepath.Abs(dir)
}
