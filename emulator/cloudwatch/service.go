package cloudwatch

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/wire"
)

// Service is the emulated CloudWatch. Its methods may be called at the same time.
type Service struct {
	mu      sync.RWMutex
	metrics map[metricKey]*metric
	periods int // held by all metrics together
	clock   *clock.Clock
}

// New makes a Service without metrics that goes by a clock, of which nil is the machine's own.
func New(time *clock.Clock) *Service { return &Service{metrics: map[metricKey]*metric{}, clock: time} }

// metricKey is what tells metrics apart.
type metricKey struct {
	scope      wire.Scope
	namespace  string
	name       string
	dimensions string // as joined by dimensionKey
}

// metric is one series.
type metric struct {
	dimensions []Dimension // by name
	units      map[string]map[int64]Statistics
	latest     time.Time // when it was put last
}

// Dimension is a part of a metric's name.
type Dimension struct{ Name, Value string }

// Statistics sum up values.
type Statistics struct{ SampleCount, Sum, Minimum, Maximum float64 }

// merge adds what another set sums up.
func (s Statistics) merge(other Statistics) Statistics {
	if s.SampleCount == 0 {
		return other
	}
	return Statistics{
		SampleCount: s.SampleCount + other.SampleCount, Sum: s.Sum + other.Sum,
		Minimum: min(s.Minimum, other.Minimum), Maximum: max(s.Maximum, other.Maximum),
	}
}

// dimensionKey joins dimensions, in order of their names, to text that no others have.
func dimensionKey(dimensions []Dimension) string {
	var key strings.Builder
	for _, one := range ordered(dimensions) {
		key.WriteString(one.Name + "\x00" + one.Value + "\x00")
	}
	return key.String()
}

func ordered(dimensions []Dimension) []Dimension {
	return slices.SortedFunc(slices.Values(dimensions), func(a, b Dimension) int { return cmp.Compare(a.Name, b.Name) })
}

// add sums up a value within its period, which begins at a second since 1970.
func (s *Service) add(key metricKey, dimensions []Dimension, unit string, period int64, value Statistics, now time.Time) {
	one := s.metrics[key]
	if one == nil {
		one = &metric{dimensions: ordered(dimensions), units: map[string]map[int64]Statistics{}}
		s.metrics[key] = one
	}
	if one.units[unit] == nil {
		one.units[unit] = map[int64]Statistics{}
	}
	sum, ok := one.units[unit][period]
	if !ok {
		s.periods++
	}
	one.units[unit][period] = sum.merge(value)
	one.latest = now
}

// mostPeriods are held, about 100 MB at worst.
const mostPeriods = 1_000_000

// forget drops the older half of the periods once there are too many.
func (s *Service) forget(most int) {
	if s.periods <= most {
		return
	}
	all := make([]int64, 0, s.periods)
	for _, one := range s.metrics {
		for _, periods := range one.units {
			for period := range periods {
				all = append(all, period)
			}
		}
	}
	slices.Sort(all)
	oldest := all[len(all)/2]
	excess := len(all) / 2 // where many are of one time, no more of them than it takes
	for key, one := range s.metrics {
		for unit, periods := range one.units {
			for period := range periods {
				if period <= oldest && excess > 0 {
					delete(periods, period)
					excess--
					s.periods--
				}
			}
			if len(periods) == 0 {
				delete(one.units, unit)
			}
		}
		if len(one.units) == 0 {
			delete(s.metrics, key)
		}
	}
}

// Metric is a metric as tests look at it.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
	Statistics      // of all that was put and is not forgotten, whatever its unit
}

// Metrics returns what was put, of whatever region and account, in order of namespace, name and dimensions.
func (s *Service) Metrics() []Metric {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []Metric
	for _, key := range s.keys(func(metricKey) bool { return true }) {
		one := s.metrics[key]
		shown := Metric{Namespace: key.namespace, Name: key.name, Dimensions: map[string]string{}}
		for _, dimension := range one.dimensions {
			shown.Dimensions[dimension.Name] = dimension.Value
		}
		for _, periods := range one.units {
			for _, sum := range periods {
				shown.Statistics = shown.merge(sum)
			}
		}
		all = append(all, shown)
	}
	return all
}

// keys returns the metrics that are wanted, in order.
func (s *Service) keys(wanted func(metricKey) bool) []metricKey {
	var keys []metricKey
	for key := range s.metrics {
		if wanted(key) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, metricKey.compare)
	return keys
}

func (k metricKey) compare(other metricKey) int {
	return cmp.Or(cmp.Compare(k.namespace, other.namespace), cmp.Compare(k.name, other.name), cmp.Compare(k.dimensions, other.dimensions),
		cmp.Compare(k.scope.Region, other.scope.Region), cmp.Compare(k.scope.Account, other.scope.Account))
}
