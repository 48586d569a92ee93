package dynamodb

import "clickstream/emulator/internal/wire"

// UntagResource: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html
// Kept: all of it. A key that is not there is no error.
// Left out: nothing.

// UntagResourceInput is the request. ResourceArn is a table's ARN.
type UntagResourceInput struct {
	ResourceArn string
	TagKeys     []string
}

// Check implements wire.Checker.
func (in *UntagResourceInput) Check(c *wire.Check) {
	c.Required("resourceArn", in.ResourceArn != "")
	c.Required("tagKeys", in.TagKeys != nil)
}

func (s *Service) untagResource(scope wire.Scope, in *UntagResourceInput) (*wire.Nothing, error) {
	t, err := s.resource(scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range in.TagKeys {
		delete(t.tags, key)
	}
	return nil, t.keep()
}
