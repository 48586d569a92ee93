package cloudwatch

import (
	"encoding/base64"
	"strconv"
	"time"

	"clickstream/emulator/internal/wire"
)

// ListMetrics: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
// Kept: filters by namespace, name, dimensions with and without values and recent activity; pages of 500.
// Left out: linked accounts. Metrics are listed as soon as they are put, in order of their names.

// ListMetricsInput is what ListMetrics takes.
type ListMetricsInput struct {
	Namespace      string            `json:",omitempty"`
	MetricName     string            `json:",omitempty"`
	Dimensions     []DimensionFilter `json:",omitempty"`
	NextToken      string            `json:",omitempty"`
	RecentlyActive string            `json:",omitempty"`
}

// DimensionFilter wants a dimension of a name and, if it says one, of a value.
type DimensionFilter struct {
	Name  string
	Value string `json:",omitempty"`
}

// ListMetricsOutput is what ListMetrics answers.
type ListMetricsOutput struct {
	Metrics   []ListedMetric
	NextToken string `json:",omitempty"`
}

// ListedMetric names a metric.
type ListedMetric struct {
	Namespace, MetricName string
	Dimensions            []Dimension
}

const (
	listedMetrics = 500
	recently      = 3 * time.Hour
)

func (s *Service) listMetrics(scope wire.Scope, in *ListMetricsInput) (*ListMetricsOutput, error) {
	now := s.clock.Now()
	if in.RecentlyActive != "" && in.RecentlyActive != "PT3H" {
		return nil, wire.Errorf(invalidValue, "The parameter RecentlyActive must be a value in the set [ PT3H ].")
	}
	skip, ok := listedBefore(in.NextToken)
	if !ok {
		return nil, wire.Errorf(invalidNextToken, "The value of the parameter NextToken is invalid.")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := s.keys(func(key metricKey) bool {
		return key.scope == scope && in.wants(key, s.metrics[key], now)
	})
	keys = keys[min(skip, len(keys)):]
	out := &ListMetricsOutput{Metrics: []ListedMetric{}}
	for _, key := range keys[:min(len(keys), listedMetrics)] {
		out.Metrics = append(out.Metrics, ListedMetric{Namespace: key.namespace, MetricName: key.name, Dimensions: s.metrics[key].dimensions})
	}
	if len(keys) > listedMetrics {
		out.NextToken = base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(skip + listedMetrics)))
	}
	return out, nil
}

// listedBefore reads a next token: how many metrics the pages before it held.
func listedBefore(token string) (int, bool) {
	if token == "" {
		return 0, true
	}
	text, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	count, err := strconv.Atoi(string(text))
	return count, err == nil && count >= 0
}

// wants says whether a metric passes all filters.
func (in *ListMetricsInput) wants(key metricKey, one *metric, now time.Time) bool {
	return (in.Namespace == "" || key.namespace == in.Namespace) && (in.MetricName == "" || key.name == in.MetricName) &&
		(in.RecentlyActive == "" || now.Sub(one.latest) <= recently) && one.matches(in.Dimensions)
}

// matches says whether a metric has all dimensions that are asked for.
func (m *metric) matches(filters []DimensionFilter) bool {
	for _, filter := range filters {
		found := false
		for _, one := range m.dimensions {
			found = found || one.Name == filter.Name && (filter.Value == "" || one.Value == filter.Value)
		}
		if !found {
			return false
		}
	}
	return true
}
