// Package s3 is the S3 half of the emulated AWS: buckets and objects in
// memory behind the REST protocol that SDKs and the aws command line speak.
//
// A [Store] spans accounts. The account of a request is the access key id of
// its credential scope when that is 12 digits, else 000000000000; a bucket
// belongs to the account that created it and is closed (403) to every other.
// Signatures are not verified: the emulator knows nobody's secret.
//
// # Why it is written from scratch
//
// It was meant to stand on github.com/rclone/gofakes3 with a back end of its
// own. What current clients need lies in front of that back end, in the part
// that cannot be replaced:
//   - trailers of aws-chunked bodies are thrown away, so the checksum that
//     SDKs send by default is neither verified nor stored;
//   - leading slashes of a path are trimmed, and with them those of a key in
//     a virtual-host style request;
//   - there is no notion of an account or a region, of an owner other than
//     one constant, and lifecycle, policy, encryption, public access block,
//     ownership and bucket tagging are refused before the back end is asked;
//   - bodies pass three readers of hashes and checksums chunk by chunk, a
//     signature package keeps a package-level credential store, and time
//     comes from a clock interface that testing/synctest has made needless.
//
// Replacing routing, bodies, errors and configuration would have left its
// XML structs. So it is all here, on the standard library alone.
//
// # Shape
//
// operations.go lists the operations; each has a file that starts with the
// address of its API reference and says what is kept and what is left out.
// The model (store.go, bucket.go, object.go, upload.go, index.go) knows no
// HTTP. There are no goroutines and no timers: everything happens inside a
// request, and time is read from [time.Now] when it is needed.
//
// # Left out of the whole
//
// Signatures, access policies and ACLs (kept documents have no effect),
// versioning (every object is the null version), object lock, replication,
// redirects between regions, throttling, CORS, static web sites, lifecycle
// actions (rules are kept, never applied).
package s3
