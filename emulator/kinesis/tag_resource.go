package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// TagResource: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_TagResource.html
// Kept: tags of streams, consumers and channels.
// Left out: queues.

// TagResourceInput is what TagResource takes.
type TagResourceInput struct {
	ResourceTarget
	Tags map[string]string
}

// ResourceTarget is how operations name anything that has an ARN.
type ResourceTarget struct {
	ResourceARN string
	StreamId    string `json:",omitempty"` //nolint:revive // the wire's name; the service reserves it for later and heeds it not
}

func (s *Service) tagResource(scope wire.Scope, in *TagResourceInput) (*wire.Nothing, error) {
	found, err := s.lockResource(scope, in.ResourceARN, s.now())
	if err != nil {
		return nil, err
	}
	defer found.unlock()
	tags, err := addTags(*found.tags, in.Tags, found.name)
	if err != nil {
		return nil, err
	}
	*found.tags = tags
	return nil, s.keep(found.stream)
}
