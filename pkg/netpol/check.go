package netpol

import (
	"errors"
	"slices"
)

// Expectation is what an assertion says of a question.
type Expectation string

// The expectations; the zero value only asks.
const (
	// ExpectAllow: every flow passes, on every port that is named, or on some
	// port where none is.
	ExpectAllow Expectation = "allow"
	// ExpectDeny: no flow passes, on any port that is named, or on any at all
	// where none is.
	ExpectDeny Expectation = "deny"
)

// Assertion is a question with the answer that it should have.
type Assertion struct {
	Question
	Expect Expectation
}

// CheckOutcome is what becomes of an assertion.
type CheckOutcome struct {
	// Verdict is Allowed, Denied or Undefined, never Partly: of flows that
	// differ, the one that breaks the expectation counts, what is sure before
	// what is not. Without an expectation it is Undefined where any of them is,
	// and Allowed only where all are. It is about the address family of the
	// destination's primary address; where the destination lies outside, of the
	// source's.
	Verdict Verdict
	// Families has the verdict for each address family where they differ, else
	// nothing.
	Families []FamilyVerdict
	// Mixed says that of the flows that Verdict is about some are Allowed and
	// others Denied.
	Mixed bool
	// Passed says that there is an expectation and that it holds in every
	// address family. What is Undefined holds none.
	Passed bool
	// Flows is how many pairs of endpoints were asked about, each address family
	// apart; Against is how many of them are not as expected.
	Flows, Against int
	// Examples are of the latter, those that are surely not as expected first.
	Examples []Example
	// Doubts are why anything is Undefined.
	Doubts []Doubt
	// Similar are references to what may be meant where there is no object of a
	// name.
	Similar []string
	Notes   []string
}

// FamilyVerdict is the verdict for one address family.
type FamilyVerdict struct {
	Family  Family
	Verdict Verdict
}

// Example is a range of ports of one pair of endpoints.
type Example struct {
	Flow    Flow     // its Port is the first of the range
	Backend *Backend // set for flows through a Service
	Open    OpenPorts
	Doubts  []Doubt // why it is Undefined, if it is
}

// Check answers the question of an assertion, with at most so many Examples.
// What does not exist makes the verdict Undefined: its name may be misspelt,
// and then nothing is proven.
func (c *Cluster) Check(a Assertion, examples int) CheckOutcome {
	run, err := c.run(a.Question)
	if err != nil {
		o := CheckOutcome{Verdict: Undefined, Doubts: []Doubt{{ByInput, err.Error()}}}
		if missing, ok := errors.AsType[*NotFoundError](err); ok {
			o.Similar = missing.Similar
		}
		return o
	}
	t := newCheckTally(a.Expect, run)
	o := CheckOutcome{Flows: len(t.pairs), Notes: run.answer.Notes}
	o.Verdict, o.Mixed = t.sum(t.primary())
	if v4, v6 := t.of(IPv4), t.of(IPv6); len(v4) > 0 && len(v6) > 0 {
		four, _ := t.sum(v4)
		six, _ := t.sum(v6)
		if four != six {
			o.Families = []FamilyVerdict{{IPv4, four}, {IPv6, six}}
		}
	}
	against := t.against()
	o.Against = len(against)
	o.Passed = a.Expect != "" && len(against) == 0 && len(t.pairs) > 0 && !t.doubtful
	for _, p := range against[:min(examples, len(against))] {
		o.Examples = append(o.Examples, t.example(p))
	}
	if t.doubtful || slices.ContainsFunc(t.pairs, checkPair.open) {
		o.Doubts = run.allDoubts()
	}
	return o
}
