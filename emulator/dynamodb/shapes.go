package dynamodb

import "clickstream/emulator/internal/wire"

// The structures below are members of several operations. Their fields are the wire's names.
// API reference: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Types.html

type (
	// AttributeDefinition gives a key attribute its type: S, N or B.
	AttributeDefinition struct{ AttributeName, AttributeType string }

	// KeySchemaElement is a key attribute of a table or an index: HASH or RANGE.
	KeySchemaElement struct{ AttributeName, KeyType string }

	// Projection says which attributes an index holds: KEYS_ONLY, INCLUDE some more, or ALL.
	Projection struct {
		NonKeyAttributes []string `json:",omitempty"`
		ProjectionType   string   `json:",omitempty"`
	}

	// ProvisionedThroughput is kept and shown, never enforced.
	ProvisionedThroughput struct{ ReadCapacityUnits, WriteCapacityUnits int64 }

	// OnDemandThroughput is kept and shown, never enforced.
	OnDemandThroughput struct{ MaxReadRequestUnits, MaxWriteRequestUnits *int64 }

	// ProvisionedThroughputDescription is what ProvisionedThroughput became.
	ProvisionedThroughputDescription struct {
		LastDecreaseDateTime   *wire.Timestamp `json:",omitempty"`
		LastIncreaseDateTime   *wire.Timestamp `json:",omitempty"`
		NumberOfDecreasesToday int64
		ReadCapacityUnits      int64
		WriteCapacityUnits     int64
	}

	// BillingModeSummary is shown for tables that are or were PAY_PER_REQUEST.
	BillingModeSummary struct {
		BillingMode                       string
		LastUpdateToPayPerRequestDateTime *wire.Timestamp `json:",omitempty"`
	}

	// TableClassSummary is kept and shown; it changes nothing.
	TableClassSummary struct {
		LastUpdateDateTime *wire.Timestamp `json:",omitempty"`
		TableClass         string
	}

	// Tag is a mark on a table.
	Tag struct{ Key, Value string }

	// GlobalSecondaryIndex describes an index to create.
	GlobalSecondaryIndex struct {
		IndexName             string
		KeySchema             []KeySchemaElement
		OnDemandThroughput    *OnDemandThroughput
		Projection            *Projection
		ProvisionedThroughput *ProvisionedThroughput
		WarmThroughput        LeftOut
	}

	// LocalSecondaryIndex describes an index to create with the table.
	LocalSecondaryIndex struct {
		IndexName  string
		KeySchema  []KeySchemaElement
		Projection *Projection
	}

	// TableDescription is a table as DescribeTable shows it.
	TableDescription struct {
		AttributeDefinitions      []AttributeDefinition
		BillingModeSummary        *BillingModeSummary `json:",omitempty"`
		CreationDateTime          wire.Timestamp
		DeletionProtectionEnabled bool
		GlobalSecondaryIndexes    []GlobalSecondaryIndexDescription `json:",omitempty"`
		ItemCount                 int64
		KeySchema                 []KeySchemaElement
		LocalSecondaryIndexes     []LocalSecondaryIndexDescription `json:",omitempty"`
		OnDemandThroughput        *OnDemandThroughput              `json:",omitempty"`
		ProvisionedThroughput     ProvisionedThroughputDescription
		TableArn                  string
		TableClassSummary         *TableClassSummary `json:",omitempty"`
		TableId                   string             //nolint:revive // the wire's name
		TableName                 string
		TableSizeBytes            int64
		TableStatus               string
	}

	// GlobalSecondaryIndexDescription is an index as DescribeTable shows it.
	GlobalSecondaryIndexDescription struct {
		IndexArn              string
		IndexName             string
		IndexSizeBytes        int64
		IndexStatus           string
		ItemCount             int64
		KeySchema             []KeySchemaElement
		OnDemandThroughput    *OnDemandThroughput `json:",omitempty"`
		Projection            Projection
		ProvisionedThroughput ProvisionedThroughputDescription
	}

	// LocalSecondaryIndexDescription is an index as DescribeTable shows it.
	LocalSecondaryIndexDescription struct {
		IndexArn       string
		IndexName      string
		IndexSizeBytes int64
		ItemCount      int64
		KeySchema      []KeySchemaElement
		Projection     Projection
	}

	// ConsumedCapacity is what an operation would have cost.
	ConsumedCapacity struct {
		CapacityUnits          float64
		GlobalSecondaryIndexes map[string]Capacity `json:",omitempty"`
		LocalSecondaryIndexes  map[string]Capacity `json:",omitempty"`
		Table                  *Capacity           `json:",omitempty"`
		TableName              string
	}

	// Capacity is the part of a table or an index in ConsumedCapacity.
	Capacity struct{ CapacityUnits float64 }

	// ItemCollectionMetrics estimates the size of all items with one hash key.
	ItemCollectionMetrics struct {
		ItemCollectionKey   Item
		SizeEstimateRangeGB []float64
	}

	// ExpectedAttributeValue is one entry of the older parameter Expected.
	ExpectedAttributeValue struct {
		AttributeValueList []Value
		ComparisonOperator string
		Exists             *bool
		Value              Value
	}

	// AttributeValueUpdate is one entry of the older parameter AttributeUpdates.
	AttributeValueUpdate struct {
		Action string
		Value  Value
	}

	// Condition is one entry of the older parameters KeyConditions, QueryFilter and ScanFilter.
	Condition struct {
		AttributeValueList []Value
		ComparisonOperator string
	}
)
