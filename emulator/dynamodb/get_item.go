package dynamodb

import (
	"slices"

	"clickstream/emulator/dynamodb/expression"
	"clickstream/emulator/internal/wire"
)

// GetItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
// Kept: projections by expression and by AttributesToGet, consumed capacity. Every read is
// consistent.
// Left out: nothing.

// GetItemInput is the request. TableName may be the table's ARN.
type GetItemInput struct {
	AttributesToGet          []string
	ConsistentRead           bool
	ExpressionAttributeNames map[string]string
	Key                      Item
	ProjectionExpression     *string
	ReturnConsumedCapacity   string
	TableName                string
}

// GetItemOutput is the reply. Item is nil where there is none.
type GetItemOutput struct {
	ConsumedCapacity *ConsumedCapacity `json:",omitempty"`
	Item             Item              `json:",omitempty"`
}

// AppendJSON implements wire.JSONAppender.
func (out *GetItemOutput) AppendJSON(b []byte) []byte {
	o := newObject(b)
	if out.Item != nil {
		o.item("Item", out.Item)
	}
	o.capacity(out.ConsumedCapacity)
	return o.end()
}

// Check implements wire.Checker.
func (in *GetItemInput) Check(c *wire.Check) {
	c.Required("tableName", in.TableName != "")
	c.Required("key", in.Key != nil)
	checkCapacity(c, in.ReturnConsumedCapacity)
}

func (s *Service) getItem(scope wire.Scope, in *GetItemInput) (*GetItemOutput, error) {
	places, err := placeholders(in.ExpressionAttributeNames, nil,
		parameter{expression.ProjectionParameter, in.ProjectionExpression != nil, false},
		parameter{"AttributesToGet", in.AttributesToGet != nil, true})
	if err != nil {
		return nil, err
	}
	wanted, err := projection(places, in.ProjectionExpression, in.AttributesToGet)
	if err != nil {
		return nil, err
	}
	if err := places.Finish(); err != nil {
		return nil, err
	}
	t, err := s.table(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	if err := t.checkKey(in.Key); err != nil {
		return nil, err
	}
	item, size := t.get(in.Key)
	out := &GetItemOutput{ConsumedCapacity: read(nil, size, in.ConsistentRead).report(t, in.ReturnConsumedCapacity)}
	if item != nil {
		out.Item = wanted.Of(item)
	}
	return out, nil
}

// get is the item with the key, nil where there is none, and its size.
func (t *table) get(key Item) (Item, int) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if r := t.store.find(key); r != nil {
		return r.item, r.size
	}
	return nil, 0
}

// projection is what the request wants of each item, by expression or by the older list of names.
func projection(places *expression.Placeholders, text *string, names []string) (expression.Projection, error) {
	if text != nil {
		return places.Projection(*text)
	}
	if names == nil {
		return expression.Projection{}, nil
	}
	paths := make([]expression.Path, len(names))
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return expression.Projection{}, invalidParameter("Duplicate value in attribute name: %s", name)
		}
		paths[i] = expression.NamePath(name)
	}
	return expression.NewProjection(paths...), nil
}
