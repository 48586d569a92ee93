package maven

import (
	"errors"
	"fmt"
	"strings"
)

// Plain tells whether a part of coordinates is safe in a file's name, a URL and a class path: it leads out of no folder.
func Plain(part string) bool {
	if part == "" || len(part) > 128 || strings.IndexByte(".+-", part[0]) >= 0 || strings.Contains(part, "..") {
		return false
	}
	for _, r := range part {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '.', r == '+', r == '-':
		default:
			return false
		}
	}
	return true
}

// check refuses coordinates that are no names of files.
func (c Coordinates) check() error {
	switch {
	case !Plain(c.Group) || !Plain(c.Artifact):
		return fmt.Errorf("%.200q is not group:artifact:version", c)
	case strings.ContainsAny(c.Version, "[(,)]"):
		return fmt.Errorf("%s:%s with the range of versions %.60q is not supported: only a single version is", c.Group, c.Artifact, c.Version)
	case !Plain(c.Version):
		return fmt.Errorf("%.200q is not group:artifact:version", c)
	}
	return nil
}

// check refuses dependencies that are no plain jar, nor a POM.
func (d *dependency) check() error {
	switch {
	case d.Classifier != "":
		return errors.New("an artifact with a classifier is not supported: " + d.Classifier)
	case d.Version == "":
		return errors.New("no version is said")
	}
	switch d.Type {
	case "", "jar", "bundle", "pom":
		return nil
	}
	return errors.New("an artifact of type " + d.Type + " is not supported")
}
