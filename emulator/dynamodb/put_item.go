package dynamodb

import "clickstream/emulator/internal/wire"

// PutItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
// Kept: conditions by expression and by Expected, return values, also of a failed condition,
// consumed capacity, item collection metrics.
// Left out: nothing.

// PutItemInput is the request. TableName may be the table's ARN.
type PutItemInput struct {
	Conditional
	Item Item
}

// PutItemOutput is the reply.
type PutItemOutput = WriteOutput

// Check implements wire.Checker.
func (in *PutItemInput) Check(c *wire.Check) {
	in.check(c, "ALL_OLD", "NONE")
	c.Required("item", in.Item != nil)
}

func (s *Service) putItem(scope wire.Scope, in *PutItemInput) (*PutItemOutput, error) {
	demand, err := in.demand()
	if err != nil {
		return nil, err
	}
	if in.Item.Size() > maxItem {
		return nil, invalid("Item size has exceeded the maximum allowed size")
	}
	t, err := s.table(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	if err := t.checkNew(in.Item); err != nil {
		return nil, err
	}
	done, err := t.replace(in.Item, demand, func(Item) (Item, error) { return in.Item, nil })
	if err != nil {
		return nil, err
	}
	var returned Item
	if in.ReturnValues == "ALL_OLD" {
		returned = done.old
	}
	return in.reply(t, done, in.Item, returned), nil
}

// checkNew checks an item that a request brings whole.
func (t *table) checkNew(item Item) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.checkItem(item)
}
