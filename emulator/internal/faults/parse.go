package faults

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Parse reads a rule in one line: what it is about, then words in any order, one of them the kind.
//
//	kinesis:PutRecords rate=0.1 throttle records=0.5
//	kinesis:PutRecord resource=clicks first=3 error=InternalFailure
//	dynamodb:UpdateItem every=10 drop-after
//	s3 delay=200ms
//	kinesis:GetRecords every=100 advance=6m
//	kinesis:SubscribeToShard shard=shardId-000000000001 first=1 stall events=3
//	* rate=0.01 error=ServiceUnavailable status=503 message=all that comes after message= to the end of the line
func Parse(line string) (Fault, error) {
	words := strings.TrimSpace(line)
	var fault Fault
	if rest, message, ok := strings.Cut(words, " message="); ok {
		words, fault.Message = rest, strings.TrimSpace(message)
	}
	fields := strings.Fields(words)
	if len(fields) == 0 {
		return fault, fmt.Errorf("%q is no fault: it names no service", line)
	}
	fault.Service, fault.Operation, _ = strings.Cut(fields[0], ":")
	if fault.Service = strings.ToLower(fault.Service); fault.Service == "*" {
		fault.Service = ""
	}
	if fault.Operation == "*" {
		fault.Operation = ""
	}
	for _, word := range fields[1:] {
		if err := fault.set(word); err != nil {
			return fault, fmt.Errorf("%q is no fault: %w", line, err)
		}
	}
	if fault.Kind == "" {
		return fault, fmt.Errorf("%q is no fault: one word of error=CODE, throttle, advance=TIME, delay=TIME, drop-before, drop-after, duplicate, stall is missing", line)
	}
	if err := fault.Check(); err != nil {
		return fault, fmt.Errorf("%q is no fault: %w", line, err)
	}
	return fault, nil
}

// set takes in a word: NAME=VALUE, or a kind.
func (f *Fault) set(word string) error {
	name, value, given := strings.Cut(word, "=")
	if name == string(Error) || name == string(Delay) || name == string(Advance) || !given {
		if f.Kind != "" {
			return fmt.Errorf("%s stands beside %s, and one rule does one thing", name, f.Kind)
		}
		f.Kind = Kind(name)
	}
	switch {
	case !given:
		return nil
	case value == "":
		return fmt.Errorf("%s has no value", word)
	}
	take, ok := f.values()[name]
	if !ok {
		return fmt.Errorf("%s is not known", name)
	}
	if take(value) != nil {
		return fmt.Errorf("%s cannot be read, or would do nothing", word)
	}
	return nil
}

// values are what takes in the values of words.
func (f *Fault) values() map[string]func(string) error {
	return map[string]func(string) error{
		"resource": text(&f.Resource), "shard": text(&f.Shard), string(Error): text(&f.Code),
		"after": number(&f.After), "first": number(&f.First), "every": number(&f.Every), "events": number(&f.Events), "status": number(&f.Status),
		"rate": part(&f.Rate), "records": part(&f.Records),
		string(Delay): duration(&f.Delay), string(Advance): duration(&f.Advance),
	}
}

// errNothing is the answer to a value that stands for leaving the word out.
var errNothing = errors.New("would do nothing")

func text(into *string) func(string) error {
	return func(value string) error {
		*into = value
		return nil
	}
}

func duration(into *time.Duration) func(string) error {
	return func(value string) (err error) {
		*into, err = time.ParseDuration(value)
		return err
	}
}

func number(into *int) func(string) error {
	return func(value string) (err error) {
		if *into, err = strconv.Atoi(value); err == nil && *into < 1 {
			err = errNothing
		}
		return err
	}
}

func part(into *float64) func(string) error {
	return func(value string) (err error) {
		if *into, err = strconv.ParseFloat(value, 64); err == nil && *into == 0 {
			err = errNothing
		}
		return err
	}
}

// String writes a rule as Parse reads it.
func (f *Fault) String() string {
	b := []string{orAny(f.Service)}
	if f.Operation != "" {
		b[0] += ":" + f.Operation
	}
	add := func(name, value string, there bool) {
		if there {
			b = append(b, name+"="+value)
		}
	}
	add("resource", f.Resource, f.Resource != "")
	add("shard", f.Shard, f.Shard != "")
	add("after", strconv.Itoa(f.After), f.After != 0)
	add("first", strconv.Itoa(f.First), f.First != 0)
	add("every", strconv.Itoa(f.Every), f.Every != 0)
	add("rate", share(f.Rate), f.Rate != 0)
	switch {
	case f.Kind == Delay:
		add("delay", f.Delay.String(), true)
	case f.Kind == Advance:
		add("advance", f.Advance.String(), true)
	case f.Kind == Error && f.Code != "":
		add("error", f.Code, true)
	default:
		b = append(b, string(f.Kind))
	}
	add("records", share(f.Records), f.Records != 0)
	add("events", strconv.Itoa(f.Events), f.Events != 0)
	add("status", strconv.Itoa(f.Status), f.Status != 0)
	add("message", f.Message, f.Message != "")
	return strings.Join(b, " ")
}

func orAny(service string) string {
	if service == "" {
		return "*"
	}
	return service
}

func share(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// Read reads rules from a file, one a line. Empty lines and what begins with # are passed over. Errors name file and line.
func Read(r io.Reader, name string) ([]Fault, error) {
	var rules []Fault
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		rule, err := Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		rules = append(rules, rule)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("cannot read faults from %s: %w", name, err)
	}
	return rules, nil
}
