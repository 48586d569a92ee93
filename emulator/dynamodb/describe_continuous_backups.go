package dynamodb

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// DescribeContinuousBackups: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
// Kept: whether point-in-time recovery is on, and since when.
// Left out: the recovery itself.

// DescribeContinuousBackupsInput is the request. TableName may be the table's ARN.
type DescribeContinuousBackupsInput struct{ TableName string }

// DescribeContinuousBackupsOutput is the reply.
type DescribeContinuousBackupsOutput struct {
	ContinuousBackupsDescription ContinuousBackupsDescription
}

type (
	// ContinuousBackupsDescription is always ENABLED, as in the service.
	ContinuousBackupsDescription struct {
		ContinuousBackupsStatus        string
		PointInTimeRecoveryDescription PointInTimeRecoveryDescription
	}

	// PointInTimeRecoveryDescription has times and a period only while recovery is on.
	PointInTimeRecoveryDescription struct {
		EarliestRestorableDateTime *wire.Timestamp `json:",omitempty"`
		LatestRestorableDateTime   *wire.Timestamp `json:",omitempty"`
		PointInTimeRecoveryStatus  string
		RecoveryPeriodInDays       int `json:",omitempty"`
	}
)

// recovery is point-in-time recovery that is on.
type recovery struct {
	since time.Time
	days  int
}

// Check implements wire.Checker.
func (in *DescribeContinuousBackupsInput) Check(c *wire.Check) {
	c.Required("tableName", in.TableName != "")
}

func (s *Service) describeContinuousBackups(
	scope wire.Scope, in *DescribeContinuousBackupsInput,
) (*DescribeContinuousBackupsOutput, error) {
	t, err := s.backedUp(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return &DescribeContinuousBackupsOutput{t.describeBackups(s.clock.Now())}, nil
}

// backedUp finds a table; that there is none has a name of its own for backups.
func (s *Service) backedUp(scope wire.Scope, name string) (*table, error) {
	if t := s.lookup(scope, name); t != nil {
		return t, nil
	}
	return nil, wire.Errorf("TableNotFoundException", "Table not found: %s", name)
}

func (t *table) describeBackups(now time.Time) ContinuousBackupsDescription {
	d := PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: "DISABLED"}
	if t.recovery != nil {
		earliest := now.AddDate(0, 0, -t.recovery.days)
		if earliest.Before(t.recovery.since) {
			earliest = t.recovery.since
		}
		d = PointInTimeRecoveryDescription{timestamp(earliest), timestamp(now), "ENABLED", t.recovery.days}
	}
	return ContinuousBackupsDescription{"ENABLED", d}
}
