package kinesis

import (
	"slices"

	"clickstream/emulator/internal/wire"
)

// EnableEnhancedMonitoring: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_EnableEnhancedMonitoring.html
// Kept: the metrics in descriptions, ALL for all of them; UPDATING for Options.CreateDelay.
// Left out: the metrics themselves.

// EnhancedMonitoringInput is what EnableEnhancedMonitoring and DisableEnhancedMonitoring take.
type EnhancedMonitoringInput struct {
	Target
	ShardLevelMetrics []string
}

// EnhancedMonitoringOutput is what both answer: the metrics that were on, and those that will be.
type EnhancedMonitoringOutput struct {
	StreamName, StreamARN    string
	CurrentShardLevelMetrics []string
	DesiredShardLevelMetrics []string
}

func (s *Service) enableEnhancedMonitoring(scope wire.Scope, in *EnhancedMonitoringInput) (*EnhancedMonitoringOutput, error) {
	return s.setMonitoring(scope, in, true)
}

const allMetrics = "ALL"

// shardMetrics lists the metrics that a shard has.
func shardMetrics() []string {
	return []string{
		"IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords", "WriteProvisionedThroughputExceeded",
		"ReadProvisionedThroughputExceeded", "IteratorAgeMilliseconds",
	}
}

func (s *Service) setMonitoring(scope wire.Scope, in *EnhancedMonitoringInput, on bool) (*EnhancedMonitoringOutput, error) {
	now := s.now()
	st, err := s.lockActive(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	out := &EnhancedMonitoringOutput{StreamName: st.name, StreamARN: st.arn(), CurrentShardLevelMetrics: st.listMetrics()}
	var wanted []string
	for _, metric := range shardMetrics() {
		named := slices.Contains(in.ShardLevelMetrics, metric) || slices.Contains(in.ShardLevelMetrics, allMetrics)
		if named && on || !named && slices.Contains(st.metrics, metric) {
			wanted = append(wanted, metric)
		}
	}
	st.metrics = wanted
	out.DesiredShardLevelMetrics = st.listMetrics()
	st.change(statusUpdating, now, s.options.CreateDelay)
	return out, s.keep(st)
}

// listMetrics returns the metrics that are on; an empty list when there are none.
func (st *stream) listMetrics() []string { return append([]string{}, st.metrics...) }
