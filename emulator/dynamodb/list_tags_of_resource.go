package dynamodb

import (
	"maps"
	"slices"

	"clickstream/emulator/internal/wire"
)

// ListTagsOfResource: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
// Kept: all tags in one reply, in the order of their keys.
// Left out: pages, so a NextToken is refused: none was ever given.

// ListTagsOfResourceInput is the request. ResourceArn is a table's ARN.
type ListTagsOfResourceInput struct {
	NextToken   LeftOut
	ResourceArn string
}

// ListTagsOfResourceOutput is the reply.
type ListTagsOfResourceOutput struct{ Tags []Tag }

// Check implements wire.Checker.
func (in *ListTagsOfResourceInput) Check(c *wire.Check) {
	c.Required("resourceArn", in.ResourceArn != "")
}

func (s *Service) listTagsOfResource(scope wire.Scope, in *ListTagsOfResourceInput) (*ListTagsOfResourceOutput, error) {
	if err := refuseLeftOut("ListTagsOfResource", in); err != nil {
		return nil, err
	}
	t, err := s.resource(scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	tags := make([]Tag, 0, len(t.tags))
	for _, key := range slices.Sorted(maps.Keys(t.tags)) {
		tags = append(tags, Tag{key, t.tags[key]})
	}
	return &ListTagsOfResourceOutput{tags}, nil
}
