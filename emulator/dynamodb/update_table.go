package dynamodb

import (
	"slices"
	"time"

	"clickstream/emulator/internal/wire"
)

// UpdateTable: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
// Kept: creation, change and deletion of one global secondary index a call, billing mode and
// throughput, deletion protection, table class. All of it is done when the call returns: an index
// is filled and ACTIVE, which saves the Java KCL its first poll of ten seconds.
// Left out: streams, encryption settings, replicas, global tables, vector indexes, warm throughput.

// UpdateTableInput is the request. TableName may be the table's ARN.
type UpdateTableInput struct {
	AttributeDefinitions        []AttributeDefinition
	BillingMode                 string
	DeletionProtectionEnabled   *bool
	GlobalSecondaryIndexUpdates []GlobalSecondaryIndexUpdate
	OnDemandThroughput          *OnDemandThroughput
	ProvisionedThroughput       *ProvisionedThroughput
	TableClass                  string
	TableName                   string

	DisassociationProtectionEnabled    LeftOut
	GlobalTableSettingsReplicationMode LeftOut
	GlobalTableWitnessUpdates          LeftOut
	MultiRegionConsistency             LeftOut
	ReplicaUpdates                     LeftOut
	SSESpecification                   LeftOut
	StreamSpecification                LeftOut
	VectorIndexUpdates                 LeftOut
	WarmThroughput                     LeftOut
}

type (
	// GlobalSecondaryIndexUpdate is one of its three members.
	GlobalSecondaryIndexUpdate struct {
		Create *GlobalSecondaryIndex
		Delete *DeleteGlobalSecondaryIndexAction
		Update *UpdateGlobalSecondaryIndexAction
	}

	// DeleteGlobalSecondaryIndexAction names the index to delete.
	DeleteGlobalSecondaryIndexAction struct{ IndexName string }

	// UpdateGlobalSecondaryIndexAction changes an index's throughput.
	UpdateGlobalSecondaryIndexAction struct {
		IndexName             string
		OnDemandThroughput    *OnDemandThroughput
		ProvisionedThroughput *ProvisionedThroughput
		WarmThroughput        LeftOut
	}
)

// UpdateTableOutput is the reply.
type UpdateTableOutput struct{ TableDescription TableDescription }

// Check implements wire.Checker.
func (in *UpdateTableInput) Check(c *wire.Check) {
	c.Required("tableName", in.TableName != "")
	checkBilling(c, in.BillingMode, in.TableClass)
}

func (s *Service) updateTable(scope wire.Scope, in *UpdateTableInput) (*UpdateTableOutput, error) {
	if err := refuseLeftOut("UpdateTable", in); err != nil {
		return nil, err
	}
	if in.changesNothing() {
		return nil, invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, " +
			"GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	if len(in.GlobalSecondaryIndexUpdates) > 1 {
		return nil, wire.Errorf("LimitExceededException",
			"Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
	}
	t, err := s.tableItself(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	settings, now := t.settings, s.clock.Now()
	if err := settings.update(in, now); err != nil {
		return nil, err
	}
	for _, update := range in.GlobalSecondaryIndexUpdates {
		if err := t.updateIndex(in, update, settings.billing, now); err != nil {
			return nil, err
		}
	}
	t.settings = settings
	if err := t.keep(); err != nil {
		return nil, err
	}
	return &UpdateTableOutput{t.describe()}, nil
}

func (in *UpdateTableInput) changesNothing() bool {
	return in.BillingMode == "" && in.DeletionProtectionEnabled == nil && len(in.GlobalSecondaryIndexUpdates) == 0 &&
		in.OnDemandThroughput == nil && in.ProvisionedThroughput == nil && in.TableClass == ""
}

// update works on a copy, which is thrown away if anything is wrong.
func (s *settings) update(in *UpdateTableInput, now time.Time) error {
	if in.BillingMode != "" || in.ProvisionedThroughput != nil {
		mode := in.BillingMode
		if mode == "" {
			mode = s.billing
		}
		if err := s.bill(mode, in.ProvisionedThroughput, now); err != nil {
			return err
		}
	}
	if in.DeletionProtectionEnabled != nil {
		s.protected = *in.DeletionProtectionEnabled
	}
	if in.OnDemandThroughput != nil {
		s.onDemand = in.OnDemandThroughput
	}
	if in.TableClass != "" {
		s.class, s.classChange = in.TableClass, now
	}
	return nil
}

func (t *table) updateIndex(in *UpdateTableInput, update GlobalSecondaryIndexUpdate, billing string, now time.Time) error {
	switch {
	case update.Create != nil:
		return t.createIndex(in.AttributeDefinitions, *update.Create, billing)
	case update.Delete != nil:
		return t.deleteIndex(update.Delete.IndexName)
	case update.Update != nil:
		return t.changeIndex(update.Update, now)
	default:
		return invalidParameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
			"GlobalSecondaryIndexUpdate.Delete must not be null")
	}
}

// createIndex adds an index and fills it. The definitions need hold only the index's keys.
func (t *table) createIndex(added definitions, in GlobalSecondaryIndex, billing string) error {
	if t.index(in.IndexName) != nil {
		return invalid("Attempting to create an index which already exists")
	}
	known := slices.Clone(t.definitions)
	for _, definition := range added {
		if definitions(known).kind(definition.AttributeName).String() == "" {
			known = append(known, definition)
		}
	}
	if err := t.addGlobal(known, in, billing); err != nil {
		return err
	}
	t.define(known)
	return nil
}

// define keeps the definitions of attributes that are keys.
func (t *table) define(known definitions) {
	used := t.keyNames()
	t.definitions = slices.DeleteFunc(slices.Clone(known), func(d AttributeDefinition) bool {
		return !slices.Contains(used, d.AttributeName)
	})
}

func (t *table) deleteIndex(name string) error {
	i := t.index(name)
	if i == nil || !i.global {
		return wire.Errorf("ResourceNotFoundException", "Requested resource not found")
	}
	t.indexes = slices.DeleteFunc(slices.Clone(t.indexes), func(other *index) bool { return other == i })
	t.define(t.definitions)
	return nil
}

func (t *table) changeIndex(in *UpdateGlobalSecondaryIndexAction, now time.Time) error {
	i := t.index(in.IndexName)
	if i == nil || !i.global {
		return wire.Errorf("ResourceNotFoundException", "Requested resource not found")
	}
	if in.ProvisionedThroughput != nil {
		if err := i.throughput.change(*in.ProvisionedThroughput, now); err != nil {
			return err
		}
	}
	if in.OnDemandThroughput != nil {
		i.onDemand = in.OnDemandThroughput
	}
	return nil
}
