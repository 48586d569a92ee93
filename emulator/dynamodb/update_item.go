package dynamodb

import (
	"maps"
	"slices"

	"clickstream/emulator/dynamodb/expression"
	"clickstream/emulator/internal/wire"
)

// UpdateItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
// Kept: updates by expression and by AttributeUpdates, conditions by expression and by Expected,
// all return values, also of a failed condition, consumed capacity, item collection metrics.
// Left out: nothing.

// UpdateItemInput is the request. TableName may be the table's ARN.
type UpdateItemInput struct {
	Conditional
	AttributeUpdates map[string]AttributeValueUpdate
	Key              Item
	UpdateExpression *string
}

// UpdateItemOutput is the reply.
type UpdateItemOutput = WriteOutput

// Check implements wire.Checker.
func (in *UpdateItemInput) Check(c *wire.Check) {
	in.check(c, "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
	c.Required("key", in.Key != nil)
	for _, update := range in.AttributeUpdates {
		if update.Action != "" {
			c.Enum("attributeUpdates.member.action", update.Action, "ADD", "PUT", "DELETE")
		}
	}
}

func (s *Service) updateItem(scope wire.Scope, in *UpdateItemInput) (*UpdateItemOutput, error) {
	update, demand, err := in.parse()
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
	if err := t.checkUpdate(update); err != nil {
		return nil, err
	}
	done, err := t.replace(in.Key, demand, func(old Item) (Item, error) {
		if old == nil {
			old = in.Key
		}
		return update.Apply(old)
	})
	if err != nil {
		return nil, err
	}
	return in.reply(t, done, in.Key, returned(in.ReturnValues, update, done)), nil
}

// parse reads the update and the condition.
func (in *UpdateItemInput) parse() (*expression.Update, demand, error) {
	places, err := placeholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		parameter{expression.UpdateParameter, in.UpdateExpression != nil, false},
		parameter{expression.ConditionParameter, in.ConditionExpression != nil, false},
		parameter{"AttributeUpdates", in.AttributeUpdates != nil, true},
		parameter{"Expected", in.Expected != nil, true})
	if err != nil {
		return nil, demand{}, err
	}
	update, err := in.update(places)
	if err != nil {
		return nil, demand{}, err
	}
	wanted, err := in.demandOf(places)
	if err != nil {
		return nil, demand{}, err
	}
	return update, wanted, places.Finish()
}

func (in *UpdateItemInput) update(places *expression.Placeholders) (*expression.Update, error) {
	if in.UpdateExpression != nil {
		return places.Update(*in.UpdateExpression)
	}
	update := &expression.Update{Legacy: true}
	for _, name := range slices.Sorted(maps.Keys(in.AttributeUpdates)) {
		entry := in.AttributeUpdates[name]
		action, err := expression.LegacyAction(name, entry.Action, entry.Value)
		if err != nil {
			return nil, err
		}
		update.Actions = append(update.Actions, action)
	}
	return update, nil
}

// checkUpdate refuses changes to the table's key.
func (t *table) checkUpdate(update *expression.Update) error {
	for _, action := range update.Actions {
		if name := action.Path[0].Name; name == t.store.keys.hash.name || name == t.store.keys.sort.name {
			return invalidParameter("Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	return nil
}

// returned is the part of the old or the new item that the request wants.
func returned(wanted string, update *expression.Update, done change) Item {
	switch wanted {
	case "ALL_OLD":
		return done.old
	case "ALL_NEW":
		return done.new
	case "UPDATED_OLD":
		return expression.NewProjection(update.Paths()...).Of(done.old)
	case "UPDATED_NEW":
		return expression.NewProjection(update.Paths()...).Of(done.new)
	default:
		return nil
	}
}
