package sts

import (
	"clickstream/emulator/internal/wire"
)

// GetCallerIdentity: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
// Kept: the account of the access key, the role of a session. Every other caller is the user clickstream.
// Left out: nothing.

// GetCallerIdentityInput is what GetCallerIdentity takes.
type GetCallerIdentityInput struct{}

// GetCallerIdentityOutput is what GetCallerIdentity answers.
type GetCallerIdentityOutput struct {
	Arn     string
	UserId  string //nolint:revive // the wire's name
	Account string
}

func (s *Service) getCallerIdentity(caller wire.Caller, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	if found, over, ok := s.session(caller.AccessKey); ok && !over {
		return &GetCallerIdentityOutput{Arn: found.arn(), UserId: found.id, Account: found.account}, nil
	}
	id := caller.AccessKey
	if id == "" || id == caller.Account {
		id = "AIDAEMULATOR"
	}
	return &GetCallerIdentityOutput{Arn: "arn:aws:iam::" + caller.Account + ":user/clickstream", UserId: id, Account: caller.Account}, nil
}
