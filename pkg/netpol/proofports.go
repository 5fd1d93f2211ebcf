package netpol

import (
	"fmt"
	"strings"
)

// ExplainPorts explains ports of one verdict, From to To of the protocol of the
// range. Where what decides is not the same for all, the explanation is about
// those that pass at most ends and policies do not tell apart: its Flow names
// them.
func (c *Cluster) ExplainPorts(f Flow, r PortRange) Explanation {
	f.Protocol, f.Port, f.Last = r.Protocol, r.From, r.To
	pieces := []PortRange{r}
	if r.From != r.To {
		pieces = c.cuts(f).within(r)
	}
	var best Explanation
	passes, before := -1, ""
	for _, piece := range pieces {
		f.Port, f.Last = piece.From, piece.To
		e := c.Explain(f)
		decides := e.decides()
		switch n := e.passes(); {
		case decides == before && best.Flow.Last == piece.From-1: // goes on with the best
			best.Flow.Last = piece.To
		case n > passes:
			best, passes = e, n
		}
		before = decides
	}
	if len(pieces) > 1 {
		best = c.Explain(best.Flow)
	}
	return best
}

// passes counts the directions that let the flow pass.
func (e Explanation) passes() int {
	n := 0
	for _, s := range e.Steps {
		if s.Verdict == Allowed {
			n++
		}
	}
	return n
}

// decides is the same for explanations that say the same, but for the clauses
// that fail.
func (e Explanation) decides() string {
	var text strings.Builder
	fmt.Fprint(&text, e.Reason, e.Doubts)
	for _, s := range e.Steps {
		fmt.Fprint(&text, s.Verdict, s.Reason, s.Tiers)
		for _, p := range s.Policies {
			fmt.Fprint(&text, p.Verdict, p.Outcome)
			for _, r := range p.Rules {
				fmt.Fprint(&text, r.Verdict, r.Match)
				if r.Verdict != Denied {
					text.WriteString(r.Peer + r.Port)
				}
			}
		}
	}
	return text.String()
}
