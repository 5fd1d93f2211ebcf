package lint

import (
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// wholeOf is a key of what is remembered of endpoints.
type wholeOf struct {
	endpoint  *netpol.Endpoint
	direction netpol.Direction
}

// whole remembers how far the policies of an endpoint close it.
func (l *linter) whole(e *netpol.Endpoint, d netpol.Direction) netpol.Whole {
	key := wholeOf{e, d}
	known, ok := l.wholes[key]
	if !ok {
		known = l.Whole(e, d)
		l.wholes[key] = known
	}
	return known
}

// butSome tells of how many open pods cluster-wide policies deny something.
func butSome(some, of int) string {
	switch some {
	case 0:
		return ""
	case of:
		return ", and cluster-wide policies deny some connections only"
	default:
		return fmt.Sprintf(", and cluster-wide policies deny some connections of %d of them only", some)
	}
}

// overruled reports pods whose NetworkPolicies are not asked about others, and
// those that are closed for other pods only.
func (l *linter) overruled(n *Namespace, pods []*netpol.Endpoint) {
	for _, d := range directions() {
		found := map[netpol.Whole][]*netpol.Endpoint{}
		for _, e := range pods {
			found[l.whole(e, d)] = append(found[l.whole(e, d)], e)
		}
		f := ofNamespace(n.Name, "overruled "+string(d))
		f.File, f.Line = l.placeOf(f.Object)
		if over := found[netpol.Overruled]; len(over) > 0 {
			severity := l.openness(n.Name, []netpol.Direction{d})
			l.say(f, checkOverruled, severity,
				fmt.Sprintf("NetworkPolicies isolate %s for %s in vain: %s, before they are asked", count(len(over), "pod"), d, l.accepting(over[0], d)),
				"accept less in the Admin tier, or pass it on with the action Pass", few(names(l.byWorkload(over)), "workloads: ")...)
		}
		if denied := found[netpol.DeniedByTiers]; len(denied) > 0 && d == netpol.Ingress {
			f.Fingerprint = "outside"
			l.say(f, checkUnprotected, finding.Info,
				fmt.Sprintf("%s closed for ingress by cluster-wide policies alone, which are about pods: addresses outside and nodes reach %s", are(len(denied), "pod"), few(names(l.byWorkload(denied)), "")[0]),
				"deny by default with a NetworkPolicy too, where these are not to reach the pods")
		}
	}
}

// accepting says what accepts everything in a direction.
func (l *linter) accepting(e *netpol.Endpoint, d netpol.Direction) string {
	for _, p := range l.ClusterPoliciesOf(e) {
		if p.Tier == netpol.AdminTier && p.Accepts(d) {
			return p.Kind + " " + p.Name + " accepts what is from or to any pod"
		}
	}
	return "the Admin tier accepts what is from or to any pod"
}

func are(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return count(n, what) + " are"
}

// sendsNothing reports whether no policy lets the pod send anything by a rule.
func (l *linter) sendsNothing(e *netpol.Endpoint) bool {
	accepts := func(p *netpol.Policy) bool { return p.Accepts(netpol.Egress) }
	if slices.ContainsFunc(l.ClusterPoliciesOf(e), accepts) {
		return false
	}
	if l.Isolates(e, netpol.Egress) {
		return len(l.egressOf(e)) == 0
	}
	return l.whole(e, netpol.Egress) == netpol.DeniedByTiers
}

// overrules names the policy by which the Admin tier denies a flow, nil where
// it does not.
func (l *linter) overrules(f netpol.Flow) *netpol.Policy {
	for _, s := range l.Explain(f).Steps {
		if p, _ := s.Decider(); p != nil && s.Verdict == netpol.Denied && p.Tier == netpol.AdminTier {
			return p
		}
	}
	return nil
}
