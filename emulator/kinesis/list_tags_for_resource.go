package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// ListTagsForResource: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForResource.html
// Kept: tags of streams, consumers and channels, in order of their keys.
// Left out: queues.

// ListTagsForResourceInput is what ListTagsForResource takes.
type ListTagsForResourceInput struct{ ResourceTarget }

// ListTagsForResourceOutput is what ListTagsForResource answers.
type ListTagsForResourceOutput struct{ Tags []Tag }

func (s *Service) listTagsForResource(scope wire.Scope, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	found, err := s.lockResource(scope, in.ResourceARN, s.now())
	if err != nil {
		return nil, err
	}
	defer found.unlock()
	return &ListTagsForResourceOutput{listTags(*found.tags)}, nil
}
