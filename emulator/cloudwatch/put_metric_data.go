package cloudwatch

import (
	"fmt"
	"math"
	"strings"
	"time"

	"clickstream/emulator/internal/wire"
)

// PutMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
// Kept: single values, arrays of values with counts, statistic sets, dimensions, units, high resolution, timestamps of the last two
// weeks and the next two hours, 1,000 metrics a request.
// Left out: entities.

// PutMetricDataInput is what PutMetricData takes.
type PutMetricDataInput struct {
	Namespace  string
	MetricData []MetricDatum
}

// MetricDatum is a value, or several, of one metric at one time.
type MetricDatum struct {
	MetricName        string
	Dimensions        []Dimension   `json:",omitempty"`
	Timestamp         *wire.Instant `json:",omitempty"`
	Value             *float64      `json:",omitempty"`
	StatisticValues   *Statistics   `json:",omitempty"`
	Values            []float64     `json:",omitempty"`
	Counts            []float64     `json:",omitempty"`
	Unit              string        `json:",omitempty"`
	StorageResolution *int64        `json:",omitempty"`
}

const (
	mostMetrics    = 1000
	mostValues     = 150
	mostDimensions = 30
	longestText    = 255
	oldestValue    = 14 * 24 * time.Hour
	earliestValue  = 2 * time.Hour // before its time
	largestValue   = 1 << 360
	unitNone       = "None"
)

func (s *Service) putMetricData(scope wire.Scope, in *PutMetricDataInput) (*wire.Nothing, error) {
	now := s.clock.Now()
	if err := required("Namespace", in.Namespace); err != nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(in.Namespace, "AWS/"):
		return nil, wire.Errorf(invalidValue, "The value AWS/ for parameter Namespace is invalid.")
	case len(in.Namespace) > longestText:
		return nil, wire.Errorf(invalidValue, "The value of the parameter Namespace has more than %d characters.", longestText)
	case len(in.MetricData) > mostMetrics:
		return nil, wire.Errorf(invalidValue, "The collection MetricData must not have a size greater than %d.", mostMetrics)
	}
	for i := range in.MetricData {
		if err := in.MetricData[i].check(fmt.Sprintf("MetricData.member.%d.", i+1), now); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range in.MetricData {
		datum := &in.MetricData[i]
		key := metricKey{scope, in.Namespace, datum.MetricName, dimensionKey(datum.Dimensions)}
		s.add(key, datum.Dimensions, datum.unit(), datum.period(now), datum.sum(), now)
	}
	s.forget(mostPeriods)
	return nil, nil
}

func (d *MetricDatum) check(path string, now time.Time) error {
	if err := required(path+"MetricName", d.MetricName); err != nil {
		return err
	}
	if len(d.MetricName) > longestText {
		return wire.Errorf(invalidValue, "The value of the parameter %sMetricName has more than %d characters.", path, longestText)
	}
	if len(d.Dimensions) > mostDimensions {
		return wire.Errorf(invalidValue, "The collection %sDimensions must not have a size greater than %d.", path, mostDimensions)
	}
	for i, one := range d.Dimensions {
		member := fmt.Sprintf("%sDimensions.member.%d.", path, i+1)
		if err := required(member+"Name", one.Name, member+"Value", one.Value); err != nil {
			return err
		}
	}
	if d.Timestamp != nil {
		if at := d.Timestamp.Time(); at.Before(now.Add(-oldestValue)) || at.After(now.Add(earliestValue)) {
			return wire.Errorf(invalidValue, "The parameter %sTimestamp must specify a time within the past two weeks or the next two hours.", path)
		}
	}
	if d.Unit != "" && !isUnit(d.Unit) {
		return wire.Errorf(invalidValue, "The parameter %sUnit must be a value in the set [ %s ].", path, strings.Join(units(), ", "))
	}
	return d.checkValues(path)
}

// checkValues checks that there is one form of value, and that it is sound.
func (d *MetricDatum) checkValues(path string) error {
	forms := []string{}
	if d.Value != nil {
		forms = append(forms, "Value")
	}
	if d.StatisticValues != nil {
		forms = append(forms, "StatisticValues")
	}
	if len(d.Values) > 0 {
		forms = append(forms, "Values")
	}
	switch {
	case len(forms) == 0:
		return wire.Errorf(missingParameter, "At least one of the parameters %[1]sValue, %[1]sValues and %[1]sStatisticValues must be specified.", path)
	case len(forms) > 1:
		return wire.Errorf(invalidCombination, "The parameters %[1]s%[2]s and %[1]s%[3]s are mutually exclusive and you have specified both.", path, forms[0], forms[1])
	case len(d.Values) > mostValues:
		return wire.Errorf(invalidValue, "The collection %sValues must not have a size greater than %d.", path, mostValues)
	case len(d.Counts) > 0 && len(d.Counts) != len(d.Values):
		return wire.Errorf(invalidValue, "The parameters %[1]sValues and %[1]sCounts must be of the same size.", path)
	}
	sum := d.sum()
	for _, value := range append([]float64{sum.Sum, sum.SampleCount, sum.Minimum, sum.Maximum}, d.Values...) {
		if math.IsNaN(value) || math.Abs(value) > largestValue {
			return wire.Errorf(invalidValue, "The value %v for parameter %s%s is invalid.", value, path, forms[0])
		}
	}
	return nil
}

// sum adds up whatever form of value there is.
func (d *MetricDatum) sum() Statistics {
	switch {
	case d.Value != nil:
		return Statistics{SampleCount: 1, Sum: *d.Value, Minimum: *d.Value, Maximum: *d.Value}
	case d.StatisticValues != nil:
		return *d.StatisticValues
	}
	var all Statistics
	for i, value := range d.Values {
		count := 1.0
		if len(d.Counts) > 0 {
			count = d.Counts[i]
		}
		all = all.merge(Statistics{SampleCount: count, Sum: count * value, Minimum: value, Maximum: value})
	}
	return all
}

func (d *MetricDatum) unit() string {
	if d.Unit == "" {
		return unitNone
	}
	return d.Unit
}

// period returns the second at which the value's period begins.
func (d *MetricDatum) period(now time.Time) int64 {
	at := now
	if d.Timestamp != nil {
		at = d.Timestamp.Time()
	}
	if d.StorageResolution != nil && *d.StorageResolution == 1 {
		return at.Unix()
	}
	return at.Truncate(time.Minute).Unix()
}
