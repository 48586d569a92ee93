// Package kinesis emulates Amazon Kinesis Data Streams: streams, shards and records in memory, with the service's sequence
// numbers, iterators, retention, resharding and limits. It knows neither HTTP nor encodings; package emulator serves its
// Operations.
//
// API: https://docs.aws.amazon.com/kinesis/latest/APIReference/Welcome.html
package kinesis

import (
	"strings"
	"sync"
	"time"

	"clickstream/emulator/internal/wire"
)

// Options are the settings of a Service.
type Options struct {
	CreateDelay time.Duration // how long streams are CREATING, UPDATING and DELETING; 0 is no time at all
	Throttle    bool          // whether shards refuse more than 1,000 records or 1 MiB a second, as the service's do
}

// Service is the emulated Kinesis. Its methods may be called at the same time.
type Service struct {
	options Options
	tokens  *sealer

	mu      sync.RWMutex
	streams map[streamKey]*stream
	created uint64 // streams made so far

	closed  chan struct{} // ends subscriptions
	closing sync.Once
}

type streamKey struct {
	scope wire.Scope
	name  string
}

// New makes a Service without streams.
func New(options Options) (*Service, error) {
	tokens, err := newSealer()
	if err != nil {
		return nil, err
	}
	return &Service{options: options, tokens: tokens, streams: map[streamKey]*stream{}, closed: make(chan struct{})}, nil
}

// Close ends all subscriptions and those that are still to come. The streams remain.
func (s *Service) Close() {
	s.closing.Do(func() { close(s.closed) })
}

func (s *Service) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// Target is how operations name a stream: by name, by ARN, or by both.
type Target struct {
	StreamName string `json:",omitempty"`
	StreamARN  string `json:",omitempty"`
}

func (t *Target) check(c *wire.Check) {
	if t.StreamName != "" {
		checkName(c, "streamName", t.StreamName)
	}
	if t.StreamARN != "" {
		c.Length("streamARN", t.StreamARN, 1, 2048)
		c.Match("streamARN", t.StreamARN, arnPattern)
	}
	if t.StreamName == "" && t.StreamARN == "" {
		c.Required("streamName", false)
	}
}

// key returns where the stream is filed. An ARN says itself whose stream it names.
func (t *Target) key(scope wire.Scope) (streamKey, error) {
	if t.StreamARN == "" {
		return streamKey{scope, t.StreamName}, nil
	}
	parts := strings.SplitN(t.StreamARN, ":", 6) // arn:aws:kinesis:region:account:stream/name; the pattern was checked
	name := strings.TrimPrefix(parts[5], "stream/")
	if t.StreamName != "" && t.StreamName != name {
		return streamKey{}, wire.Errorf("InvalidArgumentException", "StreamARN %s and StreamName %s do not name the same stream.", t.StreamARN, t.StreamName)
	}
	return streamKey{wire.Scope{Region: parts[3], Account: parts[4]}, name}, nil
}

// lock finds the stream that a request names and locks it; the caller unlocks it. The stream exists at the time, in whatever
// state.
func (s *Service) lock(scope wire.Scope, target Target, now time.Time) (*stream, error) {
	key, err := target.key(scope)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	st := s.streams[key]
	s.mu.RUnlock()
	if st != nil {
		st.mu.Lock()
		if st.status(now) != "" {
			return st, nil
		}
		st.mu.Unlock()
	}
	return nil, notFound(key)
}

// lockReady is lock for operations that need the stream's shards.
func (s *Service) lockReady(scope wire.Scope, target Target, now time.Time) (*stream, error) {
	st, err := s.lock(scope, target, now)
	if err != nil {
		return nil, err
	}
	if status := st.status(now); status == statusCreating || status == statusDeleting {
		st.mu.Unlock()
		return nil, notFound(streamKey{st.scope, st.name})
	}
	return st, nil
}

// lockActive is lock for operations that change the stream itself, which it must have no other change under way for.
func (s *Service) lockActive(scope wire.Scope, target Target, now time.Time) (*stream, error) {
	st, err := s.lock(scope, target, now)
	if err != nil {
		return nil, err
	}
	if status := st.status(now); status != statusActive {
		st.mu.Unlock()
		return nil, wire.Errorf("ResourceInUseException", "Stream %s under account %s not ACTIVE, instead in state %s", st.name, st.scope.Account, status)
	}
	return st, nil
}

func notFound(key streamKey) *wire.Error {
	return wire.Errorf("ResourceNotFoundException", "Stream %s under account %s not found.", key.name, key.scope.Account)
}
