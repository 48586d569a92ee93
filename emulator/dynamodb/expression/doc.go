// Package expression reads and evaluates DynamoDB's expressions: conditions and filters, key
// conditions, projections and updates, and the older parameters that said the same (Expected,
// AttributeUpdates, KeyConditions, QueryFilter, ScanFilter), which become the same trees.
//
// Grammar and meaning are those of the Amazon DynamoDB Developer Guide, "Using expressions in
// DynamoDB"; the errors are *wire.Error with the service's own sentences. Placeholders are
// replaced while parsing, so a parsed expression needs nothing but an item.
package expression

import (
	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/internal/wire"
)

// maxLength is the most bytes of one expression.
const maxLength = 4096

// Names of the parameters that hold expressions, as error messages show them.
const (
	ConditionParameter    = "ConditionExpression"
	FilterParameter       = "FilterExpression"
	KeyConditionParameter = "KeyConditionExpression"
	ProjectionParameter   = "ProjectionExpression"
	UpdateParameter       = "UpdateExpression"
)

type (
	value = attribute.Value
	item  = attribute.Item
)

func invalid(format string, args ...any) error {
	return wire.Errorf("ValidationException", format, args...)
}
