package kinesis

import (
	"encoding/json"
	"time"

	"clickstream/emulator/internal/wire"
)

// PutResourcePolicy: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutResourcePolicy.html
// Kept: policies of streams and consumers, which must be JSON with a Statement.
// Left out: the policy is not enforced: the emulator allows everybody everything. Policies of queues and channels.

// PutResourcePolicyInput is what PutResourcePolicy takes.
type PutResourcePolicyInput struct {
	ResourceTarget
	Policy string
}

func (s *Service) putResourcePolicy(scope wire.Scope, in *PutResourcePolicyInput) (*wire.Nothing, error) {
	var document struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(in.Policy), &document); err != nil || document.Statement == nil {
		return nil, wire.Errorf("InvalidArgumentException", "Policy is not a valid policy document.")
	}
	found, err := s.lockPolicy(scope, in.ResourceARN, s.now())
	if err != nil {
		return nil, err
	}
	defer found.unlock()
	*found.policy = in.Policy
	return nil, s.keep(found.stream)
}

// lockPolicy is lockResource for what can have a policy.
func (s *Service) lockPolicy(scope wire.Scope, arn string, now time.Time) (*resource, error) {
	found, err := s.lockResource(scope, arn, now)
	if err != nil {
		return nil, err
	}
	if found.policy == nil {
		found.unlock()
		return nil, wire.Errorf("InvalidArgumentException", "Resource %s cannot have a policy.", arn)
	}
	return found, nil
}
