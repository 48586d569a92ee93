package dynamodb

import (
	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/dynamodb/internal/scan"
	"clickstream/emulator/internal/wire"
)

// The readers below are the fast paths of the requests that a daemon sends all the time. Whatever
// they do not expect, null and unknown members too, they leave to encoding/json, which also words
// the errors.

// ParseJSON implements wire.JSONParser.
func (in *PutItemInput) ParseJSON(body []byte) error {
	return parseObject(body, func(s *scan.Scanner, name []byte) error {
		if string(name) == "Item" {
			return readItem(s, &in.Item)
		}
		return in.read(s, name)
	})
}

// ParseJSON implements wire.JSONParser.
func (in *UpdateItemInput) ParseJSON(body []byte) error {
	return parseObject(body, func(s *scan.Scanner, name []byte) error {
		switch string(name) {
		case "Key":
			return readItem(s, &in.Key)
		case "UpdateExpression":
			return readOptional(s, &in.UpdateExpression)
		case "AttributeUpdates":
			return readMap(s, &in.AttributeUpdates, readUpdate)
		default:
			return in.read(s, name)
		}
	})
}

// ParseJSON implements wire.JSONParser.
func (in *GetItemInput) ParseJSON(body []byte) error {
	return parseObject(body, func(s *scan.Scanner, name []byte) (err error) {
		switch string(name) {
		case "Key":
			return readItem(s, &in.Key)
		case "TableName":
			return readText(s, &in.TableName)
		case "ConsistentRead":
			in.ConsistentRead, err = s.Bool()
			return err
		default:
			return wire.ErrUnusual
		}
	})
}

func (in *Conditional) read(s *scan.Scanner, name []byte) error {
	switch string(name) {
	case "TableName":
		return readText(s, &in.TableName)
	case "ConditionExpression":
		return readOptional(s, &in.ConditionExpression)
	case "ExpressionAttributeNames":
		return readMap(s, &in.ExpressionAttributeNames, readString)
	case "ExpressionAttributeValues":
		return readItem(s, &in.ExpressionAttributeValues)
	case "Expected":
		return readMap(s, &in.Expected, readExpected)
	case "ReturnValues":
		return readText(s, &in.ReturnValues)
	case "ReturnValuesOnConditionCheckFailure":
		return readText(s, &in.ReturnValuesOnConditionCheckFailure)
	default:
		return wire.ErrUnusual
	}
}

func parseObject(body []byte, member func(s *scan.Scanner, name []byte) error) error {
	s := scan.New(body)
	if err := s.Object(func(name []byte) error { return member(s, name) }); err != nil {
		return err
	}
	return s.End()
}

func readItem(s *scan.Scanner, item *Item) (err error) {
	*item, err = attribute.ReadItem(s)
	return err
}

func readString(s *scan.Scanner) (string, error) {
	text, err := s.String()
	return string(text), err
}

func readText(s *scan.Scanner, text *string) (err error) {
	*text, err = readString(s)
	return err
}

func readOptional(s *scan.Scanner, text **string) error {
	read, err := readString(s)
	*text = &read
	return err
}

func readMap[V any](s *scan.Scanner, m *map[string]V, value func(*scan.Scanner) (V, error)) error {
	if *m != nil {
		return wire.ErrUnusual // encoding/json would merge the two
	}
	*m = map[string]V{}
	return s.Object(func(name []byte) error {
		key := string(name)
		v, err := value(s)
		(*m)[key] = v
		return err
	})
}

func readUpdate(s *scan.Scanner) (update AttributeValueUpdate, err error) {
	err = s.Object(func(name []byte) (err error) {
		switch string(name) {
		case "Action":
			return readText(s, &update.Action)
		case "Value":
			update.Value, err = attribute.ReadValue(s)
			return err
		default:
			return wire.ErrUnusual
		}
	})
	return update, err
}

func readExpected(s *scan.Scanner) (expected ExpectedAttributeValue, err error) {
	err = s.Object(func(name []byte) (err error) {
		switch string(name) {
		case "Value":
			expected.Value, err = attribute.ReadValue(s)
			return err
		case "Exists":
			exists, err := s.Bool()
			expected.Exists = &exists
			return err
		case "ComparisonOperator":
			return readText(s, &expected.ComparisonOperator)
		default:
			return wire.ErrUnusual
		}
	})
	return expected, err
}
