// Package delivery holds what the writers and the readers of delivered objects must agree on: positions, the names and contents of
// claims, object keys and their templates, the digest, the metadata and the formats of objects. consume writes by it; verify and
// cleanup read by it. It does no input or output.
//
// A shard is cut into batches, one after the other. A batch begins behind a position, its records lie in one object, and a claim filed
// under that position says which object that is and where it ends: so all writers, also dead and paused ones, walk the same chain of
// batches, whatever their settings.
package delivery

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// The names in a bucket that are not data objects. The prefixes end in a slash, so that none is the beginning of another.
const (
	ClaimPrefix = "_claims/"             // what follows a position: ClaimKey
	ErrorPrefix = "_errors/"             // records that their object's format cannot hold: ErrorKey
	OwnerPrefix = "_clickstream/"        // what this program notes about the bucket
	OwnerKey    = OwnerPrefix + "owner"  // the application and the stream that the bucket belongs to
	ProbePrefix = OwnerPrefix + "probe/" // what bootstrap doctor writes and removes at once, to see whether it may
)

// StreamTag is the key of a tag that marks a stream as clickstream's; its value says which command made it. cleanup shows it.
const StreamTag = "clickstream"

// IsData reports whether key names a data object: not a claim, not a record that could not be stored, not a marker.
func IsData(key string) bool {
	return !strings.HasPrefix(key, ClaimPrefix) && !strings.HasPrefix(key, ErrorPrefix) && !strings.HasPrefix(key, OwnerPrefix)
}

// ClaimKey names the claim of what follows p in a shard: "_claims/<application>/<shardId>/<p>".
func ClaimKey(application, shardID string, p Position) string {
	return ClaimPrefix + url.PathEscape(application) + "/" + url.PathEscape(shardID) + "/" + p.String()
}

// ParseClaimKey takes apart a name that ClaimKey made.
func ParseClaimKey(key string) (application, shardID string, p Position, err error) {
	return parseKey(ClaimPrefix, key)
}

// ErrorKey names the object of one record that its batch's format cannot hold: "_errors/<application>/<shardId>/<sequence number>", with
// ".<sub-sequence number>" behind it unless that is 0.
func ErrorKey(application, shardID string, p Position) string {
	return ErrorPrefix + url.PathEscape(application) + "/" + url.PathEscape(shardID) + "/" + p.short()
}

// ParseErrorKey takes apart a name that ErrorKey made.
func ParseErrorKey(key string) (application, shardID string, p Position, err error) {
	return parseKey(ErrorPrefix, key)
}

func parseKey(prefix, key string) (application, shardID string, p Position, err error) {
	rest, found := strings.CutPrefix(key, prefix)
	parts := strings.Split(rest, "/")
	if !found || len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return "", "", Position{}, fmt.Errorf("%q is not of the form %s<application>/<shardId>/<position>", key, prefix)
	}
	if application, err = url.PathUnescape(parts[0]); err != nil {
		return "", "", Position{}, fmt.Errorf("application in %q: %w", key, err)
	}
	if shardID, err = url.PathUnescape(parts[1]); err != nil {
		return "", "", Position{}, fmt.Errorf("shard in %q: %w", key, err)
	}
	text := parts[2]
	if prefix == ErrorPrefix && !strings.Contains(text, ".") {
		text += ".0"
	}
	if p, err = ParsePosition(text); err != nil {
		return "", "", Position{}, fmt.Errorf("position in %q: %w", key, err)
	}
	return application, shardID, p, nil
}

// ApplicationKey names the marker of an application in a bucket that others may use too: "_clickstream/applications/<application>". Claims
// are filed under the application alone, so that it must not serve two streams in one bucket.
func ApplicationKey(application string) string {
	return OwnerPrefix + "applications/" + url.PathEscape(application)
}

// Owner is the content of OwnerKey and of ApplicationKey. A bucket belongs to one application and one stream, unless the key template tells
// applications apart (Template.Separates).
type Owner struct {
	Application string `json:"application"`
	Stream      string `json:"stream"`
}

// Encode returns the marker's content.
func (o Owner) Encode() []byte {
	b, _ := json.Marshal(o) // two strings: cannot fail
	return append(b, '\n')
}

// ParseOwner reads the content of the marker key.
func ParseOwner(key string, b []byte) (Owner, error) {
	var o Owner
	if err := json.Unmarshal(b, &o); err != nil {
		return Owner{}, fmt.Errorf("marker %s: %w", key, err)
	}
	if o.Application == "" || o.Stream == "" {
		return Owner{}, fmt.Errorf("marker %s names no application or no stream", key)
	}
	return o, nil
}
