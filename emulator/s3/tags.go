package s3

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Limits of tags.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
const (
	maxObjectTags = 10
	maxBucketTags = 50
	maxTagKey     = 128 // characters
	maxTagValue   = 256 // characters
)

// parseTagHeader reads x-amz-tagging: tags as URL parameters.
func parseTagHeader(text string) ([]field, error) {
	if text == "" {
		return nil, nil
	}
	var tags []field
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, argument("x-amz-tagging", text, "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, argument("x-amz-tagging", text, "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		tags = append(tags, field{name, value})
	}
	return tags, checkTags(tags, maxObjectTags, "Object")
}

// readTags reads the TagSet below n.
func readTags(n *node, most int, what string) ([]field, error) {
	set := n.child("TagSet")
	if set == nil {
		return nil, errMalformedXML
	}
	return readTagList(set, most, what)
}

func readTagList(set *node, most int, what string) ([]field, error) {
	tags := []field{}
	for _, t := range set.all("Tag") {
		key, value := t.child("Key"), t.child("Value")
		if key == nil || value == nil {
			return nil, errMalformedXML
		}
		tags = append(tags, field{key.text, value.text})
	}
	return tags, checkTags(tags, most, what)
}

func checkTags(tags []field, most int, what string) error {
	if len(tags) > most {
		return errBadRequest.because("%s tags cannot be greater than %d", what, most)
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.name == "" || utf8.RuneCountInString(t.name) > maxTagKey:
			return errInvalidTag.because("The TagKey you have provided is invalid").with("TagKey", t.name)
		case utf8.RuneCountInString(t.value) > maxTagValue:
			return errInvalidTag.because("The TagValue you have provided is invalid").with("TagKey", t.name).with("TagValue", t.value)
		case strings.HasPrefix(t.name, "aws:"):
			return errInvalidTag.because("System tags cannot be added/updated by requester").with("TagKey", t.name)
		case seen[t.name]:
			return errInvalidTag.because("Cannot provide multiple Tags with the same key").with("TagKey", t.name)
		}
		seen[t.name] = true
	}
	return nil
}

// tagging writes a Tagging document.
func tagging(tags []field) *xmlWriter {
	x := newXML()
	x.root("Tagging")
	x.open("TagSet")
	for _, t := range tags {
		x.open("Tag")
		x.text("Key", t.name)
		x.text("Value", t.value)
		x.close("Tag")
	}
	x.close("TagSet")
	x.close("Tagging")
	return x
}
