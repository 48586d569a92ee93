package jars

import (
	"slices"
	"strings"

	"clickstream/bootstrap/jars/maven"
)

// licences returns the SPDX identifiers of the licences that a POM declares, and the POM's own names for those that are not well known.
func licences(declared []maven.Licence) []string {
	var all []string
	for _, licence := range declared {
		name := spdx(licence)
		if name == "" {
			name = strings.Join(strings.FieldsFunc(licence.Name, func(r rune) bool { return r == ',' || r <= ' ' }), " ")
		}
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// wellKnown has what a licence's URL or name contains, in lower case, and its SPDX identifier. The first match counts.
//
//nolint:gochecknoglobals // a read-only table
var wellKnown = []struct{ part, id string }{
	{"aws.amazon.com/apache2.0", "Apache-2.0"},
	{"apache.org/licenses/license-2.0", "Apache-2.0"},
	{"opensource.org/licenses/apache-2.0", "Apache-2.0"},
	{"apache license, version 2.0", "Apache-2.0"},
	{"apache license version 2.0", "Apache-2.0"},
	{"apache-2.0", "Apache-2.0"},
	{"eclipse.org/legal/epl-v10", "EPL-1.0"},
	{"eclipse public license - v 1.0", "EPL-1.0"},
	{"gnu.org/licenses/old-licenses/lgpl-2.1", "LGPL-2.1-only"},
	{"opensource.org/licenses/mit-0", "MIT-0"},
	{"spdx.org/licenses/mit-0", "MIT-0"},
	{"mit-0", "MIT-0"},
	{"opensource.org/licenses/mit", "MIT"},
	{"the mit license", "MIT"},
	{"mit license", "MIT"},
	{"opensource.org/licenses/bsd-3-clause", "BSD-3-Clause"},
	{"bsd-3-clause", "BSD-3-Clause"},
	{"opensource.org/licenses/bsd-2-clause", "BSD-2-Clause"},
}

func spdx(licence maven.Licence) string {
	for _, text := range []string{licence.URL, licence.Name} {
		text = strings.ToLower(strings.TrimSpace(text))
		for _, known := range wellKnown {
			if strings.Contains(text, known.part) {
				return known.id
			}
		}
	}
	return ""
}

func isSPDX(name string) bool {
	for _, known := range wellKnown {
		if known.id == name {
			return true
		}
	}
	return false
}
