package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// AddTagsToStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html
// Kept: new and changed tags, 50 a stream, the characters of tags.
// Left out: nothing.

// AddTagsToStreamInput is what AddTagsToStream takes.
type AddTagsToStreamInput struct {
	Target
	Tags map[string]string
}

func (s *Service) addTagsToStream(scope wire.Scope, in *AddTagsToStreamInput) (*wire.Nothing, error) {
	st, err := s.lock(scope, in.Target, s.now())
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	tags, err := addTags(st.tags, in.Tags, "stream "+st.name+" under account "+st.scope.Account)
	if err != nil {
		return nil, err
	}
	st.tags = tags
	return nil, s.keep(st)
}
