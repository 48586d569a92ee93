package dynamodb

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// DescribeTable: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
// Kept: everything that CreateTable and UpdateTable keep; counts and sizes as they are now.
// Left out: what those leave out.

// DescribeTableInput is the request. TableName may be the table's ARN.
type DescribeTableInput struct{ TableName string }

// DescribeTableOutput is the reply.
type DescribeTableOutput struct{ Table TableDescription }

// Check implements wire.Checker.
func (in *DescribeTableInput) Check(c *wire.Check) { c.Required("tableName", in.TableName != "") }

func (s *Service) describeTable(scope wire.Scope, in *DescribeTableInput) (*DescribeTableOutput, error) {
	t, err := s.tableItself(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return &DescribeTableOutput{t.describe()}, nil
}

const active = "ACTIVE"

// describe needs the table's lock.
func (t *table) describe() TableDescription {
	d := TableDescription{
		AttributeDefinitions:      t.definitions,
		BillingModeSummary:        t.settings.billingSummary(),
		CreationDateTime:          wire.Timestamp(t.created),
		DeletionProtectionEnabled: t.settings.protected,
		ItemCount:                 int64(t.store.count),
		KeySchema:                 t.schema,
		OnDemandThroughput:        t.settings.onDemand,
		ProvisionedThroughput:     t.settings.throughput.describe(),
		TableArn:                  t.arn(),
		TableId:                   t.id,
		TableName:                 t.name,
		TableSizeBytes:            int64(t.store.bytes),
		TableStatus:               active,
	}
	if t.settings.class != "" {
		d.TableClassSummary = &TableClassSummary{timestamp(t.settings.classChange), t.settings.class}
	}
	for _, i := range t.indexes {
		if i.global {
			d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, i.describeGlobal(t))
		} else {
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, i.describeLocal(t))
		}
	}
	return d
}

func (i *index) describeGlobal(t *table) GlobalSecondaryIndexDescription {
	return GlobalSecondaryIndexDescription{
		IndexArn:              t.arn() + "/index/" + i.name,
		IndexName:             i.name,
		IndexSizeBytes:        i.size(t),
		IndexStatus:           active,
		ItemCount:             int64(i.store.count),
		KeySchema:             i.schema,
		OnDemandThroughput:    i.onDemand,
		Projection:            i.projection,
		ProvisionedThroughput: i.throughput.describe(),
	}
}

func (i *index) describeLocal(t *table) LocalSecondaryIndexDescription {
	return LocalSecondaryIndexDescription{
		IndexArn:       t.arn() + "/index/" + i.name,
		IndexName:      i.name,
		IndexSizeBytes: i.size(t),
		ItemCount:      int64(i.store.count),
		KeySchema:      i.schema,
		Projection:     i.projection,
	}
}

// size counts what the index holds of each item.
func (i *index) size(t *table) int64 {
	view := i.view(t)
	if view.All() {
		return int64(i.store.bytes)
	}
	size := 0
	for r := range i.store.all() {
		size += view.Of(r.item).Size()
	}
	return int64(size)
}

func (s *settings) billingSummary() *BillingModeSummary {
	if s.onDemandAt.IsZero() {
		return nil
	}
	return &BillingModeSummary{s.billing, timestamp(s.onDemandAt)}
}

func (t throughput) describe() ProvisionedThroughputDescription {
	return ProvisionedThroughputDescription{
		LastDecreaseDateTime: timestamp(t.lowered),
		LastIncreaseDateTime: timestamp(t.raised),
		ReadCapacityUnits:    t.ReadCapacityUnits,
		WriteCapacityUnits:   t.WriteCapacityUnits,
	}
}

// timestamp is t on the wire, or nothing for the zero time.
func timestamp(t time.Time) *wire.Timestamp {
	if t.IsZero() {
		return nil
	}
	stamp := wire.Timestamp(t)
	return &stamp
}
