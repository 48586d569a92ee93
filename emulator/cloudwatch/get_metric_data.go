package cloudwatch

import (
	"slices"
	"time"

	"clickstream/emulator/internal/wire"
)

// GetMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
// Kept: queries of one metric each (MetricStat) with the five statistics, ScanBy, ReturnData.
// Left out: expressions, percentiles, pages (all values come at once), other accounts.

// GetMetricDataInput is what GetMetricData takes.
type GetMetricDataInput struct {
	MetricDataQueries  []MetricDataQuery
	StartTime, EndTime *wire.Instant
	ScanBy             string `json:",omitempty"`
}

// MetricDataQuery asks for one metric.
type MetricDataQuery struct {
	Id         string //nolint:revive // the wire's name
	MetricStat *MetricStat
	Expression string `json:",omitempty"`
	Label      string `json:",omitempty"`
	ReturnData *bool  `json:",omitempty"`
}

// MetricStat says which metric, by which period and which statistic.
type MetricStat struct {
	Metric ListedMetric
	Period *int64
	Stat   string
	Unit   string `json:",omitempty"`
}

// GetMetricDataOutput is what GetMetricData answers.
type GetMetricDataOutput struct{ MetricDataResults []MetricDataResult }

// MetricDataResult answers one query.
type MetricDataResult struct {
	Id         string //nolint:revive // the wire's name
	Label      string
	Timestamps []wire.Instant
	Values     []wire.Double
	StatusCode string
}

const mostQueries = 500

func (s *Service) getMetricData(scope wire.Scope, in *GetMetricDataInput) (*GetMetricDataOutput, error) {
	switch {
	case len(in.MetricDataQueries) == 0:
		return nil, required("MetricDataQueries", "")
	case in.StartTime == nil:
		return nil, required("StartTime", "")
	case in.EndTime == nil:
		return nil, required("EndTime", "")
	case len(in.MetricDataQueries) > mostQueries:
		return nil, wire.Errorf(invalidValue, "The collection MetricDataQueries must not have a size greater than %d.", mostQueries)
	case !in.StartTime.Time().Before(in.EndTime.Time()):
		return nil, wire.Errorf(invalidCombination, "The parameter StartTime must be less than the parameter EndTime.")
	}
	for i := range in.MetricDataQueries {
		if err := in.MetricDataQueries[i].check(); err != nil {
			return nil, err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := &GetMetricDataOutput{MetricDataResults: []MetricDataResult{}}
	for i := range in.MetricDataQueries {
		query := &in.MetricDataQueries[i]
		if query.ReturnData == nil || *query.ReturnData {
			out.MetricDataResults = append(out.MetricDataResults, s.query(scope, query, in))
		}
	}
	return out, nil
}

func (q *MetricDataQuery) check() error {
	switch {
	case q.Id == "":
		return required("MetricDataQueries.member.Id", "")
	case q.Expression != "" || q.MetricStat == nil:
		return wire.Errorf(invalidValue, "The emulator answers no expressions; the query %s must have a MetricStat.", q.Id)
	case q.MetricStat.Period == nil:
		return required("MetricDataQueries.member.MetricStat.Period", "")
	case !slices.Contains(statistics(), q.MetricStat.Stat):
		return wire.Errorf(invalidValue, "The value %s for parameter MetricDataQueries.member.MetricStat.Stat is not supported.", q.MetricStat.Stat)
	}
	return checkPeriod(*q.MetricStat.Period)
}

// query answers one query, the latest values first unless it is asked otherwise.
func (s *Service) query(scope wire.Scope, query *MetricDataQuery, in *GetMetricDataInput) MetricDataResult {
	wanted := query.MetricStat
	key := metricKey{scope, wanted.Metric.Namespace, wanted.Metric.MetricName, dimensionKey(wanted.Metric.Dimensions)}
	result := MetricDataResult{Id: query.Id, Label: query.Label, Timestamps: []wire.Instant{}, Values: []wire.Double{}, StatusCode: "Complete"}
	if result.Label == "" {
		result.Label = wanted.Metric.MetricName
	}
	for _, one := range s.periodsOf(key, wanted.Unit, in.StartTime.Time(), in.EndTime.Time(), *wanted.Period) {
		result.Timestamps = append(result.Timestamps, wire.Instant(time.Unix(one.begins, 0)))
		result.Values = append(result.Values, wire.Double(one.value(wanted.Stat)))
	}
	if in.ScanBy != "TimestampAscending" {
		slices.Reverse(result.Timestamps)
		slices.Reverse(result.Values)
	}
	return result
}
