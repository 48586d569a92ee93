package cloudwatch

import (
	"slices"
	"time"

	"clickstream/emulator/internal/wire"
)

// GetMetricStatistics: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
// Kept: the five statistics by period, units, 1,440 data points. Data points come in order of time.
// Left out: percentiles (ExtendedStatistics), which sums cannot tell.

// GetMetricStatisticsInput is what GetMetricStatistics takes.
type GetMetricStatisticsInput struct {
	Namespace          string
	MetricName         string
	Dimensions         []Dimension `json:",omitempty"`
	StartTime, EndTime *wire.Instant
	Period             *int64
	Statistics         []string `json:",omitempty"`
	ExtendedStatistics []string `json:",omitempty"`
	Unit               string   `json:",omitempty"`
}

// GetMetricStatisticsOutput is what GetMetricStatistics answers.
type GetMetricStatisticsOutput struct {
	Label      string
	Datapoints []Datapoint
}

// Datapoint is what was put within a period, as far as it was asked for.
type Datapoint struct {
	Timestamp   *wire.Instant
	SampleCount *wire.Double `json:",omitempty"`
	Average     *wire.Double `json:",omitempty"`
	Sum         *wire.Double `json:",omitempty"`
	Minimum     *wire.Double `json:",omitempty"`
	Maximum     *wire.Double `json:",omitempty"`
	Unit        string
}

const (
	mostDatapoints = 1440
	minute         = 60 // seconds
)

func (s *Service) getMetricStatistics(scope wire.Scope, in *GetMetricStatisticsInput) (*GetMetricStatisticsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	out := &GetMetricStatisticsOutput{Label: in.MetricName, Datapoints: []Datapoint{}}
	key := metricKey{scope, in.Namespace, in.MetricName, dimensionKey(in.Dimensions)}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, one := range s.periodsOf(key, in.Unit, in.StartTime.Time(), in.EndTime.Time(), *in.Period) {
		at := wire.Instant(time.Unix(one.begins, 0))
		point := Datapoint{Timestamp: &at, Unit: one.unit}
		for _, statistic := range in.Statistics {
			value := wire.Double(one.value(statistic))
			*point.member(statistic) = &value
		}
		out.Datapoints = append(out.Datapoints, point)
	}
	return out, nil
}

func (in *GetMetricStatisticsInput) check() error {
	if err := required("Namespace", in.Namespace, "MetricName", in.MetricName); err != nil {
		return err
	}
	switch {
	case in.StartTime == nil:
		return required("StartTime", "")
	case in.EndTime == nil:
		return required("EndTime", "")
	case in.Period == nil:
		return required("Period", "")
	case len(in.ExtendedStatistics) > 0:
		return wire.Errorf(invalidValue, "The emulator does not know the parameter ExtendedStatistics.")
	case len(in.Statistics) == 0:
		return wire.Errorf(missingParameter, "Must specify either Statistics or ExtendedStatistics")
	case !in.StartTime.Time().Before(in.EndTime.Time()):
		return wire.Errorf(invalidCombination, "The parameter StartTime must be less than the parameter EndTime.")
	}
	if err := checkPeriod(*in.Period); err != nil {
		return err
	}
	for _, statistic := range in.Statistics {
		if !slices.Contains(statistics(), statistic) {
			return wire.Errorf(invalidValue, "The parameter Statistics.member must be a value in the set [ SampleCount, Average, Sum, Minimum, Maximum ].")
		}
	}
	if points := int64(in.EndTime.Time().Sub(in.StartTime.Time())/time.Second) / *in.Period; points > mostDatapoints {
		return wire.Errorf(invalidCombination, "You have requested up to %d datapoints, which exceeds the limit of %d. You may reduce the datapoints "+
			"requested by increasing Period, or decreasing the time range.", points, mostDatapoints)
	}
	return nil
}

// checkPeriod checks a period in seconds.
func checkPeriod(period int64) error {
	if period > 0 && period%minute == 0 || slices.Contains([]int64{1, 5, 10, 20, 30}, period) {
		return nil
	}
	return wire.Errorf(invalidValue, "The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.")
}

// member returns where a statistic belongs.
func (d *Datapoint) member(statistic string) **wire.Double {
	switch statistic {
	case statisticCount:
		return &d.SampleCount
	case statisticAverage:
		return &d.Average
	case statisticSum:
		return &d.Sum
	case statisticMinimum:
		return &d.Minimum
	default:
		return &d.Maximum
	}
}
