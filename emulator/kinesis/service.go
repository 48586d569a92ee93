// Package kinesis emulates Amazon Kinesis Data Streams: streams, shards and records in memory, with the service's sequence
// numbers, iterators, retention, resharding and limits. It knows neither HTTP nor encodings; package emulator serves its
// Operations.
//
// API: https://docs.aws.amazon.com/kinesis/latest/APIReference/Welcome.html
package kinesis

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
	"clickstream/emulator/internal/wire"
)

// Options are the settings of a Service.
type Options struct {
	CreateDelay time.Duration // how long streams are CREATING, UPDATING and DELETING; 0 is no time at all
	Throttle    bool          // whether the service's limits hold: of shards, of calls and of accounts

	Clock *clock.Clock // nil is the machine's own

	// Deliver stores what channels deliver. Without it there is no S3, and channels that have something to deliver are FAILED.
	Deliver func(Object) error
}

// Service is the emulated Kinesis. Its methods may be called at the same time.
type Service struct {
	options Options
	tokens  *sealer
	checker *checker

	journal    *journal.Part  // nil where nothing is kept
	memory     *memory.Budget // of records; nil where nobody counts
	secretKept bool           // whether the journal has that of tokens
	replayed   map[uint64]*stream
	counted    uint64 // streams made when the snapshot was begun that was replayed

	mu      sync.RWMutex
	streams map[streamKey]*stream
	created uint64       // streams made so far
	deleted atomic.Int64 // streams that are being deleted, or are gone and still in the map

	commitments map[wire.Scope]commitment // of accounts

	channels atomic.Int64 // made so far
	naming   sync.Mutex   // held while a channel is made, so that no other takes its name; before any stream's lock
	limiter  limiter
	reuse    reuse

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
	if options.Deliver == nil {
		options.Deliver = func(Object) error { return errors.New("there is no S3") }
	}
	return &Service{
		options: options, tokens: tokens, checker: newChecker(), streams: map[streamKey]*stream{}, commitments: map[wire.Scope]commitment{},
		closed: make(chan struct{}),
	}, nil
}

// now returns the emulated time.
func (s *Service) now() time.Time { return s.options.Clock.Now() }

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
	StreamId   string `json:",omitempty"` //nolint:revive // the wire's name; the service reserves it for later and heeds it not
}

// plain says, at little cost, that nothing is wrong with what a hand-written reader found.
func (t *Target) plain() bool {
	if t.StreamName == "" && t.StreamARN == "" || t.StreamId != "" {
		return false
	}
	return (t.StreamName == "" || len(t.StreamName) <= mostNameLength && wellFormedName(t.StreamName)) &&
		(t.StreamARN == "" || len(t.StreamARN) <= mostARNLength && arnPattern.MatchString(t.StreamARN))
}

const (
	mostNameLength = 128
	mostARNLength  = 2048
)

// wellFormedName says whether a name has at least one character, and none but those that names of streams have.
func wellFormedName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return name != ""
}

// key returns where the stream is filed. An ARN says itself whose stream it names.
func (t *Target) key(scope wire.Scope) (streamKey, error) {
	if t.StreamARN == "" && t.StreamName == "" {
		return streamKey{}, missing("streamName")
	}
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
			s.settle(st, now)
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
