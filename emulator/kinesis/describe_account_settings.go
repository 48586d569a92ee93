package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// DescribeAccountSettings: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeAccountSettings.html
// Kept: the commitment to a minimum throughput: its state and its times.
// Left out: nothing.

// DescribeAccountSettingsInput is what DescribeAccountSettings takes.
type DescribeAccountSettingsInput struct{}

// AccountSettingsOutput is what DescribeAccountSettings and UpdateAccountSettings answer.
type AccountSettingsOutput struct {
	MinimumThroughputBillingCommitment CommitmentOutput
}

// CommitmentOutput describes an account's commitment.
type CommitmentOutput struct {
	Status               string
	StartedAt            *wire.Timestamp `json:",omitempty"`
	EndedAt              *wire.Timestamp `json:",omitempty"`
	EarliestAllowedEndAt *wire.Timestamp `json:",omitempty"`
}

func (s *Service) describeAccountSettings(scope wire.Scope, _ *DescribeAccountSettingsInput) (*AccountSettingsOutput, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.commitments[scope].describe(s.now()), nil
}

// commitment is an account's commitment to pay for a minimum of throughput in a region. Its value is that of an account that never
// had one. Service.mu guards it.
type commitment struct {
	started time.Time // zero without one
	ending  time.Time // zero while nobody wants it to end
}

const (
	commitmentEnabled  = "ENABLED"
	commitmentDisabled = "DISABLED"
	commitmentEnding   = "ENABLED_UNTIL_EARLIEST_ALLOWED_END"

	leastCommitment = 24 * time.Hour
)

func (c commitment) status(now time.Time) string {
	switch {
	case c.started.IsZero() || (!c.ending.IsZero() && !now.Before(c.ending)):
		return commitmentDisabled
	case c.ending.IsZero():
		return commitmentEnabled
	default:
		return commitmentEnding
	}
}

func (c commitment) describe(now time.Time) *AccountSettingsOutput {
	out := CommitmentOutput{Status: c.status(now)}
	if !c.started.IsZero() {
		out.StartedAt, out.EarliestAllowedEndAt = stamp(c.started), stamp(c.started.Add(leastCommitment))
	}
	if out.Status == commitmentDisabled && !c.ending.IsZero() {
		out.EndedAt = stamp(c.ending)
	}
	return &AccountSettingsOutput{out}
}
