package dynamodb

import (
	"slices"

	"clickstream/emulator/internal/wire"
)

// ListTables: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
// Kept: pages, in alphabetical order.
// Left out: nothing.

// ListTablesInput is the request.
type ListTablesInput struct {
	ExclusiveStartTableName string
	Limit                   *int
}

// ListTablesOutput is the reply.
type ListTablesOutput struct {
	LastEvaluatedTableName string `json:",omitempty"`
	TableNames             []string
}

const maxTableNames = 100

// Check implements wire.Checker.
func (in *ListTablesInput) Check(c *wire.Check) {
	if in.Limit != nil {
		c.Range("limit", int64(*in.Limit), 1, maxTableNames)
	}
}

func (s *Service) listTables(scope wire.Scope, in *ListTablesInput) (*ListTablesOutput, error) {
	names := []string{}
	s.mu.RLock()
	for id := range s.tables {
		if id.scope == scope && id.name > in.ExclusiveStartTableName {
			names = append(names, id.name)
		}
	}
	s.mu.RUnlock()
	slices.Sort(names)
	limit := maxTableNames
	if in.Limit != nil {
		limit = *in.Limit
	}
	out := &ListTablesOutput{TableNames: names}
	if len(names) > limit {
		out.TableNames = names[:limit]
		out.LastEvaluatedTableName = names[limit-1]
	}
	return out, nil
}
