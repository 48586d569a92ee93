package dynamodb

import (
	"maps"
	"slices"

	"clickstream/emulator/dynamodb/expression"
	"clickstream/emulator/internal/wire"
)

// Reading holds the parameters that Query and Scan have in common.
type Reading struct {
	AttributesToGet           []string
	ConditionalOperator       string
	ConsistentRead            bool
	ExclusiveStartKey         Item
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues Item
	FilterExpression          *string
	IndexName                 string
	Limit                     *int
	ProjectionExpression      *string
	ReturnConsumedCapacity    string
	Select                    string
	TableName                 string
}

// ReadingOutput is the reply to Query and Scan.
type ReadingOutput struct {
	ConsumedCapacity *ConsumedCapacity `json:",omitempty"`
	Count            int
	Items            []Item `json:",omitempty"`
	LastEvaluatedKey Item   `json:",omitempty"`
	ScannedCount     int
}

// AppendJSON implements wire.JSONAppender.
func (out *ReadingOutput) AppendJSON(b []byte) []byte {
	o := newObject(b)
	if out.Items != nil {
		o.items("Items", out.Items)
	}
	o.number("Count", out.Count)
	o.number("ScannedCount", out.ScannedCount)
	if out.LastEvaluatedKey != nil {
		o.item("LastEvaluatedKey", out.LastEvaluatedKey)
	}
	o.capacity(out.ConsumedCapacity)
	return o.end()
}

func (in *Reading) check(c *wire.Check) {
	c.Required("tableName", in.TableName != "")
	checkCapacity(c, in.ReturnConsumedCapacity)
	checkOperator(c, in.ConditionalOperator)
	if in.Limit != nil {
		c.Range("limit", int64(*in.Limit), 1, 1<<31-1)
	}
	if in.Select != "" {
		c.Enum("select", in.Select, "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	}
}

// source is where a reading takes its items from.
type source struct {
	table *table
	index *index
	store *store
	view  expression.Projection // what the items there hold
}

// source finds the table or the index. It needs the table's lock.
func (in *Reading) source(t *table) (source, error) {
	if in.IndexName == "" {
		return source{table: t, store: &t.store}, nil
	}
	i := t.index(in.IndexName)
	if i == nil {
		return source{}, invalid("The table does not have the specified index: %s", in.IndexName)
	}
	if i.global && in.ConsistentRead {
		return source{}, invalid("Consistent reads are not supported on global secondary indexes")
	}
	view := i.view(t)
	if !i.global && in.Select != "ALL_PROJECTED_ATTRIBUTES" && (in.Select == "ALL_ATTRIBUTES" || in.picks()) {
		view = expression.Projection{} // what a local index lacks is fetched from the table
	}
	if i.global && in.Select == "ALL_ATTRIBUTES" && !view.All() {
		return source{}, invalidParameter("Select type ALL_ATTRIBUTES is not supported for global secondary index %s "+
			"because its projection type is not ALL", i.name)
	}
	return source{t, i, &i.store, view}, nil
}

// picks tells whether the request names the attributes that it wants.
func (in *Reading) picks() bool { return in.ProjectionExpression != nil || in.AttributesToGet != nil }

// keys are the attributes of a position in the source, in no order.
func (s source) keys() []string {
	names := s.table.store.keys.names()
	if s.index != nil {
		names = append(names, s.index.store.keys.names()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// checkStart refuses a start key that is no position in the source.
func (s source) checkStart(start Item) error {
	if start == nil {
		return nil
	}
	names := s.keys()
	if len(start) != len(names) {
		return invalid("The provided starting key is invalid")
	}
	pairs := append(s.table.store.keys.attributes(), s.store.keys.attributes()...)
	for _, key := range pairs {
		if start[key.name].Kind() != key.kind {
			return invalid("The provided starting key is invalid: The provided key element does not match the schema")
		}
	}
	return nil
}

// view is what the index holds of each item.
func (i *index) view(t *table) expression.Projection {
	if i.projection.ProjectionType == "ALL" {
		return expression.Projection{}
	}
	names := append(t.store.keys.names(), i.store.keys.names()...)
	names = append(names, i.projection.NonKeyAttributes...)
	paths := make([]expression.Path, len(names))
	for n, name := range names {
		paths[n] = expression.NamePath(name)
	}
	return expression.NewProjection(paths...)
}

// page collects items up to the limits of one reply.
type page struct {
	limit int
	items []Item
	bytes int
	full  bool
}

// maxPage is the most that one reply looks at ("Query", "Scan").
const maxPage = 1 << 20

func (in *Reading) page() *page {
	p := &page{limit: 1<<31 - 1}
	if in.Limit != nil {
		p.limit = *in.Limit
	}
	return p
}

// add takes a record and tells whether there is room for another.
func (p *page) add(r *record) bool {
	p.items = append(p.items, r.item)
	p.bytes += r.size
	p.full = len(p.items) >= p.limit || p.bytes >= maxPage
	return !p.full
}

// plan is a reading's filter and projection, parsed.
type plan struct {
	filter expression.Condition
	wanted expression.Projection
}

// plan parses filter and projection; legacy is the older filter.
func (in *Reading) plan(places *expression.Placeholders, legacy map[string]Condition) (plan, error) {
	wanted, err := projection(places, in.ProjectionExpression, in.AttributesToGet)
	if err != nil {
		return plan{}, err
	}
	if in.Select != "" && in.Select != "SPECIFIC_ATTRIBUTES" && in.picks() {
		return plan{}, invalidParameter("Cannot specify the %s when choosing to get %s", in.picked(), in.Select)
	}
	if in.Select == "SPECIFIC_ATTRIBUTES" && !in.picks() {
		return plan{}, invalidParameter("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	}
	if in.Select == "ALL_PROJECTED_ATTRIBUTES" && in.IndexName == "" {
		return plan{}, invalidParameter("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	if in.FilterExpression != nil {
		filter, err := places.Condition(expression.FilterParameter, *in.FilterExpression)
		return plan{filter, wanted}, err
	}
	filter, err := in.legacyFilter(legacy)
	return plan{filter, wanted}, err
}

func (in *Reading) picked() string {
	if in.ProjectionExpression != nil {
		return expression.ProjectionParameter
	}
	return "AttributesToGet"
}

func (in *Reading) legacyFilter(filter map[string]Condition) (expression.Condition, error) {
	if in.ConditionalOperator != "" && len(filter) == 0 {
		return nil, invalidParameter("ConditionalOperator cannot be used without Filter or Expected")
	}
	conditions := make([]expression.Condition, 0, len(filter))
	for _, name := range slices.Sorted(maps.Keys(filter)) {
		condition, err := expression.LegacyCondition(name, filter[name].ComparisonOperator, filter[name].AttributeValueList)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, condition)
	}
	return combine(in.ConditionalOperator, conditions), nil
}

// reply filters and cuts a page, outside of the table's lock.
func (in *Reading) reply(s source, p *page, plan plan) *ReadingOutput {
	out := &ReadingOutput{ScannedCount: len(p.items)}
	if p.full {
		out.LastEvaluatedKey = p.items[len(p.items)-1].Pick(s.keys()...)
	}
	items := make([]Item, 0, len(p.items))
	for _, item := range p.items {
		held := s.view.Of(item)
		if plan.filter == nil || plan.filter.Holds(held) {
			items = append(items, plan.wanted.Of(held))
		}
	}
	out.Count = len(items)
	if in.Select != "COUNT" {
		out.Items = items
	}
	out.ConsumedCapacity = read(s.index, p.bytes, in.ConsistentRead).report(s.table, in.ReturnConsumedCapacity)
	return out
}

// checkWanted refuses a projection of attributes that a global index does not hold.
func (s source) checkWanted(wanted expression.Projection) error {
	if s.index == nil || !s.index.global || s.view.All() {
		return nil
	}
	held := s.view.Names()
	for _, name := range wanted.Names() {
		if !slices.Contains(held, name) {
			return invalidParameter("Global secondary index %s does not project [%s]",
				s.index.name, name)
		}
	}
	return nil
}
