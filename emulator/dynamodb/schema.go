package dynamodb

import (
	"slices"
	"strings"
	"time"

	"clickstream/emulator/dynamodb/attribute"
)

// definitions are the types of key attributes.
type definitions []AttributeDefinition

func (d definitions) kind(name string) attribute.Kind {
	for _, definition := range d {
		if definition.AttributeName == name {
			return attribute.KindOf(definition.AttributeType)
		}
	}
	return attribute.Missing
}

func (d definitions) names() []string {
	names := make([]string, len(d))
	for i, definition := range d {
		names[i] = definition.AttributeName
	}
	return names
}

// keys checks a key schema and finds the types of its attributes.
func (d definitions) keys(schema []KeySchemaElement) (keyPair, error) {
	var pair keyPair
	if len(schema) == 0 || len(schema) > 2 {
		return pair, invalidParameter("A key schema has one or two elements, this one has %d", len(schema))
	}
	if schema[0].KeyType != "HASH" {
		return pair, invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	}
	pair.hash = keyAttribute{schema[0].AttributeName, d.kind(schema[0].AttributeName)}
	names := []string{pair.hash.name}
	if len(schema) == 2 {
		if schema[1].KeyType != "RANGE" {
			return pair, invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
		}
		pair.sort = keyAttribute{schema[1].AttributeName, d.kind(schema[1].AttributeName)}
		names = append(names, pair.sort.name)
		if pair.sort.name == pair.hash.name {
			return pair, invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
		}
	}
	for _, key := range pair.attributes() {
		if key.kind == attribute.Missing {
			return pair, invalidParameter("Some index key attributes are not defined in AttributeDefinitions. "+
				"Keys: [%s], AttributeDefinitions: [%s]", strings.Join(names, ", "), strings.Join(d.names(), ", "))
		}
	}
	return pair, nil
}

// checkAllUsed refuses definitions of attributes that are no keys.
func (d definitions) checkAllUsed(t *table) error {
	used := t.keyNames()
	for _, name := range d.names() {
		if !slices.Contains(used, name) {
			return invalidParameter("Number of attributes in KeySchema does not exactly match number of attributes defined in " +
				"AttributeDefinitions")
		}
	}
	return nil
}

// keyNames are the key attributes of the table and its indexes.
func (t *table) keyNames() []string {
	names := t.store.keys.names()
	for _, i := range t.indexes {
		names = append(names, i.store.keys.names()...)
	}
	return names
}

// Most indexes of a table.
const (
	maxLocal  = 5
	maxGlobal = 20
)

func (t *table) addLocal(d definitions, in LocalSecondaryIndex) error {
	i, err := t.newIndex(d, in.IndexName, in.KeySchema, in.Projection)
	if err != nil {
		return err
	}
	switch {
	case t.store.keys.sort.name == "":
		return invalidParameter("Table KeySchema does not have a range key, " +
			"which is required when specifying a LocalSecondaryIndex")
	case i.store.keys.sort.name == "":
		return invalidParameter("Index KeySchema does not have a range key for index: %s", in.IndexName)
	case i.store.keys.hash != t.store.keys.hash:
		return invalidParameter("Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. "+
			"index hash key: %s, table hash key: %s", in.IndexName, i.store.keys.hash.name, t.store.keys.hash.name)
	case t.countIndexes(false) == maxLocal:
		return invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocal)
	}
	t.indexes = append(t.indexes, i)
	return nil
}

func (t *table) addGlobal(d definitions, in GlobalSecondaryIndex, billing string) error {
	i, err := t.newIndex(d, in.IndexName, in.KeySchema, in.Projection)
	if err != nil {
		return err
	}
	switch {
	case billing == onDemand && in.ProvisionedThroughput != nil:
		return invalidParameter("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST",
			in.IndexName)
	case billing != onDemand && in.ProvisionedThroughput == nil:
		return invalidParameter("ProvisionedThroughput must be specified for index: %s", in.IndexName)
	case t.countIndexes(true) == maxGlobal:
		return invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobal)
	}
	i.global = true
	i.onDemand = in.OnDemandThroughput
	if in.ProvisionedThroughput != nil {
		i.throughput.ProvisionedThroughput = *in.ProvisionedThroughput
	}
	i.fill(t)
	t.indexes = append(t.indexes, i)
	return nil
}

func (t *table) countIndexes(global bool) int {
	count := 0
	for _, i := range t.indexes {
		if i.global == global {
			count++
		}
	}
	return count
}

func (t *table) newIndex(d definitions, name string, schema []KeySchemaElement, p *Projection) (*index, error) {
	if n := len(name); n < 3 || n > 255 {
		return nil, invalid("IndexName must be at least 3 characters long and at most 255 characters long")
	}
	if t.index(name) != nil {
		return nil, invalidParameter("Duplicate index name: %s", name)
	}
	keys, err := d.keys(schema)
	if err != nil {
		return nil, err
	}
	if err := checkProjection(p); err != nil {
		return nil, err
	}
	return &index{name: name, schema: schema, projection: *p, store: store{keys: keys, primary: t.store.keys}}, nil
}

func checkProjection(p *Projection) error {
	if p == nil || p.ProjectionType == "" {
		return invalidParameter("Unknown ProjectionType: null")
	}
	switch p.ProjectionType {
	case "ALL", "KEYS_ONLY":
		if p.NonKeyAttributes != nil {
			return invalidParameter("ProjectionType is %s, but NonKeyAttributes is specified", p.ProjectionType)
		}
	case "INCLUDE":
		if len(p.NonKeyAttributes) == 0 {
			return invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
		}
	default:
		return invalidParameter("Unknown ProjectionType: %s", p.ProjectionType)
	}
	return nil
}

// throughput is provisioned throughput with what the service says about its changes.
type throughput struct {
	ProvisionedThroughput
	raised, lowered time.Time
}

// bill sets how the table is paid for.
func (s *settings) bill(mode string, wanted *ProvisionedThroughput, now time.Time) error {
	if mode == onDemand {
		if wanted != nil {
			return invalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified " +
				"when BillingMode is PAY_PER_REQUEST")
		}
		if s.billing != onDemand {
			s.onDemandAt = now
		}
		s.billing, s.throughput = onDemand, throughput{}
		return nil
	}
	if wanted == nil {
		return invalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	s.billing = provisioned
	return s.throughput.change(*wanted, now)
}

func (t *throughput) change(wanted ProvisionedThroughput, now time.Time) error {
	for _, part := range []struct {
		name  string
		value int64
	}{{"ReadCapacityUnits", wanted.ReadCapacityUnits}, {"WriteCapacityUnits", wanted.WriteCapacityUnits}} {
		const most = 1000000000000
		if part.value < 1 || part.value > most {
			return invalid("Given value %d for %s is out of bounds", part.value, part.name)
		}
	}
	if t.ReadCapacityUnits > 0 {
		if wanted.ReadCapacityUnits > t.ReadCapacityUnits || wanted.WriteCapacityUnits > t.WriteCapacityUnits {
			t.raised = now
		}
		if wanted.ReadCapacityUnits < t.ReadCapacityUnits || wanted.WriteCapacityUnits < t.WriteCapacityUnits {
			t.lowered = now
		}
	}
	t.ProvisionedThroughput = wanted
	return nil
}
