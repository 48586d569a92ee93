package cloudwatch

import (
	"cmp"
	"slices"
	"time"
)

// The statistics that can be asked for.
const (
	statisticCount   = "SampleCount"
	statisticAverage = "Average"
	statisticSum     = "Sum"
	statisticMinimum = "Minimum"
	statisticMaximum = "Maximum"
)

func statistics() []string {
	return []string{statisticCount, statisticAverage, statisticSum, statisticMinimum, statisticMaximum}
}

// value returns one statistic.
func (s Statistics) value(statistic string) float64 {
	switch statistic {
	case statisticCount:
		return s.SampleCount
	case statisticAverage:
		if s.SampleCount == 0 {
			return 0
		}
		return s.Sum / s.SampleCount
	case statisticSum:
		return s.Sum
	case statisticMinimum:
		return s.Minimum
	default:
		return s.Maximum
	}
}

// summed is what was put of one unit within one period.
type summed struct {
	begins int64 // seconds since 1970
	unit   string
	Statistics
}

// periodsOf sums up a metric's values of a unit, or of each unit when none is given, from a time on and before another. Periods
// begin at multiples of their length.
func (s *Service) periodsOf(key metricKey, unit string, start, end time.Time, period int64) []summed {
	one := s.metrics[key]
	if one == nil {
		return nil
	}
	type place struct {
		begins int64
		unit   string
	}
	sums := map[place]Statistics{}
	first := start.Unix() - mod(start.Unix(), period)
	for found, periods := range one.units {
		if unit != "" && found != unit {
			continue
		}
		for begins, sum := range periods {
			if begins >= first && begins < end.Unix() {
				at := place{begins - mod(begins, period), found}
				sums[at] = sums[at].merge(sum)
			}
		}
	}
	all := make([]summed, 0, len(sums))
	for at, sum := range sums {
		all = append(all, summed{at.begins, at.unit, sum})
	}
	slices.SortFunc(all, func(a, b summed) int { return cmp.Or(cmp.Compare(a.begins, b.begins), cmp.Compare(a.unit, b.unit)) })
	return all
}

// mod returns the remainder that is not negative.
func mod(n, period int64) int64 {
	rest := n % period
	if rest < 0 {
		rest += period // not before, as a period may be as long as numbers go
	}
	return rest
}
