package dynamodb

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// UpdateContinuousBackups: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
// Kept: the setting, which the KCL makes when one of its …PointInTimeRecoveryEnabled keys is true.
// Left out: the recovery itself.

// UpdateContinuousBackupsInput is the request. TableName may be the table's ARN.
type UpdateContinuousBackupsInput struct {
	PointInTimeRecoverySpecification *PointInTimeRecoverySpecification
	TableName                        string
}

// PointInTimeRecoverySpecification turns recovery on or off.
type PointInTimeRecoverySpecification struct {
	PointInTimeRecoveryEnabled bool
	RecoveryPeriodInDays       *int
}

// UpdateContinuousBackupsOutput is the reply.
type UpdateContinuousBackupsOutput struct {
	ContinuousBackupsDescription ContinuousBackupsDescription
}

const maxRecoveryDays = 35

// Check implements wire.Checker.
func (in *UpdateContinuousBackupsInput) Check(c *wire.Check) {
	c.Required("tableName", in.TableName != "")
	specification := in.PointInTimeRecoverySpecification
	c.Required("pointInTimeRecoverySpecification", specification != nil)
	if specification != nil && specification.RecoveryPeriodInDays != nil {
		c.Range("pointInTimeRecoverySpecification.recoveryPeriodInDays", int64(*specification.RecoveryPeriodInDays), 1, maxRecoveryDays)
	}
}

func (s *Service) updateContinuousBackups(
	scope wire.Scope, in *UpdateContinuousBackupsInput,
) (*UpdateContinuousBackupsOutput, error) {
	t, err := s.backedUp(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recover(in.PointInTimeRecoverySpecification, now)
	if err := t.keep(); err != nil {
		return nil, err
	}
	return &UpdateContinuousBackupsOutput{t.describeBackups(now)}, nil
}

func (t *table) recover(wanted *PointInTimeRecoverySpecification, now time.Time) {
	if !wanted.PointInTimeRecoveryEnabled {
		t.recovery = nil
		return
	}
	if t.recovery == nil {
		t.recovery = &recovery{since: now, days: maxRecoveryDays}
	}
	if wanted.RecoveryPeriodInDays != nil {
		t.recovery.days = *wanted.RecoveryPeriodInDays
	}
}
