package dynamodb

import "clickstream/emulator/internal/wire"

// DeleteItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
// Kept: conditions by expression and by Expected, return values, also of a failed condition,
// consumed capacity, item collection metrics.
// Left out: nothing.

// DeleteItemInput is the request. TableName may be the table's ARN.
type DeleteItemInput struct {
	Conditional
	Key Item
}

// DeleteItemOutput is the reply.
type DeleteItemOutput = WriteOutput

// Check implements wire.Checker.
func (in *DeleteItemInput) Check(c *wire.Check) {
	in.check(c, "ALL_OLD", "NONE")
	c.Required("key", in.Key != nil)
}

func (s *Service) deleteItem(scope wire.Scope, in *DeleteItemInput) (*DeleteItemOutput, error) {
	demand, err := in.demand()
	if err != nil {
		return nil, err
	}
	t, err := s.table(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	if err := t.checkKey(in.Key); err != nil {
		return nil, err
	}
	done, err := t.replace(in.Key, demand, func(Item) (Item, error) { return nil, nil })
	if err != nil {
		return nil, err
	}
	var returned Item
	if in.ReturnValues == "ALL_OLD" {
		returned = done.old
	}
	return in.reply(t, done, in.Key, returned), nil
}
