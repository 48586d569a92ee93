package doctor

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"clickstream/bootstrap/policy"
)

// verdict is which actions a way of asking found allowed and denied, and which it could not ask about. Each is named with its resource where
// that helps.
type verdict struct {
	allowed int
	denied  []string
	untried []string
}

// errNoSimulator says that IAM's simulator cannot be asked, and why.
var errNoSimulator = errors.New("the policy simulator cannot be asked")

// iam is AWS's IAM, which is in one region of each part of AWS.
func (e *examination) iam() service {
	s := service{name: "iam", variable: "IAM", version: "2010-05-08", host: "iam.amazonaws.com", region: "us-east-1"}
	switch {
	case strings.HasPrefix(e.clients.Region, "cn-"):
		s.host, s.region = "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"
	case strings.HasPrefix(e.clients.Region, "us-gov-"):
		s.host, s.region = "iam.us-gov.amazonaws.com", "us-gov-west-1"
	}
	return s
}

// simulate asks IAM's policy simulator, which needs iam:SimulatePrincipalPolicy itself, about each statement. It knows the caller's policies
// and boundary, not those of resources.
func (e *examination) simulate(ctx context.Context, wanted *policy.Document) (*verdict, error) {
	principal, ok := principal(e.caller.arn)
	if !ok {
		return nil, errNoSimulator
	}
	s := e.iam()
	if e.endpoint(s) == "" {
		return nil, errNoSimulator
	}
	v := &verdict{}
	for _, statement := range wanted.Statement {
		text, err := e.call(ctx, s, question(principal, statement))
		if refused, answered := errors.AsType[*queryError](err); answered {
			return nil, fmt.Errorf("%w: %w", errNoSimulator, refused)
		}
		if err != nil {
			return nil, err
		}
		if err := v.read(text, statement); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// principal is the ARN that the simulator takes for a caller: of a session its role, whose path the session does not tell. There is none for
// the account's root, which may do everything.
func principal(arn string) (string, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return "", false
	}
	if role, session := strings.CutPrefix(parts[5], "assumed-role/"); session {
		name, _, _ := strings.Cut(role, "/")
		return "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + name, true
	}
	return arn, strings.HasPrefix(parts[5], "user/") || strings.HasPrefix(parts[5], "role/")
}

// question is the form that asks about a statement. A star in a resource becomes a name like those that it stands for.
func question(principal string, statement policy.Statement) url.Values {
	form := url.Values{"Action": {"SimulatePrincipalPolicy"}, "PolicySourceArn": {principal}}
	for i, action := range statement.Action {
		form.Set("ActionNames.member."+strconv.Itoa(i+1), action)
	}
	for i, resource := range statement.Resource {
		if resource != "*" {
			resource = strings.ReplaceAll(resource, "*", "0")
		}
		form.Set("ResourceArns.member."+strconv.Itoa(i+1), resource)
	}
	for _, keys := range statement.Condition {
		n := 0
		for key, value := range keys {
			n++
			entry := "ContextEntries.member." + strconv.Itoa(n) + "."
			form.Set(entry+"ContextKeyName", key)
			form.Set(entry+"ContextKeyType", "string")
			form.Set(entry+"ContextKeyValues.member.1", value)
		}
	}
	return form
}

// read adds an answer of the simulator.
func (v *verdict) read(text []byte, statement policy.Statement) error {
	var answer struct {
		Results []struct {
			EvalActionName string
			EvalDecision   string // allowed, implicitDeny or explicitDeny
		} `xml:"SimulatePrincipalPolicyResult>EvaluationResults>member"`
	}
	if err := xml.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%w: %w", errNoSimulator, err)
	}
	if len(answer.Results) == 0 {
		return fmt.Errorf("%w: its answer names no action", errNoSimulator)
	}
	for _, result := range answer.Results {
		if result.EvalDecision == "allowed" {
			v.allowed++
			continue
		}
		v.denied = append(v.denied, result.EvalActionName+" on "+strings.Join(statement.Resource, " and "))
	}
	return nil
}
