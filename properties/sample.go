package properties

import (
	"bytes"
	_ "embed"
)

// SampleName is the name of the properties file that commands look for in the working directory.
const SampleName = "sample.properties"

//go:embed sample.properties
var sample []byte

// Sample returns a copy of the embedded sample.properties: every setting that matters, each with a comment.
func Sample() []byte { return bytes.Clone(sample) }
