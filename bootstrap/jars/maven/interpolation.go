package maven

import (
	"fmt"
	"strings"
)

// interpolation fills in the expressions of a project's POM.
type interpolation struct {
	project    map[string]string // without project.
	properties properties
}

func newInterpolation(c Coordinates, poms []*pom, all properties) *interpolation {
	project := map[string]string{"groupId": c.Group, "artifactId": c.Artifact, "version": c.Version}
	if above := poms[0].Parent; above != nil {
		project["parent.groupId"], project["parent.artifactId"], project["parent.version"] = above.GroupID, above.ArtifactID, above.Version
	}
	return &interpolation{project: project, properties: all}
}

func (in *interpolation) lookup(name string) (string, bool) {
	for _, prefix := range []string{"project.", "pom."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			if value, ok := in.project[rest]; ok {
				return value, true
			}
		}
	}
	if value, ok := in.properties[name]; ok {
		return value, true
	}
	value, ok := in.project[name] // ${version}, as old POMs have it
	return value, ok
}

// fill replaces expressions, also those in values. One that nothing says a value for stays, as many stand where nobody needs them.
func (in *interpolation) fill(text string, depth int) (string, error) {
	if !strings.Contains(text, "${") {
		return strings.TrimSpace(text), nil
	}
	if depth > maxNested {
		return "", fmt.Errorf("expressions in expressions without end at %.60q", text)
	}
	var failed error
	filled := expression().ReplaceAllStringFunc(text, func(found string) string {
		value, ok := in.lookup(found[2 : len(found)-1])
		if !ok || failed != nil {
			return found
		}
		value, failed = in.fill(value, depth+1)
		return value
	})
	if failed == nil && len(filled) > maxExpanded {
		failed = fmt.Errorf("%.60q becomes too long", text)
	}
	return strings.TrimSpace(filled), failed
}

// dependencies returns a filled copy.
func (in *interpolation) dependencies(list []dependency) ([]dependency, error) {
	filled := make([]dependency, len(list))
	for i, d := range list {
		for _, value := range []*string{&d.GroupID, &d.ArtifactID, &d.Version, &d.Type, &d.Classifier, &d.Scope, &d.Optional} {
			var err error
			if *value, err = in.fill(*value, 0); err != nil {
				return nil, err
			}
		}
		d.Exclusions = make([]exclusion, len(list[i].Exclusions))
		for j, e := range list[i].Exclusions {
			group, err := in.fill(e.GroupID, 0)
			if err != nil {
				return nil, err
			}
			artifact, err := in.fill(e.ArtifactID, 0)
			if err != nil {
				return nil, err
			}
			d.Exclusions[j] = exclusion{GroupID: group, ArtifactID: artifact}
		}
		filled[i] = d
	}
	return filled, nil
}

// relocation returns where an artifact has moved, or nil. What is not said stays as it was.
func (in *interpolation) relocation(c Coordinates, r *relocation) (*Coordinates, error) {
	if r == nil {
		return nil, nil
	}
	moved := c
	for _, part := range []struct {
		text string
		into *string
	}{{r.GroupID, &moved.Group}, {r.ArtifactID, &moved.Artifact}, {r.Version, &moved.Version}} {
		text, err := in.fill(part.text, 0)
		if err != nil {
			return nil, err
		}
		if text != "" {
			*part.into = text
		}
	}
	return &moved, nil
}
