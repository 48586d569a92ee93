package jars

import (
	"crypto/sha256"
	"io"
	"strings"

	"clickstream/internal/sbom"
)

// SBOM writes the lock as a CycloneDX 1.6 document in JSON: each jar with its package URL, digests and licences. The serial number is made of the
// lock and there is no time in it, so that the same lock gives the same bytes.
func (l *Lock) SBOM(w io.Writer) error {
	document := sbom.Document{Metadata: sbom.Metadata{
		Component: sbom.Component{Type: "application", Ref: "MultiLangDaemon", Name: "MultiLangDaemon", Version: l.KCL},
	}}
	lockText := sha256.New()
	if _, err := l.WriteTo(lockText); err != nil {
		return err
	}
	for i := range l.Jars {
		document.Components = append(document.Components, l.Jars[i].component())
	}
	return document.Write(w, lockText.Sum(nil))
}

func (j *Jar) component() sbom.Component {
	c := sbom.Component{
		Type: "library", Group: j.Group, Name: j.Artifact, Version: j.Version,
		PURL: "pkg:maven/" + j.Group + "/" + j.Artifact + "@" + strings.ReplaceAll(j.Version, "+", "%2B") + "?type=jar",
	}
	c.Ref = c.PURL
	c.Hashes = []sbom.Hash{{Algorithm: "SHA-256", Content: j.SHA256}}
	if j.BLAKE3 != "" {
		c.Hashes = append(c.Hashes, sbom.Hash{Algorithm: "BLAKE3", Content: j.BLAKE3})
	}
	for _, licence := range j.Licences {
		node := sbom.Licence{Licence: sbom.LicenceName{Name: licence}}
		if isSPDX(licence) {
			node.Licence = sbom.LicenceName{ID: licence}
		}
		c.Licences = append(c.Licences, node)
	}
	return c
}
