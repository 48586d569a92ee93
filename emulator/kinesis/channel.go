package kinesis

import (
	"fmt"
	"strings"
	"time"

	"clickstream/emulator/internal/wire"
)

// channel delivers a stream's records to S3. Its stream's lock guards it. It has no timer either: whoever looks at the stream, at the
// channel or at S3 first has delivered what was due by then.
type channel struct {
	lifecycle
	stream  *stream
	name    string
	id      string
	created time.Time
	input   CreateChannelInput // as it was created; UpdateChannel changes it
	tags    map[string]string
	reason  string            // why it FAILED; it stays so
	next    map[uint32]uint64 // by shard: the first record that is not delivered; a shard that is not there has none delivered
	objects int               // delivered so far
}

const (
	statusFailed     = "FAILED"
	defaultFreshness = 300 // seconds

	destinationS3     = "S3"
	destinationTables = "S3_TABLES"
)

// state is status, or FAILED.
func (c *channel) state(now time.Time) string {
	if status := c.status(now); status != statusActive || c.reason == "" {
		return status
	}
	return statusFailed
}

func (c *channel) arn() string {
	scope := c.stream.scope
	return fmt.Sprintf("arn:aws:kinesis:%s:%s:channel/%s", scope.Region, scope.Account, c.name)
}

func (c *channel) destination() string {
	if c.input.S3TablesDestinationConfiguration != nil {
		return destinationTables
	}
	return destinationS3
}

// channelsAt returns the stream's channels that exist at a time.
func (st *stream) channelsAt(now time.Time) []*channel {
	present := make([]*channel, 0, len(st.channels))
	for _, one := range st.channels {
		if one.status(now) != "" {
			present = append(present, one)
		}
	}
	return present
}

// lockChannel finds a channel and locks its stream, whose records were delivered as far as they were due; the caller unlocks it.
func (s *Service) lockChannel(scope wire.Scope, arn string, now time.Time) (*channel, error) {
	parts := strings.SplitN(arn, ":", 6) // arn:aws:kinesis:region:account:channel/name; the pattern was checked
	owner := wire.Scope{Region: parts[3], Account: parts[4]}
	for _, st := range s.streamsOf(owner) {
		st.mu.Lock()
		s.settle(st, now)
		for _, one := range st.channelsAt(now) {
			if one.arn() == arn {
				return one, nil
			}
		}
		st.mu.Unlock()
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Channel %s under account %s not found.", strings.TrimPrefix(parts[5], "channel/"), scope.Account)
}

// streamsOf returns the streams of a scope; some may be gone.
func (s *Service) streamsOf(scope wire.Scope) []*stream {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []*stream
	for key, st := range s.streams {
		if key.scope == scope {
			found = append(found, st)
		}
	}
	return found
}

// ChannelDescription describes a channel.
type ChannelDescription struct {
	ChannelName, ChannelARN, ChannelId, ChannelStatus string //nolint:revive // the wire's names
	ChannelStatusReason                               string `json:",omitempty"`
	ChannelCreationTimestamp                          *wire.Timestamp
	ServiceExecutionRoleARN                           string
	StreamConfigurationList                           []ChannelStreamDescription
	S3DestinationConfiguration                        *S3Destination                  `json:",omitempty"`
	S3TablesDestinationConfiguration                  *S3TablesDestination            `json:",omitempty"`
	EncryptionConfiguration                           *ChannelEncryptionConfiguration `json:",omitempty"`
	LoggingConfiguration                              ChannelLoggingConfiguration
}

// ChannelStreamDescription says which stream a channel reads, and how.
type ChannelStreamDescription struct {
	StreamARN               string
	StreamCreationTimestamp *wire.Timestamp
	RecordConfiguration     RecordConfiguration
}

func (c *channel) describe(now time.Time) ChannelDescription {
	in := &c.input
	described := ChannelDescription{
		ChannelName: c.name, ChannelARN: c.arn(), ChannelId: c.id, ChannelStatus: c.state(now), ChannelStatusReason: c.reason,
		ChannelCreationTimestamp: stamp(c.created), ServiceExecutionRoleARN: in.ServiceExecutionRoleARN,
		StreamConfigurationList: []ChannelStreamDescription{{
			StreamARN: c.stream.arn(), StreamCreationTimestamp: stamp(c.stream.created), RecordConfiguration: in.StreamConfigurationList[0].RecordConfiguration,
		}},
		S3DestinationConfiguration: in.S3DestinationConfiguration, S3TablesDestinationConfiguration: in.S3TablesDestinationConfiguration,
		EncryptionConfiguration: in.EncryptionConfiguration, LoggingConfiguration: *in.LoggingConfiguration,
	}
	return described
}

// freshness is the age at which a record is delivered.
func (c *channel) freshness() time.Duration {
	return time.Duration(*c.input.S3DestinationConfiguration.DataFreshnessInSeconds) * time.Second
}
