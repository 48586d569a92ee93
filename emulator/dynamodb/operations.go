package dynamodb

import "clickstream/emulator/internal/wire"

// Operations lists all operations.
func (s *Service) Operations() wire.Table {
	return wire.Table{
		"BatchGetItem":              wire.Op(s.batchGetItem),
		"BatchWriteItem":            wire.Op(s.batchWriteItem),
		"CreateTable":               wire.Op(s.createTable),
		"DeleteItem":                wire.Op(s.deleteItem),
		"DeleteTable":               wire.Op(s.deleteTable),
		"DescribeContinuousBackups": wire.Op(s.describeContinuousBackups),
		"DescribeLimits":            wire.Op(s.describeLimits),
		"DescribeTable":             wire.Op(s.describeTable),
		"DescribeTimeToLive":        wire.Op(s.describeTimeToLive),
		"GetItem":                   wire.Op(s.getItem),
		"ListTables":                wire.Op(s.listTables),
		"ListTagsOfResource":        wire.Op(s.listTagsOfResource),
		"PutItem":                   wire.Op(s.putItem),
		"Query":                     wire.Op(s.query),
		"Scan":                      wire.Op(s.scan),
		"TagResource":               wire.Op(s.tagResource),
		"UntagResource":             wire.Op(s.untagResource),
		"UpdateContinuousBackups":   wire.Op(s.updateContinuousBackups),
		"UpdateItem":                wire.Op(s.updateItem),
		"UpdateTable":               wire.Op(s.updateTable),
	}
}
