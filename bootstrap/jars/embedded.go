package jars

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
)

// The locks are made anew by go generate, from the Maven repository of CLICKSTREAM_MAVEN_REPOSITORY or those of this machine's Maven.
//
//go:generate go run ./generate locks

//go:embed locks/*.lock
var locks embed.FS

// DefaultVersion is the version of the Kinesis Client Library that is run where nobody says which.
const DefaultVersion = "3.1.3"

// Versions returns the versions of the Kinesis Client Library whose locks are embedded, the default one first: the newest that public
// repositories have in full, and the one that npm's aws-kcl runs.
func Versions() []string { return []string{DefaultVersion, "2.7.2"} }

// Embedded returns the embedded lock of a version. An empty version means the default one. The error for another version says how a lock
// for it is made.
func Embedded(version string) (*Lock, error) {
	if version == "" {
		version = DefaultVersion
	}
	for _, known := range Versions() {
		if version == known {
			name := "locks/" + version + ".lock"
			text, err := locks.ReadFile(name)
			if err != nil {
				return nil, err
			}
			return ParseLock(bytes.NewReader(text), name)
		}
	}
	return nil, fmt.Errorf("no lock for version %q is built in, only for %s: make one by clickstream bootstrap lock %s > kcl.lock, and use it by --lock kcl.lock",
		version, strings.Join(Versions(), " and "), version)
}
