package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// ListTagsForStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForStream.html
// Kept: tags in order of their keys, pages by Limit and ExclusiveStartTagKey.
// Left out: nothing.

// ListTagsForStreamInput is what ListTagsForStream takes.
type ListTagsForStreamInput struct {
	Target
	ExclusiveStartTagKey string `json:",omitempty"`
	Limit                *int64 `json:",omitempty"`
}

// ListTagsForStreamOutput is what ListTagsForStream answers.
type ListTagsForStreamOutput struct {
	Tags        []Tag
	HasMoreTags bool
}

func (s *Service) listTagsForStream(scope wire.Scope, in *ListTagsForStreamInput) (*ListTagsForStreamOutput, error) {
	st, err := s.lock(scope, in.Target, s.now())
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	tags := listTags(st.tags)
	for len(tags) > 0 && tags[0].Key <= in.ExclusiveStartTagKey {
		tags = tags[1:]
	}
	shown := tags[:min(len(tags), orDefault(in.Limit, mostTags))]
	return &ListTagsForStreamOutput{Tags: shown, HasMoreTags: len(shown) < len(tags)}, nil
}
