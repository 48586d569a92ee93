package kinesis

import "clickstream/emulator/internal/wire"

// DisableEnhancedMonitoring: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DisableEnhancedMonitoring.html
// Kept: the metrics in descriptions, ALL for all of them; UPDATING for Options.CreateDelay.
// Left out: the metrics themselves.

func (s *Service) disableEnhancedMonitoring(scope wire.Scope, in *EnhancedMonitoringInput) (*EnhancedMonitoringOutput, error) {
	return s.setMonitoring(scope, in, false)
}
