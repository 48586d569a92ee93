package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// RemoveTagsFromStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RemoveTagsFromStream.html
// Kept: all; tags that are not there are no error.
// Left out: nothing.

// RemoveTagsFromStreamInput is what RemoveTagsFromStream takes.
type RemoveTagsFromStreamInput struct {
	Target
	TagKeys []string
}

func (s *Service) removeTagsFromStream(scope wire.Scope, in *RemoveTagsFromStreamInput) (*wire.Nothing, error) {
	st, err := s.lock(scope, in.Target, s.now())
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	tags, err := removeTags(st.tags, in.TagKeys)
	if err != nil {
		return nil, err
	}
	st.tags = tags
	return nil, s.keep(st)
}
