package dynamodb

import "clickstream/emulator/internal/wire"

// DescribeLimits: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html
// Kept: the service's defaults.
// Left out: limits that somebody raised; nothing here is limited by them.

// DescribeLimitsInput is the request.
type DescribeLimitsInput struct{}

// DescribeLimitsOutput is the reply.
type DescribeLimitsOutput struct {
	AccountMaxReadCapacityUnits  int64
	AccountMaxWriteCapacityUnits int64
	TableMaxReadCapacityUnits    int64
	TableMaxWriteCapacityUnits   int64
}

func (s *Service) describeLimits(wire.Scope, *DescribeLimitsInput) (*DescribeLimitsOutput, error) {
	return &DescribeLimitsOutput{80000, 80000, 40000, 40000}, nil
}
