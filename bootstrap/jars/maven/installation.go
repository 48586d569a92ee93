package maven

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// installation returns the folder that Maven is installed in, or "".
func (e Environment) installation() string {
	homes := []string{e.Getenv("MAVEN_HOME"), e.Getenv("M2_HOME")}
	if program, err := e.LookPath("mvn"); err == nil {
		if target, err := filepath.EvalSymlinks(program); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(target)))
		}
	}
	for _, home := range append(homes, e.Homes...) {
		if home == "" {
			continue
		}
		if info, err := os.Stat(filepath.Join(home, "lib")); err == nil && info.IsDir() {
			return home
		}
	}
	return ""
}

// superPOM is the model that every project inherits from, and its places: the builder's jar in Maven 3, its successor's in Maven 4.
const superPOM = "org/apache/maven/model/pom-4.0.0.xml"

// readSuperPOM returns the address of central in an installation's super POM.
func readSuperPOM(home string) (string, error) {
	var jars []string
	for _, pattern := range []string{"maven-model-builder-*.jar", "maven-impl-*.jar"} {
		found, err := filepath.Glob(filepath.Join(home, "lib", pattern))
		if err != nil {
			return "", err
		}
		jars = append(jars, found...)
	}
	err := errors.New("it has no super POM")
	for _, jar := range jars {
		var text []byte
		if text, err = ReadEntry(jar, superPOM); err != nil {
			continue
		}
		var project struct {
			Repositories []Repository `xml:"repositories>repository"`
		}
		if err = unmarshal(text, "project", &project); err != nil {
			continue
		}
		if i := slices.IndexFunc(project.Repositories, func(r Repository) bool { return r.ID == centralID }); i >= 0 {
			return project.Repositories[i].URL, nil
		}
		err = errors.New("its super POM names no central")
	}
	return "", err
}

// ReadEntry returns a file of at most MaxFile bytes out of a jar.
func ReadEntry(jar, name string) (text []byte, err error) {
	archive, err := zip.OpenReader(jar)
	if err != nil {
		return nil, err
	}
	defer func() { _ = archive.Close() }() // read only
	file, err := archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // read only
	text, err = io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err == nil && len(text) > MaxFile {
		err = errors.New("too large")
	}
	return text, err
}
