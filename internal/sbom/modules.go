package sbom

import (
	"crypto/sha256"
	"io"
	"runtime/debug"
	"strings"
)

// WriteModules writes what a Go program is made of, as the Go tool has noted it in the program: the standard library and each module, with the
// sum that go.sum checks. That sum is over a list of files' digests and no file's own, so it is a property and not a hash.
func WriteModules(w io.Writer, info *debug.BuildInfo) error {
	program := module(info.Main.Path, info.Main.Version, "")
	program.Type = "application"
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	goVersion, _, _ = strings.Cut(goVersion, " ")
	document := Document{Metadata: Metadata{Component: program}, Components: []Component{module("std", goVersion, "")}}
	for _, dependency := range info.Deps {
		if dependency.Replace != nil {
			dependency = dependency.Replace
		}
		document.Components = append(document.Components, module(dependency.Path, dependency.Version, dependency.Sum))
	}
	digest := sha256.Sum256([]byte(info.String()))
	return document.Write(w, digest[:])
}

func module(path, version, sum string) Component {
	c := Component{Type: "library", Name: path, Version: version, PURL: "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")}
	c.Ref = c.PURL
	if sum != "" {
		c.Properties = []Property{{Name: "go:sum", Value: sum}}
	}
	return c
}
