package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// GetResourcePolicy: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetResourcePolicy.html
// Kept: the policy's text as it was put; without one it is {}.
// Left out: queues and channels.

// GetResourcePolicyInput is what GetResourcePolicy takes.
type GetResourcePolicyInput struct{ ResourceTarget }

// GetResourcePolicyOutput is what GetResourcePolicy answers.
type GetResourcePolicyOutput struct{ Policy string }

func (s *Service) getResourcePolicy(scope wire.Scope, in *GetResourcePolicyInput) (*GetResourcePolicyOutput, error) {
	found, err := s.lockPolicy(scope, in.ResourceARN, s.now())
	if err != nil {
		return nil, err
	}
	defer found.unlock()
	if *found.policy == "" {
		return &GetResourcePolicyOutput{"{}"}, nil
	}
	return &GetResourcePolicyOutput{*found.policy}, nil
}
