package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// DeleteResourcePolicy: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteResourcePolicy.html
// Kept: the end of the policy; without one it is ResourceNotFoundException.
// Left out: queues and channels.

// DeleteResourcePolicyInput is what DeleteResourcePolicy takes.
type DeleteResourcePolicyInput struct{ ResourceTarget }

func (s *Service) deleteResourcePolicy(scope wire.Scope, in *DeleteResourcePolicyInput) (*wire.Nothing, error) {
	found, err := s.lockPolicy(scope, in.ResourceARN, s.now())
	if err != nil {
		return nil, err
	}
	defer found.unlock()
	if *found.policy == "" {
		return nil, wire.Errorf("ResourceNotFoundException", "No resource policy found for resource ARN %s.", in.ResourceARN)
	}
	*found.policy = ""
	return nil, s.keep(found.stream)
}
