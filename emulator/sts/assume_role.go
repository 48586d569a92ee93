package sts

import (
	"crypto/rand"
	"maps"
	"regexp"
	"strconv"
	"sync"
	"time"

	"clickstream/emulator/internal/wire"
)

// AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
// Kept: credentials that belong to the role's account for 15 minutes to 12 hours; GetCallerIdentity names role and session.
// Left out: whether the role exists and trusts the caller, policies, tags, external ids, multi-factor devices: all are taken and not
// heeded.

// AssumeRoleInput is what AssumeRole takes.
type AssumeRoleInput struct {
	RoleArn         string
	RoleSessionName string
	DurationSeconds *int64
}

// AssumeRoleOutput is what AssumeRole answers.
type AssumeRoleOutput struct {
	Credentials     Credentials
	AssumedRoleUser AssumedRoleUser
}

// Credentials are keys for the time of a session.
type Credentials struct {
	AccessKeyId     string //nolint:revive // the wire's name
	SecretAccessKey string
	SessionToken    string
	Expiration      wire.Instant
}

// AssumedRoleUser says who the session is.
type AssumedRoleUser struct {
	AssumedRoleId string //nolint:revive // the wire's name
	Arn           string
}

const (
	defaultDuration  = 3600 // seconds
	shortestDuration = 900
	longestDuration  = 43200
)

// Compiled when they are used first: every start of the program would wait for it.
//
//nolint:gochecknoglobals // made once
var (
	rolePattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]{1,64})$`)
	})
	namePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w+=,.@-]{2,64}$`) })
)

// Check checks names and duration.
func (in *AssumeRoleInput) Check(c *wire.Check) {
	c.Required("roleArn", in.RoleArn != "")
	c.Required("roleSessionName", in.RoleSessionName != "")
	if in.RoleSessionName != "" {
		c.Match("roleSessionName", in.RoleSessionName, namePattern())
	}
	if in.DurationSeconds != nil {
		c.Range("durationSeconds", *in.DurationSeconds, shortestDuration, longestDuration)
	}
}

func (s *Service) assumeRole(_ wire.Caller, in *AssumeRoleInput) (*AssumeRoleOutput, error) {
	role := rolePattern().FindStringSubmatch(in.RoleArn)
	if role == nil {
		return nil, wire.Errorf("ValidationError", "%s is invalid", strconv.Quote(in.RoleArn))
	}
	seconds := int64(defaultDuration)
	if in.DurationSeconds != nil {
		seconds = *in.DurationSeconds
	}
	now, duration := s.clock.Now(), time.Duration(seconds)*time.Second
	made := session{
		account: role[1], role: role[2], name: in.RoleSessionName, id: "AROAEMULATOR:" + in.RoleSessionName,
		secret: rand.Text() + rand.Text()[:14], token: rand.Text() + rand.Text(), ends: now.Add(duration),
	}
	key := wire.SessionKeyPrefix + made.account + rand.Text()[:8]
	s.mu.Lock()
	maps.DeleteFunc(s.sessions, func(_ string, old session) bool { return now.Sub(old.ends) > remembered })
	s.sessions[key] = made
	s.mu.Unlock()
	expiration := wire.Instant(made.ends.Add(-s.clock.Offset())) // clients compare it with their own clocks, which nobody advances
	return &AssumeRoleOutput{
		Credentials:     Credentials{AccessKeyId: key, SecretAccessKey: made.secret, SessionToken: made.token, Expiration: expiration},
		AssumedRoleUser: AssumedRoleUser{AssumedRoleId: made.id, Arn: made.arn()},
	}, nil
}

func (s *session) arn() string {
	return "arn:aws:sts::" + s.account + ":assumed-role/" + s.role + "/" + s.name
}
