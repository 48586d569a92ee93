package s3

import (
	"net/http"
	"strings"
	"time"
)

// sameETag compares entity tags, with or without their quotes.
func sameETag(a, b string) bool { return strings.Trim(a, `"`) == strings.Trim(b, `"`) }

// matchesETag says whether a list such as If-Match holds an entity tag.
func matchesETag(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == "*" || sameETag(one, etag) {
			return true
		}
	}
	return false
}

// readWriteCondition takes If-None-Match and If-Match from a write.
func readWriteCondition(header http.Header) (writeCondition, error) {
	none, match := header.Get("If-None-Match"), header.Get("If-Match")
	switch {
	case none != "" && strings.Trim(none, `"`) != "*":
		return writeCondition{}, errNotImplemented.with("Header", "If-None-Match")
	case none != "" && match != "":
		return writeCondition{}, errNotImplemented.with("Header", "If-Match")
	}
	return writeCondition{absent: none != "", etag: match}, nil
}

// checkRead holds a read to the four conditions of HTTP. The headers' names
// start with prefix, which copies use for their source; there every failure is
// 412. Entity tags win over dates.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html
func (o *object) checkRead(header http.Header, prefix string, isCopy bool) error {
	match, since := header.Get(prefix+"If-Match"), header.Get(prefix+"If-Unmodified-Since")
	switch {
	case match != "" && !matchesETag(match, o.etag):
		return errPreconditionFailed.with("Condition", "If-Match")
	case match == "" && o.modifiedAfter(since, false):
		return errPreconditionFailed.with("Condition", "If-Unmodified-Since")
	}
	none := header.Get(prefix + "If-None-Match")
	since = header.Get(prefix + "If-Modified-Since")
	var failed string
	switch {
	case none != "" && matchesETag(none, o.etag):
		failed = "If-None-Match"
	case none == "" && since != "" && !o.modifiedAfter(since, true):
		failed = "If-Modified-Since"
	default:
		return nil
	}
	if isCopy {
		return errPreconditionFailed.with("Condition", failed)
	}
	var r reply
	o.identify(&r)
	unchanged := *errNotModified
	unchanged.header = r.header
	return &unchanged
}

// modifiedAfter says whether the object is younger than an HTTP date; a date
// that cannot be read gives otherwise, so that it is as if it were not there.
func (o *object) modifiedAfter(date string, otherwise bool) bool {
	at, err := http.ParseTime(date)
	if err != nil {
		at, err = time.Parse(time.RFC3339, date)
	}
	if err != nil {
		return otherwise
	}
	return o.modified.After(at)
}
