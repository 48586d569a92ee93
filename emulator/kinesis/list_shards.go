package kinesis

import (
	"slices"
	"time"

	"clickstream/emulator/internal/wire"
)

// ListShards: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html
// Kept: every ShardFilter, pages by MaxResults, ExclusiveStartShardId and NextToken, which expires after 300 seconds.
// Further pages of AT_LATEST and AT_TRIM_HORIZON are about the same moment as the first. StreamCreationTimestamp.
// Left out: nothing.

// ListShardsInput is what ListShards takes.
type ListShardsInput struct {
	Target
	NextToken             string       `json:",omitempty"`
	ExclusiveStartShardId string       `json:",omitempty"` //nolint:revive // the wire's name
	MaxResults            *int64       `json:",omitempty"`
	ShardFilter           *ShardFilter `json:",omitempty"`

	StreamCreationTimestamp *wire.Timestamp `json:",omitempty"`
}

// ShardFilter picks shards: those that were open at a point of time (AT_…), those and all later ones (FROM_…), or those that
// follow a shard.
type ShardFilter struct {
	Type      string
	ShardId   string          `json:",omitempty"` //nolint:revive // the wire's name
	Timestamp *wire.Timestamp `json:",omitempty"`
}

// ListShardsOutput is what ListShards answers.
type ListShardsOutput struct {
	Shards    []Shard
	NextToken string `json:",omitempty"`
}

const (
	filterAfterShard      = "AFTER_SHARD_ID"
	filterAtTrimHorizon   = "AT_TRIM_HORIZON"
	filterFromTrimHorizon = "FROM_TRIM_HORIZON"
	filterAtLatest        = "AT_LATEST"
	filterAtTimestamp     = "AT_TIMESTAMP"
	filterFromTimestamp   = "FROM_TIMESTAMP"

	listedShards  = 1000
	shardListKind = "list of shards"
)

func (s *Service) listShards(scope wire.Scope, in *ListShardsInput) (*ListShardsOutput, error) {
	now := s.now()
	request := *in
	of, err := s.continued(&request, &scope, now)
	if err != nil {
		return nil, err
	}
	st, err := s.lock(scope, request.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if status := st.status(now); status == statusCreating || status == statusDeleting {
		return nil, wire.Errorf("ResourceInUseException", "Stream %s under account %s not ACTIVE, instead in state %s", st.name, st.scope.Account, status)
	}
	if of != 0 && of != st.id { // another of that name
		return nil, notFound(streamKey{st.scope, st.name})
	}
	if created := in.StreamCreationTimestamp; created != nil && created.Time().Unix() != st.created.Unix() {
		return nil, notFound(streamKey{st.scope, st.name})
	}
	shards := st.listed(now)
	if request.ShardFilter != nil {
		if shards, err = st.filter(shards, request.ShardFilter, now); err != nil {
			return nil, err
		}
	}
	return s.shardPage(st, after(shards, request.ExclusiveStartShardId), &request, now)
}

// shardPage describes shards up to the request's limit and says how to go on.
func (s *Service) shardPage(st *stream, shards []*shard, request *ListShardsInput, now time.Time) (*ListShardsOutput, error) {
	shown := shards[:min(len(shards), orDefault(request.MaxResults, listedShards), listedShards)]
	out := &ListShardsOutput{Shards: describeShards(shown)}
	if len(shown) < len(shards) {
		token, err := s.nextShards(st, shown[len(shown)-1], request.ShardFilter, now)
		if err != nil {
			return nil, err
		}
		out.NextToken = token
	}
	return out, nil
}

// continued fills in a request that goes on with an earlier one, and returns the id of the stream that was about; else 0.
func (s *Service) continued(request *ListShardsInput, scope *wire.Scope, now time.Time) (uint64, error) {
	named := request.StreamName != "" || request.StreamARN != ""
	switch {
	case request.NextToken == "" && !named:
		return 0, wire.Errorf("InvalidArgumentException", "Either NextToken or StreamName should be provided.")
	case request.NextToken == "":
		return 0, nil
	case named:
		return 0, wire.Errorf("InvalidArgumentException", "NextToken and StreamName cannot be provided together.")
	case request.ExclusiveStartShardId != "":
		return 0, wire.Errorf("InvalidArgumentException", "NextToken and ExclusiveStartShardId cannot be provided together.")
	case request.StreamCreationTimestamp != nil:
		return 0, wire.Errorf("InvalidArgumentException", "NextToken and StreamCreationTimestamp cannot be provided together.")
	case request.ShardFilter != nil:
		return 0, wire.Errorf("InvalidArgumentException", "NextToken and ShardFilter cannot be provided together.")
	}
	token, err := s.token(shardListKind, request.NextToken, now)
	if err != nil {
		return 0, err
	}
	*scope, request.StreamName, request.ExclusiveStartShardId = token.key.scope, token.key.name, shardID(token.shard)
	if filters := filterKinds(); int(token.filter) < len(filters) {
		at := wire.Timestamp(time.Unix(0, int64(token.index)))
		request.ShardFilter = &ShardFilter{Type: filters[token.filter], ShardId: request.ExclusiveStartShardId, Timestamp: &at}
	}
	return token.stream, nil
}

// filterKinds lists the filters in the order by which next tokens know them.
func filterKinds() []string {
	return []string{filterAfterShard, filterAtTrimHorizon, filterFromTrimHorizon, filterAtLatest, filterAtTimestamp, filterFromTimestamp}
}

// nextShards returns the token that goes on after a shard.
func (s *Service) nextShards(st *stream, last *shard, filter *ShardFilter, now time.Time) (string, error) {
	next := cursor{issued: now.UnixMilli(), stream: st.id, shard: last.number, filter: 0xff, key: streamKey{st.scope, st.name}}
	if filter != nil {
		at, err := st.filterTime(filter, now)
		if err != nil {
			return "", err
		}
		kind := filter.Type
		switch kind { // the moment stays the same
		case filterAtLatest, filterAtTrimHorizon:
			kind = filterAtTimestamp
		case filterFromTrimHorizon:
			kind = filterFromTimestamp
		}
		next.filter, next.index = byte(slices.Index(filterKinds(), kind)), uint64(at.UnixNano())
	}
	return s.tokens.seal(shardListKind, next.encode()), nil
}

// token reads a next token.
func (s *Service) token(kind, text string, now time.Time) (cursor, error) {
	content, ok := s.tokens.open(kind, text)
	if !ok {
		return cursor{}, wire.Errorf("InvalidArgumentException", "NextToken is invalid.")
	}
	token := decodeCursor(content)
	if token.expired(now) {
		return cursor{}, wire.Errorf("ExpiredNextTokenException", "NextToken expired. It was valid for %d seconds.", int(lifetime.Seconds()))
	}
	return token, nil
}

// filter picks of the listed shards those that a filter asks for.
func (st *stream) filter(shards []*shard, filter *ShardFilter, now time.Time) ([]*shard, error) {
	if filter.Type == filterAfterShard {
		if filter.ShardId == "" {
			return nil, wire.Errorf("InvalidArgumentException", "ShardId must be provided with the ShardFilter type %s.", filter.Type)
		}
		return after(shards, filter.ShardId), nil
	}
	at, err := st.filterTime(filter, now)
	if err != nil {
		return nil, err
	}
	later := filter.Type == filterFromTrimHorizon || filter.Type == filterFromTimestamp
	picked := make([]*shard, 0, len(shards))
	for _, one := range shards {
		if one.openAt(at) || (later && one.opened.After(at)) {
			picked = append(picked, one)
		}
	}
	return picked, nil
}

// filterTime returns the point of time that a filter is about. The first shards stand for all the time before the stream was
// made, and nothing from before the horizon is listed.
func (st *stream) filterTime(filter *ShardFilter, now time.Time) (time.Time, error) {
	at := st.horizon(now)
	switch filter.Type {
	case filterAtLatest:
		at = st.changed
	case filterAtTimestamp, filterFromTimestamp:
		if filter.Timestamp == nil {
			return at, wire.Errorf("InvalidArgumentException", "Timestamp must be provided with the ShardFilter type %s.", filter.Type)
		}
		asked := filter.Timestamp.Time()
		if asked.After(now.Add(time.Millisecond)) { // the wire rounds to milliseconds
			return at, wire.Errorf("InvalidArgumentException", "Timestamp of the ShardFilter cannot be later than now.")
		}
		if asked.After(at) {
			at = asked
		}
	}
	if at.Before(st.created) {
		at = st.created
	}
	return at, nil
}
