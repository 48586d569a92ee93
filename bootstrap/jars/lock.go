package jars

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"clickstream/bootstrap/jars/maven"
)

// Bounds of what a lock may say, so that a file that is no lock ends in an error and not in a full disk.
const (
	maxLock = 1 << 20
	maxJars = 1000
	maxJar  = 1 << 30
)

// Lock says which jars make one version of the daemon, in the order of the class path. No artifact is in it twice.
type Lock struct {
	KCL  string // the version of the Kinesis Client Library
	Jars []Jar
}

// Size returns the bytes of all jars together.
func (l *Lock) Size() int64 {
	var size int64
	for i := range l.Jars {
		size += l.Jars[i].Size
	}
	return size
}

// ReadLock reads a lock from a file.
func ReadLock(path string) (*Lock, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the lock of the daemon's jars: %w", err)
	}
	defer func() { _ = file.Close() }() // read only
	return ParseLock(file, path)
}

// ParseLock reads a lock as [Lock.WriteTo] writes it. Errors begin with the name and the line. Coordinates that could lead out of a folder,
// and a second version of an artifact, are errors.
func ParseLock(r io.Reader, name string) (*Lock, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxLock+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxLock {
		return nil, fmt.Errorf("%s is larger than %d bytes, so it is no lock", name, maxLock)
	}
	lock, seen := new(Lock), make(map[string]bool)
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := lock.parseLine(line, seen); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
	}
	if lock.KCL == "" || len(lock.Jars) == 0 {
		return nil, fmt.Errorf("%s holds no jars, so it is no lock", name)
	}
	return lock, nil
}

func (l *Lock) parseLine(line string, seen map[string]bool) error {
	if l.KCL == "" {
		version, ok := strings.CutPrefix(line, "kcl ")
		if !ok || !maven.Plain(version) {
			return fmt.Errorf("a lock begins with kcl and a version, not with %.60q", line)
		}
		l.KCL = version
		return nil
	}
	jar, err := parseJar(line)
	if err != nil {
		return err
	}
	if key := jar.Group + ":" + jar.Artifact; seen[key] {
		return fmt.Errorf("%s is there twice; a class path has one version of it", key)
	} else if seen[key] = true; len(l.Jars) == maxJars {
		return fmt.Errorf("more than %d jars", maxJars)
	}
	l.Jars = append(l.Jars, *jar)
	return nil
}

// blake3Prefix is before a BLAKE3 digest in a lock, which may have none.
const blake3Prefix = "blake3:"

// parseJar reads «group:artifact:version size sha256 blake3:digest» and, after a blank, the licences with commas between them.
func parseJar(line string) (*Jar, error) {
	fields := strings.SplitN(line, " ", 4)
	if len(fields) < 3 {
		return nil, fmt.Errorf("a jar is group:artifact:version, size and SHA-256, not %.60q", line)
	}
	names := strings.Split(fields[0], ":")
	if len(names) != 3 || !maven.Plain(names[0]) || !maven.Plain(names[1]) || !maven.Plain(names[2]) {
		return nil, fmt.Errorf("%.100q is not group:artifact:version", fields[0])
	}
	size, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil || size < 1 || size > maxJar {
		return nil, fmt.Errorf("the size of %s is %.30q, want 1 to %d bytes", fields[0], fields[1], maxJar)
	}
	if !isDigest(fields[2]) {
		return nil, fmt.Errorf("the SHA-256 of %s is %.70q, want 64 digits of 0-9a-f", fields[0], fields[2])
	}
	jar := &Jar{Group: names[0], Artifact: names[1], Version: names[2], Size: size, SHA256: fields[2]}
	if len(fields) == 4 {
		err = jar.parseRest(fields[3])
	}
	return jar, err
}

// parseRest reads what stands behind the SHA-256.
func (j *Jar) parseRest(rest string) error {
	if digest, ok := strings.CutPrefix(rest, blake3Prefix); ok {
		if j.BLAKE3, rest, _ = strings.Cut(digest, " "); !isDigest(j.BLAKE3) {
			return fmt.Errorf("the BLAKE3 of %s is %.70q, want 64 digits of 0-9a-f", j.Coordinates(), j.BLAKE3)
		}
	}
	if rest != "" {
		j.Licences = strings.Split(rest, ", ")
	}
	return nil
}

// isDigest tells whether text is a SHA-256 or BLAKE3 in lower-case hexadecimal digits.
func isDigest(text string) bool {
	return len(text) == 2*sha256.Size && strings.Trim(text, "0123456789abcdef") == ""
}

// WriteTo writes the lock: comments with the rule it was made by, the version, and a line for each jar. The same lock gives the same bytes.
func (l *Lock) WriteTo(w io.Writer) (int64, error) {
	if len(l.Jars) == 0 {
		return 0, errors.New("a lock without jars")
	}
	var text bytes.Buffer
	out := bufio.NewWriter(&text)
	_, _ = fmt.Fprintf(out, "%s\nkcl %s\n\n", lockHead, l.KCL)
	for i := range l.Jars {
		jar := &l.Jars[i]
		_, _ = fmt.Fprintf(out, "%s %d %s", jar.Coordinates(), jar.Size, jar.SHA256)
		if jar.BLAKE3 != "" {
			_, _ = fmt.Fprintf(out, " %s%s", blake3Prefix, jar.BLAKE3)
		}
		if len(jar.Licences) > 0 {
			_, _ = fmt.Fprintf(out, " %s", strings.Join(jar.Licences, ", "))
		}
		_, _ = fmt.Fprintln(out)
	}
	_ = out.Flush() // into memory
	return text.WriteTo(w)
}

const lockHead = `# The jars of the MultiLangDaemon, in the order of the class path: coordinates, size in bytes, SHA-256, BLAKE3, licences.
#
# Made by clickstream bootstrap lock, by this rule: of what amazon-kinesis-client-multilang depends on at run time, resolved as Maven does, a
# jar is here if the daemon's classes, or those of another jar that is here, cannot be linked without it, name one of its classes in a
# string, or own the interface of a service that it provides. Three things do not count: what the jars of the Glue schema registry need, as no
# property of the daemon turns that on; what a jar's own POM calls optional and no other one asks for; annotations, which the virtual machine
# does without.
`
