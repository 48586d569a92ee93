package properties

import (
	"errors"
	"fmt"
	"strings"
)

func placementSettings() []Setting {
	return []Setting{
		{
			Key: "serverSideEncryption", Unset: "the bucket's own", check: oneOf("AES256", encryptionKMS, encryptionKMS+":dsse"),
			Usage: "how S3 encrypts what is stored: AES256, aws:kms or aws:kms:dsse",
			field: func(c *Config) any { return &c.ServerSideEncryption },
		},
		{
			Key: "kmsKeyId", Unset: "the account's key for S3", check: nonBlank,
			Usage: "ID or ARN of the KMS key for serverSideEncryption aws:kms and aws:kms:dsse",
			field: func(c *Config) any { return &c.KmsKeyID },
		},
		{
			// Classes that hold an object back for hours are left out: verify, and consume after a lost reply, read what is stored.
			Key: "storageClass", Default: "STANDARD", check: oneOf("STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"),
			Usage: "S3 storage class of the data objects",
			field: func(c *Config) any { return &c.StorageClass },
		},
		{
			Key: "objectTags", Unset: "no tags", check: objectTags,
			Usage: "tags of the data objects, at most 10: team=clicks,stage=production",
			field: func(c *Config) any { return &c.ObjectTags },
		},
	}
}

const encryptionKMS = "aws:kms"

// Tag is a key and a value that S3 keeps with an object.
type Tag struct{ Key, Value string }

// Tags returns ObjectTags taken apart, in the order in which they were written.
func (c *Config) Tags() []Tag {
	var tags []Tag
	for part := range strings.SplitSeq(c.ObjectTags, ",") {
		if key, value, ok := strings.Cut(part, "="); ok {
			tags = append(tags, Tag{strings.TrimSpace(key), strings.TrimSpace(value)})
		}
	}
	return tags
}

// objectTags follows the S3 user guide, "Categorizing your objects using tags": at most 10, keys of 128 and values of 256 characters,
// letters, digits, spaces and + - = . _ : / @. Here = may not stand in a key, nor a comma anywhere.
func objectTags(text string) (string, error) {
	seen := make(map[string]bool)
	for part := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(part, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || key == "" {
			return "", errors.New("must look like key=value,key=value")
		}
		if err := checkTag(key, value); err != nil {
			return "", err
		}
		if seen[key] {
			return "", fmt.Errorf("must have the key %s only once", key)
		}
		seen[key] = true
	}
	if len(seen) > 10 {
		return "", errors.New("must be at most 10 tags")
	}
	return text, nil
}

func checkTag(key, value string) error {
	switch {
	case len(key) > 128 || len(value) > 256:
		return errors.New("must have keys of at most 128 and values of at most 256 characters")
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		return errors.New("must not have keys that begin with aws:, which AWS keeps for itself")
	case strings.ContainsFunc(key+value, func(r rune) bool {
		return r > 127 || !alphanumeric(byte(r)) && !strings.ContainsRune(" +-=._:/@", r)
	}):
		return errors.New("must have only letters, digits, spaces and + - = . _ : / @ in its keys and values")
	}
	return nil
}

// checkPlacement refuses a key for an encryption that takes none.
func (c *Config) checkPlacement() error {
	if c.KmsKeyID != "" && !strings.HasPrefix(c.ServerSideEncryption, encryptionKMS) {
		return fmt.Errorf("kmsKeyId is set, but serverSideEncryption is %q: set that to %s, or leave kmsKeyId out", c.ServerSideEncryption, encryptionKMS)
	}
	return nil
}
