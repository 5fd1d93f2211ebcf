package v1alpha1

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// FlowCheckReport says which assertions about flows hold.
type FlowCheckReport struct {
	Meta     `json:",inline"`
	Coverage `json:",inline"`
	// Strict says that assertions which may not mean what they say fail.
	Strict  bool   `json:"strict"`
	Profile string `json:"profile"`
	Passed  int    `json:"passed"`
	Failed  int    `json:"failed"`
	// Reported counts assertions without an expectation.
	Reported int `json:"reported"`
	// Unproven counts outcomes that a gap may turn.
	Unproven int         `json:"unproven"`
	Results  []FlowCheck `json:"results"` // in the order of the file
}

// DeepCopyObject makes the report a runtime.Object; see WhoCanReport.
func (r *FlowCheckReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// FlowCheck is one assertion about flows and its outcome.
type FlowCheck struct {
	From string `json:"from"` // as typed
	To   string `json:"to"`
	// Port is as 80/TCP, several of them with commas between, "*" for any.
	Port   string `json:"port"`
	Expect string `json:"expect,omitempty"` // allow or deny
	// Verdict is Allowed, Denied or Undefined: for the address family of the
	// destination's primary address, unless one was asked for. Of flows that
	// differ it is that of one which breaks the expectation, without an
	// expectation Allowed only where all are.
	Verdict string `json:"verdict"`
	// Passed is null without an expectation; Undefined is no pass.
	Passed *bool `json:"passed"`
	// Families are set where the verdicts of address families differ; all of
	// them must be as expected.
	Families []FlowFamily `json:"families,omitempty"`
	// Cause is set where the verdict is Undefined: "spec" where the API leaves it
	// to the network, "input" where something is missing, too.
	Cause string `json:"cause,omitempty"`
	// Doubts are why anything is Undefined.
	Doubts []Doubt `json:"doubts"`
	// Unproven says that a gap may turn the outcome.
	Unproven bool `json:"unproven"`
	// Flows counts the pairs of endpoints, each address family apart; Against
	// those of them that are not as expected.
	Flows   int `json:"flows"`
	Against int `json:"against"`
	// Mixed says that some of the flows are Allowed and others Denied.
	Mixed bool `json:"mixed"`
	// Failures are examples of what is not as expected.
	Failures []FlowFailure `json:"failures"`
	// Notes are remarks on the question; Slips are those of them which say that
	// the assertion may not mean what it says.
	Notes []string `json:"notes"`
	Slips []string `json:"slips"`
	File  string   `json:"file"`
	Line  int      `json:"line"`
	Why   string   `json:"why"` // the author's reason
}

// FlowFamily is the verdict for one address family.
type FlowFamily struct {
	Family  int    `json:"family"` // 4 or 6
	Verdict string `json:"verdict"`
}

// FlowFailure is a flow that is not as expected, with one range of ports.
type FlowFailure struct {
	FlowResult `json:",inline"`
	// Summary names what decides: a line for each direction.
	Summary []string `json:"summary"`
}

// Add appends an assertion, of which all is known but its outcome.
func (r *FlowCheckReport) Add(f FlowCheck, o netpol.CheckOutcome) {
	f.Verdict, f.Mixed, f.Flows, f.Against = string(o.Verdict), o.Mixed, o.Flows, o.Against
	f.Doubts, f.Notes, f.Slips, f.Failures = NewDoubts(o.Doubts), orEmpty(f.Notes), orEmpty(f.Slips), orEmpty(f.Failures)
	for _, family := range o.Families {
		f.Families = append(f.Families, FlowFamily{int(family.Family), string(family.Verdict)})
	}
	if o.Verdict == netpol.Undefined {
		f.Cause = string(netpol.BySpec)
		if slices.ContainsFunc(o.Doubts, func(d netpol.Doubt) bool { return d.Cause == netpol.ByInput }) {
			f.Cause = string(netpol.ByInput)
		}
	}
	switch passed := o.Passed && (!r.Strict || len(f.Slips) == 0); {
	case f.Expect == "":
		r.Reported++
	case passed:
		f.Passed = &passed
		r.Passed++
	default:
		f.Passed = &passed
		r.Failed++
	}
	if f.Unproven {
		r.Unproven++
	}
	r.Results = append(r.Results, f)
}

// Failed reports whether there is an expectation that does not hold.
func (f *FlowCheck) Failed() bool { return f.Passed != nil && !*f.Passed }
