// Package wire is the layer between HTTP and the emulated services that speak JSON 1.x and CBOR: it finds the
// operation, decodes its input, lets it check itself, calls its handler and encodes what comes back.
//
// A service is a Table of operations, each made by Op from a plain function. Inputs and outputs are plain structs whose
// field names are the wire names; one struct serves both encodings. Handlers know nothing of HTTP or of encodings, and
// *Error is the only error they make.
//
// The protocols: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html and, for CBOR, the form that the AWS SDK
// for Java sends to Kinesis (application/x-amz-cbor-1.1: the same maps, byte strings for blobs, tag 1 with milliseconds
// for times).
package wire
