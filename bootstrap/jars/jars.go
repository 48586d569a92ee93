// Package jars brings the jars of the Kinesis Client Library's Java MultiLangDaemon onto this machine and makes a class path of them.
//
// A [Lock] names each jar with its size, SHA-256 and BLAKE3: locks of two versions are embedded in the binary, [Make] makes others from any Maven
// repository. [Ensure] fetches what is missing and verifies everything, before each launch. As the lock says what the bytes must be, any
// source is as good as another: a Maven repository by its address or folder, a bundle written by [WriteBundle], or what Maven's own
// settings on this machine name.
package jars

import (
	"path"
	"strings"
)

// Jar is one jar of a lock: its Maven coordinates, without classifier, and what its bytes must be.
type Jar struct {
	Group, Artifact, Version string

	Size     int64    // in bytes
	SHA256   string   // in lower-case hexadecimal digits
	BLAKE3   string   // the same; empty where the lock does not say
	Licences []string // SPDX identifiers, or the names that the jar's project gives; empty where it gives none
}

// Coordinates returns group:artifact:version.
func (j *Jar) Coordinates() string { return j.Group + ":" + j.Artifact + ":" + j.Version }

// Path returns the jar's place in a Maven repository, with slashes.
func (j *Jar) Path() string {
	return path.Join(strings.ReplaceAll(j.Group, ".", "/"), j.Artifact, j.Version, j.name())
}

func (j *Jar) name() string { return j.Artifact + "-" + j.Version + ".jar" }

// names returns the jars' file names in one folder, in order: artifact-version.jar, with the group before it where that is not unique.
func names(jars []Jar) []string {
	count := make(map[string]int, len(jars))
	for i := range jars {
		count[strings.ToLower(jars[i].name())]++
	}
	all := make([]string, len(jars))
	for i := range jars {
		if all[i] = jars[i].name(); count[strings.ToLower(all[i])] > 1 {
			all[i] = jars[i].Group + "-" + all[i]
		}
	}
	return all
}
