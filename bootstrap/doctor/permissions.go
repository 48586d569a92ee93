package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"clickstream/bootstrap/policy"
)

// permissions says which actions of the policy that the Java daemon and its children need are not allowed: by IAM's simulator where it may be
// asked, else by calls that change nothing.
func (e *examination) permissions(ctx context.Context) []Finding {
	const check = "permissions"
	if e.noCredentials {
		return one(check, Skipped, "there are no credentials", "")
	}
	names, err := policy.Find(ctx, e.settings, e.caller.account)
	if err != nil {
		return one(check, Skipped, err.Error(), "")
	}
	wanted := names.Build(policy.Bootstrap)
	v, err := e.simulate(ctx, wanted)
	how := "by IAM's policy simulator, which knows no policies of bucket, key and organization"
	if errors.Is(err, errNoSimulator) {
		how = "call by call, by calls that change nothing"
		v = e.tryAll(ctx, names, wanted)
	} else if err != nil {
		return one(check, Warning, "ask IAM's policy simulator: "+err.Error(), "let IAM be reached, or deny iam:SimulatePrincipalPolicy: then the calls are tried")
	}
	text := fmt.Sprintf("tried %s: %d allowed, %d denied", how, v.allowed, len(v.denied))
	if len(v.denied) > 0 {
		text += ": " + strings.Join(v.denied, ", ")
	}
	if len(v.untried) > 0 {
		text += fmt.Sprintf("; %d not tried: %s", len(v.untried), strings.Join(v.untried, ", "))
	}
	switch {
	case len(v.denied) > 0:
		return one(check, Fails, text, iamRemedy+" --for bootstrap")
	case v.allowed == 0:
		return one(check, Skipped, text, "")
	}
	return one(check, OK, text, "")
}

// trial is one call that shows whether an action is allowed, and changes nothing.
type trial struct {
	sid, action string
	call        func(context.Context) error
}

// tryAll makes the calls that there are for the actions of a policy. What a service answers other than that access is denied comes after it
// has looked at the permission.
func (e *examination) tryAll(ctx context.Context, names *policy.Names, wanted *policy.Document) *verdict {
	v := &verdict{}
	trials := e.trials(names, wanted)
	for _, statement := range wanted.Statement {
		for _, action := range statement.Action {
			var calls []trial
			for _, t := range trials {
				if t.sid == statement.Sid && t.action == action {
					calls = append(calls, t)
				}
			}
			v.judge(ctx, action, statement, calls)
		}
	}
	slices.Sort(v.untried)
	v.untried = slices.Compact(v.untried)
	return v
}

func (v *verdict) judge(ctx context.Context, action string, statement policy.Statement, calls []trial) {
	refused, heard := false, false
	for _, t := range calls {
		if ctx.Err() != nil || refused {
			break
		}
		err := t.call(ctx)
		refused, heard = denied(err), heard || answered(err)
	}
	switch {
	case refused:
		v.denied = append(v.denied, action+" on "+strings.Join(statement.Resource, " and "))
	case heard:
		v.allowed++
	default:
		v.untried = append(v.untried, action)
	}
}
