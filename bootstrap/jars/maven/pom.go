package maven

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"strings"
)

// Coordinates name a version of an artifact.
type Coordinates struct{ Group, Artifact, Version string }

// String returns group:artifact:version.
func (c Coordinates) String() string { return c.Group + ":" + c.Artifact + ":" + c.Version }

// Path returns the place in a Maven repository of the file with this extension, with slashes.
func (c Coordinates) Path(extension string) string {
	return strings.ReplaceAll(c.Group, ".", "/") + "/" + c.Artifact + "/" + c.Version + "/" + c.Artifact + "-" + c.Version + "." + extension
}

// Licence is one that a POM declares.
type Licence struct {
	Name string `xml:"name"`
	URL  string `xml:"url"`
}

// pom is the part of a project's model that dependencies come from: https://maven.apache.org/ref/3.9.9/maven-model/maven.html
type pom struct {
	Parent     *parent     `xml:"parent"`
	Licences   []Licence   `xml:"licenses>license"`
	Relocation *relocation `xml:"distributionManagement>relocation"`
	Profiles   []profile   `xml:"profiles>profile"`
	section
}

// section is what a profile may add to.
type section struct {
	Properties   properties   `xml:"properties"`
	Managed      []dependency `xml:"dependencyManagement>dependencies>dependency"`
	Dependencies []dependency `xml:"dependencies>dependency"`
}

type parent struct {
	GroupID    string `xml:"groupId"`
	ArtifactID string `xml:"artifactId"`
	Version    string `xml:"version"`
}

type relocation struct {
	GroupID    string `xml:"groupId"`
	ArtifactID string `xml:"artifactId"`
	Version    string `xml:"version"`
}

type profile struct {
	ActiveByDefault string `xml:"activation>activeByDefault"`
	section
}

type dependency struct {
	GroupID    string      `xml:"groupId"`
	ArtifactID string      `xml:"artifactId"`
	Version    string      `xml:"version"`
	Type       string      `xml:"type"`
	Classifier string      `xml:"classifier"`
	Scope      string      `xml:"scope"`
	Optional   string      `xml:"optional"`
	Exclusions []exclusion `xml:"exclusions>exclusion"`
}

type exclusion struct {
	GroupID    string `xml:"groupId"`
	ArtifactID string `xml:"artifactId"`
}

// key is what a management entry and a dependency have in common.
func (d *dependency) key() string {
	kind := d.Type
	if kind == "" {
		kind = "jar"
	}
	return d.GroupID + ":" + d.ArtifactID + ":" + kind + ":" + d.Classifier
}

// properties are the elements below <properties>.
type properties map[string]string

// UnmarshalXML reads each element's text. Of one that is there twice the last counts.
func (p *properties) UnmarshalXML(decoder *xml.Decoder, _ xml.StartElement) error {
	if *p == nil {
		*p = make(properties)
	}
	for {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		switch element := token.(type) {
		case xml.StartElement:
			var text string
			if err := decoder.DecodeElement(&text, &element); err != nil {
				return err
			}
			(*p)[element.Name.Local] = strings.TrimSpace(text)
		case xml.EndElement:
			return nil
		}
	}
}

// parsePOM reads a POM and injects its profiles that are active by default. What other profiles say depends on the machine, and a lock does not.
func parsePOM(text []byte) (*pom, error) {
	p := new(pom)
	if err := unmarshal(text, "project", p); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the POM is cut off")
		}
		return nil, err
	}
	for _, profile := range p.Profiles {
		if strings.TrimSpace(profile.ActiveByDefault) == "true" {
			p.section = inherit(&profile.section, &p.section)
		}
	}
	return p, nil
}

// inherit returns what a child has of its own and from its parent.
func inherit(child, parent *section) section {
	merged := section{Properties: make(properties, len(child.Properties)+len(parent.Properties))}
	for _, from := range []properties{parent.Properties, child.Properties} {
		maps.Copy(merged.Properties, from)
	}
	merged.Managed = mergeDependencies(child.Managed, parent.Managed)
	merged.Dependencies = mergeDependencies(child.Dependencies, parent.Dependencies)
	return merged
}

// mergeDependencies appends to the first list what the second has besides.
func mergeDependencies(first, second []dependency) []dependency {
	seen := make(map[string]bool, len(first))
	merged := make([]dependency, 0, len(first)+len(second))
	for _, list := range [][]dependency{first, second} {
		for _, d := range list {
			if key := d.key(); !seen[key] {
				seen[key] = true
				merged = append(merged, d)
			}
		}
	}
	return merged
}
