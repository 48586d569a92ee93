package classes

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// maxClass bounds a file within a jar.
const maxClass = 16 << 20

// Jar is what a jar holds and mentions. Names of classes have dots.
type Jar struct {
	holds    map[string]bool
	needs    map[string]bool // classes of others and its own that its classes cannot be linked without
	mentions map[string]bool // string literals that may name classes
	services map[string]bool // the interfaces that it says it has implementations of
}

const servicesFolder = "META-INF/services/"

// Read reads a jar.
func Read(path string) (*Jar, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer func() { _ = archive.Close() }() // read only
	jar := &Jar{holds: make(map[string]bool), needs: make(map[string]bool), mentions: make(map[string]bool), services: make(map[string]bool)}
	var content bytes.Buffer
	for _, file := range archive.File {
		if service, ok := strings.CutPrefix(file.Name, servicesFolder); ok && service != "" && !strings.Contains(service, "/") {
			jar.services[service] = true
		}
		if !strings.HasSuffix(file.Name, ".class") || strings.HasSuffix(file.Name, "module-info.class") {
			continue
		}
		if err := readEntry(file, &content); err != nil {
			return nil, fmt.Errorf("read %s in %s: %w", file.Name, path, err)
		}
		if err := jar.add(file.Name, content.Bytes()); err != nil {
			return nil, fmt.Errorf("read %s in %s: %w", file.Name, path, err)
		}
	}
	return jar, nil
}

func readEntry(file *zip.File, into *bytes.Buffer) error {
	in, err := file.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // read only
	into.Reset()
	n, err := io.Copy(into, io.LimitReader(in, maxClass+1))
	if err == nil && n > maxClass {
		err = fmt.Errorf("larger than %d bytes", maxClass)
	}
	return err
}

func (j *Jar) add(path string, content []byte) error {
	found, err := parse(content)
	if err != nil {
		return err
	}
	j.holds[className(path)] = true
	for _, name := range found.classes {
		j.needs[name] = true
	}
	for _, text := range found.strings {
		if len(text) <= 256 && strings.Contains(text, ".") && !strings.ContainsAny(text, " /:") {
			j.mentions[text] = true
		}
	}
	return nil
}

// className returns the name of the class in a file, which for one release of Java alone is below META-INF/versions/N.
func className(path string) string {
	if rest, ok := strings.CutPrefix(path, "META-INF/versions/"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	return dotted(strings.TrimSuffix(path, ".class"))
}

// Rules say which references count.
type Rules struct {
	// Follow tells whether what a needed jar refers to in another one counts.
	Follow func(from, to int) bool
	// Loose tells whether a jar also counts when a needed one mentions a class of it in a string, or has a service's interface that it
	// implements: that is how programs find classes at run time.
	Loose func(i int) bool
}

// Needed tells for each jar whether the first one needs it, by itself or through others that it needs: a jar needs another one when its classes
// cannot be linked without it.
func Needed(jars []*Jar, rules Rules) []bool {
	needed := make([]bool, len(jars))
	needed[0] = true
	queue := []int{0}
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		for to := range jars {
			if !needed[to] && rules.Follow(from, to) && refers(jars[from], jars[to], rules.Loose(to)) {
				needed[to] = true
				queue = append(queue, to)
			}
		}
	}
	return needed
}

func refers(from, to *Jar, loose bool) bool {
	return meet(to.holds, from.needs) || loose && (meet(to.holds, from.mentions) || meet(to.services, from.holds))
}

func meet(a, b map[string]bool) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for name := range a {
		if b[name] {
			return true
		}
	}
	return false
}
