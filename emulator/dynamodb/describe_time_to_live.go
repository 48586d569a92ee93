package dynamodb

import "clickstream/emulator/internal/wire"

// DescribeTimeToLive: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html
// Kept: the answer for a table without expiry, which is every table here.
// Left out: UpdateTimeToLive.

// DescribeTimeToLiveInput is the request. TableName may be the table's ARN.
type DescribeTimeToLiveInput struct{ TableName string }

// DescribeTimeToLiveOutput is the reply.
type DescribeTimeToLiveOutput struct{ TimeToLiveDescription TimeToLiveDescription }

// TimeToLiveDescription says whether items expire.
type TimeToLiveDescription struct{ TimeToLiveStatus string }

// Check implements wire.Checker.
func (in *DescribeTimeToLiveInput) Check(c *wire.Check) { c.Required("tableName", in.TableName != "") }

func (s *Service) describeTimeToLive(scope wire.Scope, in *DescribeTimeToLiveInput) (*DescribeTimeToLiveOutput, error) {
	if _, err := s.tableItself(scope, in.TableName); err != nil {
		return nil, err
	}
	return &DescribeTimeToLiveOutput{TimeToLiveDescription{"DISABLED"}}, nil
}
