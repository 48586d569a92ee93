package dynamodb

import (
	"slices"

	"github.com/fxamacker/cbor/v2"

	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/wire"
)

// keptTable is a table without its items as the journal holds it. Times are nanoseconds since 1970, 0 being none.
type keptTable struct {
	Region, Account, Name string
	ID                    string
	Created               int64
	Schema                []KeySchemaElement
	Definitions           []AttributeDefinition
	Indexes               []keptIndex
	Tags                  map[string]string
	RecoverySince         int64
	RecoveryDays          int

	Billing     string
	OnDemandAt  int64
	Throughput  keptThroughput
	OnDemand    *OnDemandThroughput
	Protected   bool
	Class       string
	ClassChange int64
}

type keptIndex struct {
	Name       string
	Global     bool
	Schema     []KeySchemaElement
	Projection Projection
	Throughput keptThroughput
	OnDemand   *OnDemandThroughput
}

type keptThroughput struct{ Read, Write, Raised, Lowered int64 }

func (t throughput) encode() keptThroughput {
	return keptThroughput{t.ReadCapacityUnits, t.WriteCapacityUnits, journal.Nanos(t.raised), journal.Nanos(t.lowered)}
}

func (k keptThroughput) decode() throughput {
	return throughput{ProvisionedThroughput{k.Read, k.Write}, journal.Time(k.Raised), journal.Time(k.Lowered)}
}

// encode writes a locked table down.
func (t *table) encode() ([]byte, error) {
	s := &t.settings
	kept := keptTable{
		Region: t.scope.Region, Account: t.scope.Account, Name: t.name, ID: t.id, Created: journal.Nanos(t.created), Schema: t.schema, Definitions: t.definitions,
		Tags: t.tags, Billing: s.billing, OnDemandAt: journal.Nanos(s.onDemandAt), Throughput: s.throughput.encode(), OnDemand: s.onDemand,
		Protected: s.protected, Class: s.class, ClassChange: journal.Nanos(s.classChange),
	}
	if t.recovery != nil {
		kept.RecoverySince, kept.RecoveryDays = journal.Nanos(t.recovery.since), t.recovery.days
	}
	for _, i := range t.indexes {
		kept.Indexes = append(kept.Indexes, keptIndex{i.name, i.global, i.schema, i.projection, i.throughput.encode(), i.onDemand})
	}
	return cbor.Marshal(kept)
}

// decode makes a table what was written down. Its items stay, and come into indexes that were not there.
func (t *table) decode(text []byte) error {
	var kept keptTable
	if err := cbor.Unmarshal(text, &kept); err != nil {
		return err
	}
	keys, err := definitions(kept.Definitions).keys(kept.Schema)
	if err != nil {
		return err
	}
	t.scope, t.name, t.id, t.created = wire.Scope{Region: kept.Region, Account: kept.Account}, kept.Name, kept.ID, journal.Time(kept.Created)
	t.schema, t.definitions, t.tags = kept.Schema, kept.Definitions, kept.Tags
	t.store.keys, t.store.primary = keys, keys
	if t.tags == nil {
		t.tags = map[string]string{}
	}
	t.recovery = nil
	if kept.RecoveryDays > 0 {
		t.recovery = &recovery{since: journal.Time(kept.RecoverySince), days: kept.RecoveryDays}
	}
	t.settings = settings{
		billing: kept.Billing, onDemandAt: journal.Time(kept.OnDemandAt), throughput: kept.Throughput.decode(), onDemand: kept.OnDemand,
		protected: kept.Protected, class: kept.Class, classChange: journal.Time(kept.ClassChange),
	}
	return t.decodeIndexes(kept.Indexes)
}

func (t *table) decodeIndexes(all []keptIndex) error {
	present := t.indexes
	t.indexes = nil
	for _, kept := range all {
		keys, err := definitions(t.definitions).keys(kept.Schema)
		if err != nil {
			return err
		}
		made := &index{name: kept.Name, store: store{keys: keys, primary: t.store.keys}}
		if at := slices.IndexFunc(present, func(i *index) bool { return i.name == kept.Name && i.store.keys == keys }); at >= 0 {
			made = present[at]
		} else {
			made.fill(t)
		}
		made.global, made.schema, made.projection = kept.Global, kept.Schema, kept.Projection
		made.throughput, made.onDemand = kept.Throughput.decode(), kept.OnDemand
		t.indexes = append(t.indexes, made)
	}
	return nil
}
