package diff

import (
	"math"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// What becomes of an observed flow.
const (
	kept     = "Kept"
	cut      = "Cut"
	mayBeCut = "MayBeCut"
	denied   = "Denied" // before already
	unknown  = "Unknown"
)

// observe tells what becomes of the flows.
func (c *comparison) observe(log *observed.Log) *v1alpha1.ObservedFlows {
	r := &v1alpha1.ObservedFlows{
		Source: c.flows, Records: log.Records, Troubles: log.Troubles, Ignored: log.Ignored,
		Skipped: []v1alpha1.SkippedRecords{}, Problems: []v1alpha1.FlowProblem{}, Results: []v1alpha1.ObservedFlow{},
	}
	for _, s := range log.Skipped {
		r.Skipped = append(r.Skipped, v1alpha1.SkippedRecords{Reason: string(s.Reason), Count: number(s.Count), Line: s.Line})
	}
	for _, p := range log.Problems {
		r.Problems = append(r.Problems, v1alpha1.FlowProblem(p))
	}
	j := &flowJudge{comparison: c, was: observed.NewLocator(c.before, c.namespace), is: observed.NewLocator(c.after, c.namespace)}
	for i := range log.Flows {
		f := &log.Flows[i]
		result, asked := j.judge(f)
		if !asked {
			r.Left++
			continue
		}
		r.Flows++
		*counter(r, result.Outcome)++
		if result.Outcome != kept {
			result.From, result.To, result.Count, result.Line = f.From.String(), f.To.String(), number(f.Count), f.Line
			result.Port = netpol.PortRange{Protocol: f.Protocol, From: f.Port, To: f.Port}.String()
			r.Results = append(r.Results, result)
		}
	}
	return r
}

func number(n int64) int { return int(min(n, math.MaxInt)) }

func counter(r *v1alpha1.ObservedFlows, outcome string) *int {
	return map[string]*int{kept: &r.Kept, cut: &r.Cut, mayBeCut: &r.MayBeCut, denied: &r.Denied, unknown: &r.Unknown}[outcome]
}

// flowJudge finds flows in both states.
type flowJudge struct {
	*comparison
	was, is *observed.Locator
}

// judge tells what becomes of a flow; false where it is not asked about.
func (j *flowJudge) judge(f *observed.Flow) (v1alpha1.ObservedFlow, bool) {
	after := j.is.Locate(*f)
	if after.Unknown != "" {
		return unknownFlow(after.Unknown), true
	}
	if !slices.ContainsFunc(after.Flows, j.asks) {
		return v1alpha1.ObservedFlow{}, false
	}
	before := j.was.Locate(*f)
	if before.Unknown != "" {
		return unknownFlow("before: " + before.Unknown), true
	}
	seen := j.pairs(before.Flows, after.Flows)
	if len(seen) == 0 {
		return unknownFlow("its ends are new: there is nothing to compare with"), true
	}
	outcome, at := worst(seen)
	if outcome == cut && f.Masked.IsValid() && slices.ContainsFunc(seen, func(p pair) bool { return p.outcome() == kept }) {
		outcome = mayBeCut // by which address it comes is left to the network
	}
	result := v1alpha1.ObservedFlow{Outcome: outcome, Before: string(seen[at].was), After: string(seen[at].is), Causes: []v1alpha1.FlowCause{}}
	switch outcome {
	case denied:
		result.Causes = blockers(j.before.Explain(seen[at].before))
	case cut, mayBeCut:
		is := j.after.Explain(seen[at].after)
		if result.Causes = j.compare(j.before.Explain(seen[at].before), is); len(result.Causes) == 0 {
			result.Causes = blockers(is)
		}
		result.Nearest, result.Detail = nearest(is), after.Doubtful
	case kept:
		if after.Doubtful != "" {
			return unknownFlow(after.Doubtful), true
		}
	}
	return result, true
}

func unknownFlow(why string) v1alpha1.ObservedFlow {
	return v1alpha1.ObservedFlow{Outcome: unknown, Detail: why, Causes: []v1alpha1.FlowCause{}}
}

// blockers are what keeps a flow from passing.
func blockers(e netpol.Explanation) []v1alpha1.FlowCause {
	causes := []v1alpha1.FlowCause{}
	for _, s := range e.Steps {
		if s.Verdict == netpol.Allowed {
			continue
		}
		if p, rule := s.Decider(); p != nil {
			causes = append(causes, named(s.Direction, p, clause(s, rule)))
		} else if s = withoutTiers(s); len(s.Policies) > 0 {
			p := s.Policies[0].Policy
			causes = append(causes, named(s.Direction, p, "isolates the "+end(s.Direction)+missing(s, p)))
		}
	}
	if len(e.Doubts) > 0 {
		causes = append(causes, v1alpha1.FlowCause{Detail: e.Doubts[0].Detail})
	}
	return causes
}
