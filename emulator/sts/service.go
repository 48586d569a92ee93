// Package sts emulates the part of the AWS Security Token Service by which clients learn whose they are and take on roles.
//
// API: https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
package sts

import (
	"sync"
	"time"

	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/signature"
	"clickstream/emulator/internal/wire"
)

// Service is the emulated STS. Its methods may be called at the same time.
type Service struct {
	mu       sync.Mutex
	sessions map[string]session // by access key
	clock    *clock.Clock
}

// session is a role that was taken on.
type session struct {
	account    string
	role, name string
	id         string // AROA…:name
	secret     string
	token      string
	ends       time.Time
}

// New makes a Service without sessions that goes by a clock, of which nil is the machine's own.
func New(time *clock.Clock) *Service { return &Service{sessions: map[string]session{}, clock: time} }

// Operations returns the operations that the service knows: the only list of them.
func (s *Service) Operations() wire.Table {
	return wire.Table{
		"AssumeRole":        wire.OpBy(s.assumeRole),
		"GetCallerIdentity": wire.OpBy(s.getCallerIdentity),
	}
}

// Wire returns the service as it is served: by the query protocol.
func (s *Service) Wire() *wire.Service {
	return &wire.Service{Name: "sts", JSONVersion: "1.1", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/", QueryCode: queryCode, Operations: s.Operations()}
}

// queryCode returns what an error is called here.
func queryCode(code string) string {
	if code == "ValidationException" {
		return "ValidationError"
	}
	return code
}

// remembered is for how long a session that has ended is told from one that never was.
const remembered = 24 * time.Hour

// session returns the session of an access key, if there is or was one, and whether it is over.
func (s *Service) session(key string) (found session, over, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok = s.sessions[key]
	return found, !s.clock.Now().Before(found.ends), ok
}

// Secret returns what belongs to a session's access key. A session that has ended is known for another day.
func (s *Service) Secret(key string) (signature.Secret, bool) {
	found, over, ok := s.session(key)
	return signature.Secret{Key: found.secret, Token: found.token, Over: over}, ok
}
