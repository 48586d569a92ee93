package consume

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestRulesThatRemoveClaims(t *testing.T) {
	tag := types.Tag{Key: aws.String("team"), Value: aws.String("web")}
	for name, test := range map[string]struct {
		filter *types.LifecycleRuleFilter
		want   bool
	}{
		"everything":    {nil, true},
		"claims":        {&types.LifecycleRuleFilter{Prefix: aws.String("_claims/")}, true},
		"some claims":   {&types.LifecycleRuleFilter{Prefix: aws.String("_claims/app/")}, true},
		"others":        {&types.LifecycleRuleFilter{Prefix: aws.String("logs/")}, false},
		"a tag":         {&types.LifecycleRuleFilter{Tag: &tag}, false},
		"large claims":  {&types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{ObjectSizeGreaterThan: aws.Int64(1)}}, true},
		"tagged claims": {&types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{Prefix: aws.String("_claims/"), Tags: []types.Tag{tag}}}, false},
	} {
		days, ok := removesClaims(types.LifecycleRule{
			Status: types.ExpirationStatusEnabled, Expiration: &types.LifecycleExpiration{Days: aws.Int32(3)}, Filter: test.filter,
		})
		if ok != test.want || ok && days != 3 {
			t.Errorf("%s: %v after %d days", name, ok, days)
		}
	}
}
