package dynamodb

import "clickstream/emulator/internal/wire"

// TagResource: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html
// Kept: up to 50 tags a table.
// Left out: nothing.

// TagResourceInput is the request. ResourceArn is a table's ARN.
type TagResourceInput struct {
	ResourceArn string
	Tags        []Tag
}

// Check implements wire.Checker.
func (in *TagResourceInput) Check(c *wire.Check) {
	c.Required("resourceArn", in.ResourceArn != "")
	c.Required("tags", in.Tags != nil)
}

func (s *Service) tagResource(scope wire.Scope, in *TagResourceInput) (*wire.Nothing, error) {
	t, err := s.resource(scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.tag(in.Tags); err != nil {
		return nil, err
	}
	return nil, t.keep()
}

const maxTags = 50

// tag adds tags or changes them.
func (t *table) tag(tags []Tag) error {
	merged := len(t.tags)
	for _, tag := range tags {
		if n := len([]rune(tag.Key)); n < 1 || n > 128 {
			return invalidParameter("The key of a tag has 1 to 128 characters, %q has %d", tag.Key, n)
		}
		if n := len([]rune(tag.Value)); n > 256 {
			return invalidParameter("The value of a tag has up to 256 characters, that of %q has %d", tag.Key, n)
		}
		if _, there := t.tags[tag.Key]; !there {
			merged++
		}
	}
	if merged > maxTags {
		return invalidParameter("Too many tags: a table has up to %d", maxTags)
	}
	for _, tag := range tags {
		t.tags[tag.Key] = tag.Value
	}
	return nil
}

// resource finds the table with the ARN.
func (s *Service) resource(scope wire.Scope, arn string) (*table, error) {
	if t := s.lookup(scope, arn); t != nil && arn == t.arn() {
		return t, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Requested resource not found: ResourcArn: %s not found", arn)
}
