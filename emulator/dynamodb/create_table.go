package dynamodb

import (
	"regexp"
	"time"

	"clickstream/emulator/internal/wire"
)

// CreateTable: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
// Kept: keys, global and local secondary indexes, billing mode and throughput (shown, never
// enforced), deletion protection, table class, tags. The table is ACTIVE at once.
// Left out: streams, encryption settings, resource policies, global tables, vector indexes, warm
// throughput. A StreamSpecification that enables nothing is taken.

// CreateTableInput is the request.
type CreateTableInput struct {
	AttributeDefinitions      []AttributeDefinition
	BillingMode               string
	DeletionProtectionEnabled bool
	GlobalSecondaryIndexes    []GlobalSecondaryIndex
	KeySchema                 []KeySchemaElement
	LocalSecondaryIndexes     []LocalSecondaryIndex
	OnDemandThroughput        *OnDemandThroughput
	ProvisionedThroughput     *ProvisionedThroughput
	StreamSpecification       *StreamSpecification
	TableClass                string
	TableName                 string
	Tags                      []Tag

	GlobalTableSettingsReplicationMode LeftOut
	GlobalTableSourceArn               LeftOut
	ResourcePolicy                     LeftOut
	SSESpecification                   LeftOut
	VectorIndexes                      LeftOut
	WarmThroughput                     LeftOut
}

// StreamSpecification may only say that there is no stream.
type StreamSpecification struct {
	StreamEnabled  bool
	StreamViewType LeftOut
}

// CreateTableOutput is the reply.
type CreateTableOutput struct{ TableDescription TableDescription }

// Check implements wire.Checker.
func (in *CreateTableInput) Check(c *wire.Check) {
	c.Required("tableName", in.TableName != "")
	c.Required("attributeDefinitions", in.AttributeDefinitions != nil)
	c.Required("keySchema", in.KeySchema != nil)
	if in.TableName != "" {
		c.Match("tableName", in.TableName, regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`))
	}
	checkBilling(c, in.BillingMode, in.TableClass)
	for _, d := range in.AttributeDefinitions {
		c.Enum("attributeDefinitions.member.attributeType", d.AttributeType, "B", "N", "S")
	}
}

func checkBilling(c *wire.Check, billing, class string) {
	if billing != "" {
		c.Enum("billingMode", billing, provisioned, onDemand)
	}
	if class != "" {
		c.Enum("tableClass", class, "STANDARD", "STANDARD_INFREQUENT_ACCESS")
	}
}

// Billing modes.
const (
	provisioned = "PROVISIONED"
	onDemand    = "PAY_PER_REQUEST"
)

func (s *Service) createTable(scope wire.Scope, in *CreateTableInput) (*CreateTableOutput, error) {
	t, err := in.table(scope, s.clock.Now())
	if err != nil {
		return nil, err
	}
	description := t.describe()
	s.mu.Lock()
	defer s.mu.Unlock()
	id := tableID{scope, in.TableName}
	if s.tables[id] != nil {
		return nil, wire.Errorf("ResourceInUseException", "Table already exists: %s", in.TableName)
	}
	t.journal, t.memory = s.journal, s.memory
	if err := t.keep(); err != nil {
		return nil, err
	}
	s.tables[id] = t
	return &CreateTableOutput{description}, nil
}

// table makes the table that the request describes.
func (in *CreateTableInput) table(scope wire.Scope, now time.Time) (*table, error) {
	if err := in.refuse(); err != nil {
		return nil, err
	}
	definitions := definitions(in.AttributeDefinitions)
	keys, err := definitions.keys(in.KeySchema)
	if err != nil {
		return nil, err
	}
	t := &table{
		scope: scope, name: in.TableName, id: wire.RequestID(), created: now,
		schema: in.KeySchema, definitions: in.AttributeDefinitions,
		store: store{keys: keys, primary: keys},
		tags:  map[string]string{},
	}
	if err := t.addIndexes(definitions, in); err != nil {
		return nil, err
	}
	if err := definitions.checkAllUsed(t); err != nil {
		return nil, err
	}
	if err := t.settings.bill(in.BillingMode, in.ProvisionedThroughput, t.created); err != nil {
		return nil, err
	}
	t.settings.protected = in.DeletionProtectionEnabled
	t.settings.class = in.TableClass
	t.settings.onDemand = in.OnDemandThroughput
	return t, t.tag(in.Tags)
}

func (in *CreateTableInput) refuse() error {
	if n := len(in.TableName); n < 3 || n > 255 {
		return invalid("TableName must be at least 3 characters long and at most 255 characters long")
	}
	if in.StreamSpecification != nil && in.StreamSpecification.StreamEnabled {
		return invalid("the emulator's CreateTable does not know the parameter StreamSpecification")
	}
	return refuseLeftOut("CreateTable", in)
}

func (t *table) addIndexes(definitions definitions, in *CreateTableInput) error {
	if in.LocalSecondaryIndexes != nil && len(in.LocalSecondaryIndexes) == 0 {
		return invalidParameter("List of LocalSecondaryIndexes is empty")
	}
	if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
		return invalidParameter("List of GlobalSecondaryIndexes is empty")
	}
	for _, local := range in.LocalSecondaryIndexes {
		if err := t.addLocal(definitions, local); err != nil {
			return err
		}
	}
	for _, global := range in.GlobalSecondaryIndexes {
		if err := t.addGlobal(definitions, global, in.BillingMode); err != nil {
			return err
		}
	}
	return nil
}
