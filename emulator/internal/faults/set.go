package faults

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Call is a request that may go wrong.
type Call struct {
	Service   string // in lower case
	Operation string
	Look      func() (resources []string, shard string) // asked at most once, and only when a rule wants to know

	looked bool
	names  []string
	shard  string
}

func (c *Call) resources() ([]string, string) {
	if !c.looked && c.Look != nil {
		c.names, c.shard = c.Look()
	}
	c.looked = true
	return c.names, c.shard
}

// Count is a rule with what became of it.
type Count struct {
	Fault   Fault
	Matched int // requests that the rule is about
	Fired   int // of these, requests that it made go wrong
}

// Decision is what is to be done to a request.
type Decision struct {
	Advance time.Duration // first, put the emulated time forward; several add up
	Delay   time.Duration // next, wait so long; several add up
	Fault   *Fault        // then this, unless it is nil
	// Refused says of each of so many records whether it is refused, where Fault wants a share of them to be.
	Refused func(records int) []bool
}

// Set holds rules. The zero value has none. Its methods may be called at the same time.
type Set struct {
	any   atomic.Bool // whether there are rules
	mu    sync.Mutex
	seed  uint64
	added uint64
	rules []*rule
}

type rule struct {
	Count
	random *rand.Rand
}

// Seed returns the number from which chance is made.
func (s *Set) Seed() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seed
}

// Replace puts rules in place of all that there are, with a seed. The same seed, rules and requests in the same order give the
// same faults.
func (s *Set) Replace(seed uint64, rules []Fault) error {
	for i := range rules {
		if err := rules[i].Check(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed, s.added, s.rules = seed, 0, nil
	s.add(rules)
	return nil
}

// Add puts rules behind those that there are.
func (s *Set) Add(rules ...Fault) error {
	for i := range rules {
		if err := rules[i].Check(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(rules)
	return nil
}

func (s *Set) add(rules []Fault) {
	for _, one := range rules {
		s.added++
		s.rules = append(s.rules, &rule{Count{Fault: one}, rand.New(rand.NewPCG(s.seed, s.added))})
	}
	s.any.Store(len(s.rules) > 0)
}

// Counts returns the rules in their order.
func (s *Set) Counts() []Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make([]Count, len(s.rules))
	for i, one := range s.rules {
		counts[i] = one.Count
	}
	return counts
}

// Any says, at little cost, whether there are rules.
func (s *Set) Any() bool { return s.any.Load() }

// Decide asks the rules in their order. Delays and advances add up; the first of the other rules that chooses the call decides, and those
// after it are not asked.
func (s *Set) Decide(call *Call) Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	var decision Decision
	for _, one := range s.rules {
		if !one.Fault.matches(call) || !one.chooses() {
			continue
		}
		if one.Fault.Kind == Delay || one.Fault.Kind == Advance {
			decision.Delay += one.Fault.Delay
			decision.Advance += one.Fault.Advance
			continue
		}
		fault := one.Fault
		decision.Fault = &fault
		if fault.Records > 0 {
			decision.Refused = s.refuse(one)
		}
		return decision
	}
	return decision
}

// chooses counts a request that matches, and says whether it is to go wrong.
func (r *rule) chooses() bool {
	r.Matched++
	at := r.Matched - r.Fault.After
	switch {
	case at < 1, r.Fault.First > 0 && at > r.Fault.First, r.Fault.Every > 0 && at%r.Fault.Every != 0:
		return false
	case r.Fault.Rate > 0 && r.random.Float64() >= r.Fault.Rate:
		return false
	}
	r.Fired++
	return true
}

// refuse draws records from a rule's own chance, of which at least one is refused.
func (s *Set) refuse(one *rule) func(int) []bool {
	return func(records int) []bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		refused := make([]bool, records)
		some := false
		for i := range refused {
			refused[i] = one.random.Float64() < one.Fault.Records
			some = some || refused[i]
		}
		if records > 0 && !some {
			refused[one.random.IntN(records)] = true
		}
		return refused
	}
}
