package dynamodb

import (
	"clickstream/emulator/dynamodb/expression"
	"clickstream/emulator/internal/wire"
)

// Scan: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
// Kept: filters by expression and by ScanFilter, segments, pages, indexes, projections, Select,
// consumed capacity. The order is that of the hash keys' hashes, the same in each run.
// Left out: nothing.

// ScanInput is the request. TableName may be the table's ARN.
type ScanInput struct {
	Reading
	ScanFilter    map[string]Condition
	Segment       *int
	TotalSegments *int
}

// ScanOutput is the reply.
type ScanOutput = ReadingOutput

const maxSegments = 1000000

// Check implements wire.Checker.
func (in *ScanInput) Check(c *wire.Check) {
	in.check(c)
	checkConditions(c, "scanFilter", in.ScanFilter)
	if in.Segment != nil {
		c.Range("segment", int64(*in.Segment), 0, maxSegments-1)
	}
	if in.TotalSegments != nil {
		c.Range("totalSegments", int64(*in.TotalSegments), 1, maxSegments)
	}
}

func (s *Service) scan(scope wire.Scope, in *ScanInput) (*ScanOutput, error) {
	plan, err := in.parse()
	if err != nil {
		return nil, err
	}
	segment, total, err := in.segment()
	if err != nil {
		return nil, err
	}
	t, err := s.table(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	source, page, err := in.run(t, plan, segment, total)
	if err != nil {
		return nil, err
	}
	return in.reply(source, page, plan), nil
}

func (in *ScanInput) parse() (plan, error) {
	places, err := placeholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		parameter{expression.FilterParameter, in.FilterExpression != nil, false},
		parameter{expression.ProjectionParameter, in.ProjectionExpression != nil, false},
		parameter{"AttributesToGet", in.AttributesToGet != nil, true},
		parameter{"ScanFilter", in.ScanFilter != nil, true},
		parameter{"ConditionalOperator", in.ConditionalOperator != "", true})
	if err != nil {
		return plan{}, err
	}
	parsed, err := in.plan(places, in.ScanFilter)
	if err != nil {
		return plan{}, err
	}
	return parsed, places.Finish()
}

func (in *ScanInput) segment() (segment, total uint64, err error) {
	switch {
	case in.Segment == nil && in.TotalSegments == nil:
		return 0, 1, nil
	case in.TotalSegments == nil:
		return 0, 0, invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case in.Segment == nil:
		return 0, 0, invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *in.Segment >= *in.TotalSegments:
		return 0, 0, invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: "+
			"Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
	}
	return uint64(*in.Segment), uint64(*in.TotalSegments), nil //nolint:gosec // both are checked to be in range
}

// run collects a page under the table's lock.
func (in *ScanInput) run(t *table, plan plan, segment, total uint64) (source, *page, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	from, err := in.source(t)
	if err != nil {
		return from, nil, err
	}
	if err := from.checkWanted(plan.wanted); err != nil {
		return from, nil, err
	}
	if err := in.checkStart(from, segment, total); err != nil {
		return from, nil, err
	}
	page := in.page()
	for r := range from.store.after(in.ExclusiveStartKey, segment, total) {
		if !page.add(r) {
			break
		}
	}
	return from, page, nil
}

func (in *ScanInput) checkStart(from source, segment, total uint64) error {
	start := in.ExclusiveStartKey
	if start == nil {
		return nil
	}
	if err := from.checkStart(start); err != nil {
		return err
	}
	if segmentOf(hashKey(start[from.store.keys.hash.name].Text()), total) != segment {
		return invalid("The provided starting key is invalid: Invalid ExclusiveStartKey. "+
			"Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", total, segment)
	}
	return nil
}
