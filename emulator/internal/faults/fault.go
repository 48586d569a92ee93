// Package faults decides which requests go wrong, and how: rules with counters and a seed. It knows no HTTP.
package faults

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind is what a fault does to a request.
type Kind string

// The kinds of faults.
const (
	Error      Kind = "error"       // the request is refused by an error
	Throttle   Kind = "throttle"    // the request is refused as the service refuses what is too much
	Advance    Kind = "advance"     // the emulated time goes forward before the request is looked at
	Delay      Kind = "delay"       // the request waits before it is looked at
	DropBefore Kind = "drop-before" // the connection ends before the request takes effect
	DropAfter  Kind = "drop-after"  // the request takes effect, then the connection ends without an answer
	Duplicate  Kind = "duplicate"   // the request takes effect twice, the second answer is the one sent
	Stall      Kind = "stall"       // the request takes effect, and its answer does not come, nor an end
)

// Fault is a rule: which requests go wrong, how often, and how. What is left empty holds for all.
type Fault struct {
	Service   string // kinesis, dynamodb, s3, cloudwatch or sts
	Operation string // such as PutRecords
	Resource  string // name of the stream, table or bucket
	Shard     string // such as shardId-000000000000, of requests that name a shard or hold an iterator of it

	// Of the requests that match, in the order in which they come, those are chosen that meet all of what is not 0 here.
	After int     // not the first so many
	First int     // only so many, after those
	Every int     // only every so many-th, after those
	Rate  float64 // each by chance, above 0 and at most 1

	Kind    Kind
	Code    string        // of Error: the error's code; without it the service's own failure
	Status  int           // of Error: the HTTP status; 0 is that of the code
	Message string        // of Error
	Delay   time.Duration // of Delay
	Advance time.Duration // of Advance
	Records float64       // of Throttle, for PutRecords: the share of records that are refused, each by chance; 0 refuses the request
	Events  int           // of Error, DropAfter and Stall, for an event stream: how many events pass before
}

// services are the names that rules know.
func services() []string { return []string{"cloudwatch", "dynamodb", "kinesis", "s3", "sts"} }

// kinds are the names that rules know.
func kinds() []Kind {
	return []Kind{Error, Throttle, Advance, Delay, DropBefore, DropAfter, Duplicate, Stall}
}

// mistake is something that may be wrong with a rule.
type mistake struct {
	made bool
	text string
}

// Check says what is wrong with a rule.
func (f *Fault) Check() error {
	known := append(services(), "")
	mistakes := []mistake{
		{!slices.Contains(known, f.Service), fmt.Sprintf("the service %q is none of %s, *", f.Service, strings.Join(services(), ", "))},
		{f.Service == "" && f.Operation != "", "an operation needs its service"},
		{min(f.After, f.First, f.Every, f.Events) < 0, "after, first, every and events are not below 0"},
		{!isShare(f.Rate) || !isShare(f.Records), "rate and records are between 0 and 1"},
		{!slices.Contains(kinds(), f.Kind), fmt.Sprintf("the kind %q is none of %v", f.Kind, kinds())},
	}
	for _, one := range append(mistakes, f.misfits()...) {
		if one.made {
			return errors.New(one.text)
		}
	}
	return nil
}

// isShare says whether a number is between 0 and 1, which what is no number is not.
func isShare(f float64) bool { return f >= 0 && f <= 1 }

// misfits are what does not fit the kind of a rule.
func (f *Fault) misfits() []mistake {
	const putRecords, subscribe = "kinesis:PutRecords", "kinesis:SubscribeToShard"
	operation := f.Service + ":" + f.Operation
	streams := slices.Contains([]Kind{Error, DropAfter, Stall}, f.Kind) && operation == subscribe
	return []mistake{
		{f.Kind != Error && (f.Code != "" || f.Status != 0 || f.Message != ""), "code, status and message belong to error"},
		{f.Status != 0 && (f.Status < 400 || f.Status > 599), fmt.Sprintf("the status %d is not between 400 and 599", f.Status)},
		{(f.Kind == Delay) != (f.Delay != 0) || f.Delay < 0, "delay, and no other kind, needs a time above 0"},
		{(f.Kind == Advance) != (f.Advance != 0) || f.Advance < 0, "advance, and no other kind, needs a time above 0"},
		{f.Records != 0 && (f.Kind != Throttle || operation != putRecords), "records belongs to throttle of " + putRecords},
		{f.Events != 0 && !streams, "events belongs to error, drop-after and stall of " + subscribe},
	}
}

// matches says whether a rule is about a call.
func (f *Fault) matches(call *Call) bool {
	switch {
	case f.Service != "" && f.Service != call.Service, f.Operation != "" && f.Operation != call.Operation:
		return false
	case f.Kind == Duplicate && call.Operation == "SubscribeToShard": // it would last as long as the subscription
		return false
	case f.Resource == "" && f.Shard == "":
		return true
	}
	resources, shard := call.resources()
	if f.Shard != "" && f.Shard != shard {
		return false
	}
	return f.Resource == "" || slices.Contains(resources, f.Resource)
}
