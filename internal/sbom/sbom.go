// Package sbom writes bills of materials in the shape of CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/. There is no time in them, and the
// serial number is made of what they describe, so that the same materials give the same bytes.
package sbom

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

type (
	// Document is a bill of materials: of what, and what it is made of. Write gives it the head.
	Document struct {
		Schema       string      `json:"$schema"`
		Format       string      `json:"bomFormat"`
		SpecVersion  string      `json:"specVersion"`
		SerialNumber string      `json:"serialNumber"`
		Version      int         `json:"version"`
		Metadata     Metadata    `json:"metadata"`
		Components   []Component `json:"components"`
	}
	// Metadata says what the document is about.
	Metadata struct {
		Component Component `json:"component"`
	}
	// Component is a program or a library. Ref names it within the document, PURL by its package URL.
	Component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Group      string     `json:"group,omitempty"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl,omitempty"`
		Hashes     []Hash     `json:"hashes,omitempty"`
		Licences   []Licence  `json:"licenses,omitempty"`
		Properties []Property `json:"properties,omitempty"`
	}
	// Hash is a digest of a component's file, in hexadecimal.
	Hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	// Licence is one that a component is under.
	Licence struct {
		Licence LicenceName `json:"license"`
	}
	// LicenceName is an identifier of the SPDX list, or a name where the list has none.
	LicenceName struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
	// Property is what the shape has no field for.
	Property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// Write writes the document in JSON. Its serial number is made of the digest of what it describes, which has 16 bytes at least.
func (d *Document) Write(w io.Writer, digest []byte) error {
	d.Schema, d.Format, d.SpecVersion, d.Version = "http://cyclonedx.org/schema/bom-1.6.schema.json", "CycloneDX", "1.6", 1
	d.SerialNumber = serialNumber(digest)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(d)
}

// serialNumber makes a UUID of a digest: version 8 of RFC 9562, which leaves the bits to the one who makes it.
func serialNumber(digest []byte) string {
	id := slices.Clone(digest[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
