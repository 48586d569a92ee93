package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// UpdateAccountSettings: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateAccountSettings.html
// Kept: the commitment to a minimum throughput, which unlocks warm throughput, lasts 24 hours at least, ends then when it was disabled before, and goes on when it was enabled again.
// Left out: nothing.

// UpdateAccountSettingsInput is what UpdateAccountSettings takes.
type UpdateAccountSettingsInput struct {
	MinimumThroughputBillingCommitment CommitmentInput
}

// CommitmentInput says whether the account is to have a commitment.
type CommitmentInput struct{ Status string }

func (s *Service) updateAccountSettings(scope wire.Scope, in *UpdateAccountSettingsInput) (*AccountSettingsOutput, error) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	present := s.commitments[scope]
	status := present.status(now)
	switch wanted := in.MinimumThroughputBillingCommitment.Status; {
	case wanted == commitmentEnabled && status == commitmentDisabled:
		present = commitment{started: now}
	case wanted == commitmentEnabled:
		present.ending = time.Time{}
	case status == commitmentEnabled:
		present.ending = present.started.Add(leastCommitment)
		if present.ending.Before(now) {
			present.ending = now
		}
	}
	if err := s.keepCommitment(scope, present); err != nil {
		return nil, err
	}
	s.commitments[scope] = present
	return present.describe(now), nil
}

// committed says whether an account has a commitment.
func (s *Service) committed(scope wire.Scope, now time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.commitments[scope].status(now) != commitmentDisabled
}
