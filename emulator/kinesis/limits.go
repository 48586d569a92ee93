package kinesis

import (
	"slices"
	"sync"
	"time"

	"clickstream/emulator/internal/wire"
)

// The service's limits of calls (https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html), which hold with
// Options.Throttle. Those of shards are in shard.go.

// callLimit is how many calls of an operation a second takes.
type callLimit struct {
	calls     int
	perStream bool // for each stream; else for the account in a region
}

// callLimitOf returns the limit of an operation, if it has one.
func callLimitOf(operation string) (limit callLimit, limited bool) {
	switch operation {
	case "DescribeLimits":
		return callLimit{calls: 1}, true
	case "DescribeStream":
		return callLimit{calls: 10}, true
	case "DescribeStreamSummary":
		return callLimit{calls: 20}, true
	case "DescribeStreamConsumer":
		return callLimit{calls: 20, perStream: true}, true
	case "ListShards":
		return callLimit{calls: 1000, perStream: true}, true
	case "AddTagsToStream", "CreateChannel", "CreateStream", "DeleteChannel", "DeleteResourcePolicy", "DeleteStream", "DescribeAccountSettings",
		"DescribeChannel", "GetResourcePolicy", "ListChannels", "ListStreams", "ListTagsForResource", "ListTagsForStream", "MergeShards",
		"PutResourcePolicy", "RemoveTagsFromStream", "SplitShard", "TagResource", "UntagResource", "UpdateAccountSettings", "UpdateChannel",
		"UpdateMaxRecordSize", "UpdateStreamMode", "UpdateStreamRecordDistributionStrategy", "UpdateStreamWarmThroughput":
		return callLimit{calls: 5}, true
	case "DecreaseStreamRetentionPeriod", "DeregisterStreamConsumer", "DisableEnhancedMonitoring", "EnableEnhancedMonitoring",
		"IncreaseStreamRetentionPeriod", "ListStreamConsumers", "RegisterStreamConsumer":
		return callLimit{calls: 5, perStream: true}, true
	default:
		return callLimit{}, false
	}
}

// limiter counts calls. Its zero value has counted none.
type limiter struct {
	mu     sync.Mutex
	second int64
	calls  map[callKey]int // in that second
}

type callKey struct {
	operation string
	stream    streamKey
}

// counter counts within a second.
type counter struct {
	second int64
	count  int
}

// take counts one more, or says that the second has had its most.
func (c *counter) take(second int64, most int) bool {
	if c.second != second {
		*c = counter{second: second}
	}
	c.count++
	return c.count <= most
}

func (l *limiter) take(key callKey, most int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if second := now.Unix(); l.calls == nil || l.second < second {
		l.second, l.calls = second, map[callKey]int{} // a new one: streams that never were are asked for too
	}
	l.calls[key]++
	return l.calls[key] <= most
}

// targeted is an input that names a stream.
type targeted interface {
	key(scope wire.Scope) (streamKey, error)
}

func (in *RegisterStreamConsumerInput) key(scope wire.Scope) (streamKey, error) {
	return (&Target{StreamARN: in.StreamARN}).key(scope)
}

func (in *ListStreamConsumersInput) key(scope wire.Scope) (streamKey, error) {
	return (&Target{StreamARN: in.StreamARN}).key(scope)
}

func (t *ConsumerTarget) key(scope wire.Scope) (streamKey, error) {
	arn := t.StreamARN
	if named, ok := parseConsumerARN(t.ConsumerARN); ok {
		arn = named.stream
	}
	if arn == "" { // the operation will say so
		return streamKey{scope: scope}, nil
	}
	return (&Target{StreamARN: arn}).key(scope)
}

// op makes an operation of a handler, whose calls are counted where they have a limit.
func op[In, Out any](s *Service, name string, f func(wire.Scope, *In) (*Out, error)) wire.Operation {
	limit, limited := callLimitOf(name)
	if !limited || !s.options.Throttle {
		return wire.Op(f)
	}
	return wire.Op(func(scope wire.Scope, in *In) (*Out, error) {
		key := callKey{name, streamKey{scope: scope}}
		if target, ok := any(in).(targeted); ok && limit.perStream {
			named, err := target.key(scope)
			if err != nil {
				return nil, err
			}
			key.stream = named
		}
		if !s.limiter.take(key, limit.calls, s.now()) {
			where := ""
			if key.stream.name != "" {
				where = "stream " + key.stream.name + " under "
			}
			return nil, wire.Errorf("LimitExceededException", "Rate exceeded for %saccount %s.", where, key.stream.scope.Account)
		}
		return f(scope, in)
	})
}

// rolling remembers the times of what a limit allows a few of in a long time.
type rolling struct{ times []time.Time }

// take counts one more, or says that the time before has had its most.
func (r *rolling) take(now time.Time, period time.Duration, most int) bool {
	r.times = slices.DeleteFunc(r.times, func(t time.Time) bool { return now.Sub(t) >= period })
	if len(r.times) >= most {
		return false
	}
	r.times = append(r.times, now)
	return true
}

// checkShardLimit refuses more shards than an account may have. The caller holds no lock.
func (s *Service) checkShardLimit(scope wire.Scope, more int64, now time.Time) error {
	if !s.options.Throttle {
		return nil
	}
	used := s.used(scope, now).shards
	if used+more <= accountShards {
		return nil
	}
	return shardLimit(scope, used, more)
}

func shardLimit(scope wire.Scope, used, more int64) error {
	return wire.Errorf("LimitExceededException", "This request would exceed the shard limit for the account %s in %s. Current shard count for the "+
		"account: %d. Limit: %d. Number of additional shards that would have resulted from this request: %d. Refer to the AWS Service Limits "+
		"page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.",
		scope.Account, scope.Region, used, accountShards, more)
}
