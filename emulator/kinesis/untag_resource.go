package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// UntagResource: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UntagResource.html
// Kept: tags of streams, consumers and channels.
// Left out: queues.

// UntagResourceInput is what UntagResource takes.
type UntagResourceInput struct {
	ResourceTarget
	TagKeys []string
}

func (s *Service) untagResource(scope wire.Scope, in *UntagResourceInput) (*wire.Nothing, error) {
	found, err := s.lockResource(scope, in.ResourceARN, s.now())
	if err != nil {
		return nil, err
	}
	defer found.unlock()
	tags, err := removeTags(*found.tags, in.TagKeys)
	if err != nil {
		return nil, err
	}
	*found.tags = tags
	return nil, s.keep(found.stream)
}
