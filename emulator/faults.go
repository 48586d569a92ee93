package emulator

import (
	"io"

	"clickstream/emulator/internal/faults"
)

// Fault is a rule: which requests go wrong, how often, and how.
type Fault = faults.Fault

// FaultCount is a rule with how many requests it was asked about and how many it made go wrong.
type FaultCount = faults.Count

// The kinds of faults.
const (
	FaultError      = faults.Error      // the request is refused by an error of any code
	FaultThrottle   = faults.Throttle   // the request, or some records of PutRecords, is refused as the service refuses what is too much
	FaultDelay      = faults.Delay      // the request waits before it is looked at
	FaultDropBefore = faults.DropBefore // the connection ends before the request takes effect
	FaultDropAfter  = faults.DropAfter  // the request takes effect, then the connection ends without an answer
	FaultDuplicate  = faults.Duplicate  // the request takes effect twice, the second answer is the one sent
	FaultAdvance    = faults.Advance    // the emulated time goes forward before the request is looked at
	FaultStall      = faults.Stall      // the request takes effect, and its answer does not come, nor an end
)

// Inject makes requests go wrong from now on, by rules behind those that there are. Unlike Fail it sees them before their
// services do.
func (e *Emulator) Inject(rules ...Fault) error { return e.faults.Add(rules...) }

// SetFaults puts rules in place of all that there are, which may be none, and chance back to the beginning of a seed: the same seed,
// rules and requests in the same order give the same faults.
func (e *Emulator) SetFaults(seed uint64, rules ...Fault) error { return e.faults.Replace(seed, rules) }

// Faults returns the rules in their order, with how often each was asked and fired.
func (e *Emulator) Faults() []FaultCount { return e.faults.Counts() }

// ParseFault reads a rule in one line, such as "kinesis:PutRecords rate=0.1 throttle records=0.5". The manual, docs/emulator.md,
// says what words there are.
func ParseFault(line string) (Fault, error) { return faults.Parse(line) }

// ReadFaults reads rules, one a line; empty lines and what begins with # are passed over. Errors name the line behind name.
func ReadFaults(r io.Reader, name string) ([]Fault, error) { return faults.Read(r, name) }
