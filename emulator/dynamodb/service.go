package dynamodb

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
	"clickstream/emulator/internal/wire"
)

type (
	// Value is one attribute value.
	Value = attribute.Value
	// Item is an item or a key: values by attribute name.
	Item = attribute.Item
)

// Service holds the tables of all regions and accounts. It is safe for use by many goroutines.
type Service struct {
	mu     sync.RWMutex
	tables map[tableID]*table
	clock  *clock.Clock

	journal *journal.Part  // nil where nothing is kept
	memory  *memory.Budget // of items; nil where nobody counts

	replayed map[string]*table // by id, while the journal is replayed
}

// tableID is a table's name within its region and account.
type tableID struct {
	scope wire.Scope
	name  string
}

// New is a service without tables that goes by a clock, of which nil is the machine's own.
func New(time *clock.Clock) *Service { return &Service{tables: map[tableID]*table{}, clock: time} }

// Wire is the service as it is served: JSON 1.0 with the types of DynamoDB's errors.
func (s *Service) Wire() *wire.Service {
	return &wire.Service{
		Name:         "dynamodb",
		TargetPrefix: "DynamoDB_20120810",
		JSONVersion:  "1.0",
		Operations:   s.Operations(),
		ErrorType:    ErrorType,
		CRC32:        true,
	}
}

// ErrorType is the __type of an error's body.
func ErrorType(code string) string {
	switch code {
	case "ValidationException":
		return "com.amazon.coral.validate#" + code
	case "SerializationException", "UnknownOperationException", "AccessDeniedException", "InternalFailure":
		return "com.amazon.coral.service#" + code
	default:
		return "com.amazonaws.dynamodb.v20120810#" + code
	}
}

// Tables are the names of all tables, of whatever region and account, in alphabetical order.
func (s *Service) Tables() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := map[string]bool{}
	for id := range s.tables {
		names[id.name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Items are all items of the tables with this name, of whatever region and account, in the order
// of a scan. They must not be changed.
func (s *Service) Items(name string) []Item {
	var items []Item
	for _, t := range s.named(name) {
		t.mu.RLock()
		for r := range t.store.all() {
			items = append(items, r.item)
		}
		t.mu.RUnlock()
	}
	return items
}

// named are the tables with this name in the order of their regions and accounts.
func (s *Service) named(name string) []*table {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []*table
	for id, t := range s.tables {
		if id.name == name {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *table) int { return strings.Compare(a.arn(), b.arn()) })
	return found
}

// table finds a table by its name or ARN for operations on items.
func (s *Service) table(scope wire.Scope, name string) (*table, error) {
	if t := s.lookup(scope, name); t != nil {
		return t, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Requested resource not found")
}

// tableItself finds a table by its name or ARN for operations on tables.
func (s *Service) tableItself(scope wire.Scope, name string) (*table, error) {
	if t := s.lookup(scope, name); t != nil {
		return t, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Requested resource not found: Table: %s not found", name)
}

func (s *Service) lookup(scope wire.Scope, name string) *table {
	if strings.HasPrefix(name, "arn:") {
		prefix := tableARN(scope, "")
		if !strings.HasPrefix(name, prefix) {
			return nil
		}
		name = name[len(prefix):]
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tables[tableID{scope, name}]
}

func tableARN(scope wire.Scope, name string) string {
	return "arn:aws:dynamodb:" + scope.Region + ":" + scope.Account + ":table/" + name
}

// invalid is a ValidationException.
func invalid(format string, args ...any) error {
	return wire.Errorf("ValidationException", format, args...)
}

// invalidParameter is a ValidationException with the beginning that many of them have.
func invalidParameter(format string, args ...any) error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}
