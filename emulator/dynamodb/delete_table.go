package dynamodb

import "clickstream/emulator/internal/wire"

// DeleteTable: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
// Kept: deletion protection. The table is gone at once, though the reply says DELETING.
// Left out: nothing.

// DeleteTableInput is the request. TableName may be the table's ARN.
type DeleteTableInput struct{ TableName string }

// DeleteTableOutput is the reply.
type DeleteTableOutput struct{ TableDescription TableDescription }

// Check implements wire.Checker.
func (in *DeleteTableInput) Check(c *wire.Check) { c.Required("tableName", in.TableName != "") }

func (s *Service) deleteTable(scope wire.Scope, in *DeleteTableInput) (*DeleteTableOutput, error) {
	t, err := s.tableItself(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.settings.protected {
		return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. " +
			"Disable deletion protection first.")
	}
	description := t.describe()
	description.TableStatus = "DELETING"
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := (tableID{scope, t.name}); s.tables[id] == t { // else somebody was faster
		if err := t.journal.Append(t.prefix(entryDropped)); err != nil {
			return nil, err
		}
		t.gone = true
		t.memory.Give(t.held)
		delete(s.tables, id)
	}
	return &DeleteTableOutput{description}, nil
}
