package jars

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The document's shape is CycloneDX 1.6's: https://cyclonedx.org/docs/1.6/json/
type (
	bom struct {
		Schema       string      `json:"$schema"`
		Format       string      `json:"bomFormat"`
		SpecVersion  string      `json:"specVersion"`
		SerialNumber string      `json:"serialNumber"`
		Version      int         `json:"version"`
		Metadata     bomMetadata `json:"metadata"`
		Components   []component `json:"components"`
	}
	bomMetadata struct {
		Component component `json:"component"`
	}
	component struct {
		Type     string        `json:"type"`
		Ref      string        `json:"bom-ref"`
		Group    string        `json:"group,omitempty"`
		Name     string        `json:"name"`
		Version  string        `json:"version"`
		PURL     string        `json:"purl,omitempty"`
		Hashes   []bomHash     `json:"hashes,omitempty"`
		Licences []licenceNode `json:"licenses,omitempty"`
	}
	bomHash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	licenceNode struct {
		Licence licenceName `json:"license"`
	}
	licenceName struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
)

// SBOM writes the lock as a CycloneDX 1.6 document in JSON: each jar with its package URL, SHA-256 and licences. The serial number is made of the
// lock and there is no time in it, so that the same lock gives the same bytes.
func (l *Lock) SBOM(w io.Writer) error {
	document := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: bomMetadata{Component: component{Type: "application", Ref: "MultiLangDaemon", Name: "MultiLangDaemon", Version: l.KCL}},
	}
	lockText := sha256.New()
	if _, err := l.WriteTo(lockText); err != nil {
		return err
	}
	document.SerialNumber = serialNumber(lockText.Sum(nil))
	for i := range l.Jars {
		document.Components = append(document.Components, l.Jars[i].component())
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document)
}

// serialNumber makes a UUID of a digest: version 8 of RFC 9562, which leaves the bits to the one who makes it.
func serialNumber(digest []byte) string {
	id := slices.Clone(digest[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

func (j *Jar) component() component {
	c := component{
		Type: "library", Group: j.Group, Name: j.Artifact, Version: j.Version,
		PURL: "pkg:maven/" + j.Group + "/" + j.Artifact + "@" + strings.ReplaceAll(j.Version, "+", "%2B") + "?type=jar",
	}
	c.Ref = c.PURL
	c.Hashes = []bomHash{{Algorithm: "SHA-256", Content: j.SHA256}}
	for _, licence := range j.Licences {
		node := licenceNode{Licence: licenceName{Name: licence}}
		if isSPDX(licence) {
			node.Licence = licenceName{ID: licence}
		}
		c.Licences = append(c.Licences, node)
	}
	return c
}
