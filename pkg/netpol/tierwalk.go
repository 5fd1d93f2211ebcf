package netpol

import (
	"fmt"
	"slices"
	"strings"
)

// direction reports whether the policies of one end let the flow pass: each
// tier decides or leaves it to the next, and what none decides passes. Doubts
// stay only where they leave that open.
func (w *walk) direction(d Direction) Truth {
	before := len(w.doubts)
	seen := unmatched
	for _, tier := range [...]Tier{AdminTier, NetworkPolicyTier, BaselineTier} {
		if seen&undecided != 0 {
			seen = seen&decided | w.tier(tier, d)
		}
	}
	if seen&undecided != 0 {
		seen = seen&decided | accepts
	}
	result := w.atOwnNode(d, seen.allowed())
	if result != Maybe {
		w.doubts = w.doubts[:before]
	}
	return result
}

func (w *walk) tier(tier Tier, d Direction) outcomes {
	if tier == NetworkPolicyTier {
		return w.networkPolicies(d)
	}
	return w.clusterPoliciesOf(tier, d)
}

// atOwnNode leaves open whether cluster-wide policies stop what a pod gets
// from its own node: only NetworkPolicies are said to let it pass.
func (w *walk) atOwnNode(d Direction, result Truth) Truth {
	if result != No || len(w.subject(d).cluster) == 0 || w.exempt(d) == No {
		return result
	}
	w.doubt(BySpec, "whether cluster-wide policies stop what a pod gets from its own node is left to the network")
	return Maybe
}

// clusterPoliciesOf is what the cluster-wide policies of a tier make of the
// flow, those of lower priority values first.
func (w *walk) clusterPoliciesOf(tier Tier, d Direction) outcomes {
	ranked, unranked := w.ranked(tier, d), w.unranked(tier, d)
	result := either(ranked, unranked)
	if ranked != unmatched && unranked != unmatched && result.outcome() == Open {
		w.doubt(BySpec, "a BaselineAdminNetworkPolicy has no priority: whether it or ClusterNetworkPolicies of its tier are asked first is left to the network")
	}
	if kinds := w.unreadTiers[tier]; len(kinds) > 0 && w.subject(d).Kind == PodEndpoint && !w.subject(d).HostNetwork {
		w.doubt(ByInput, "not all %s could be read: they decide about %s too", plural(kinds), w.subject(d))
		result |= decided | unmatched
	}
	return result
}

// plural names kinds of policies.
func plural(kinds []string) string {
	var names []string
	for _, kind := range kinds {
		names = append(names, strings.TrimSuffix(kind, "y")+"ies")
	}
	return strings.Join(names, " and ")
}

// ranked goes through the policies with a priority.
func (w *walk) ranked(tier Tier, d Direction) outcomes {
	result := unmatched
	policies := w.subject(d).cluster
	for len(policies) > 0 && result&unmatched != 0 {
		first := w.clusterPolicies[policies[0]]
		equal := 1
		for equal < len(policies) && priorityOf(w.clusterPolicies[policies[equal]]) == priorityOf(first) && w.clusterPolicies[policies[equal]].Tier == first.Tier {
			equal++
		}
		if first.Tier == tier && first.Priority != nil {
			result = result.then(w.equals(policies[:equal], d))
		}
		policies = policies[equal:]
	}
	return result
}

// unranked asks the policies without a priority, of which there is one.
func (w *walk) unranked(tier Tier, d Direction) outcomes {
	result := unmatched
	for _, i := range w.subject(d).cluster {
		if p := w.clusterPolicies[i]; p.Tier == tier && p.Priority == nil {
			result = result.then(w.clusterPolicy(p, d))
		}
	}
	return result
}

// equals asks policies of one priority.
// Source: "the implementation can apply any of the matching policies to the
// connection" in ClusterNetworkPolicySpec.Priority.
func (w *walk) equals(policies []int32, d Direction) outcomes {
	if len(policies) == 1 {
		return w.clusterPolicy(w.clusterPolicies[policies[0]], d)
	}
	result, matching, texts := unmatched, outcomes(0), []string(nil)
	for i, position := range policies {
		p := w.clusterPolicies[position]
		one := w.clusterPolicy(p, d)
		if i == 0 {
			result = one
		}
		result = either(result, one)
		if w.explains && one != unmatched {
			texts = append(texts, fmt.Sprintf("%s %s says %s", p.Kind, p.Name, one.words()))
		}
		matching |= one &^ unmatched
	}
	if matching.outcome() == Open && len(texts) > 1 {
		w.doubt(BySpec, "policies of one priority (%d), of which the network may take any: %s", *w.clusterPolicies[policies[0]].Priority, strings.Join(texts, ", "))
	}
	return result
}

// words names all that is in the set.
func (o outcomes) words() string {
	var words []string
	for _, one := range []Outcome{Accept, Deny, Pass} {
		if o&one.set() != 0 {
			words = append(words, string(one))
		}
	}
	if o&unmatched != 0 {
		words = append(words, "nothing")
	}
	return strings.Join(words, " or ")
}

// clusterPolicy is what the first rule that matches says.
// Source: "a rule that appears at the top of the ingress rules would take the
// highest precedence" in ClusterNetworkPolicySpec.
func (w *walk) clusterPolicy(p *Policy, d Direction) outcomes {
	if len(p.rules(d)) == 0 {
		return unmatched
	}
	selected := w.matchPeer(&p.pods, w.subject(d))
	result := unmatched
	for i := range p.rules(d) {
		r := &p.rules(d)[i]
		switch w.clusterRule(r, d) {
		case Yes:
			result = result.then(r.action.set())
		case Maybe:
			result |= r.action.set()
		case No:
		}
		if result&unmatched == 0 {
			break
		}
	}
	if selected != Yes {
		result |= unmatched
	}
	return result
}

// clusterRule reports whether the rule matches.
func (w *walk) clusterRule(r *rule, d Direction) Truth {
	if r.closed {
		return truth(r.action != Accept)
	}
	result := w.rule(r, d)
	if r.unknown != "" && result != No {
		w.doubt(BySpec, "%s: what that matches is left to the network", r.unknown)
		return Maybe
	}
	return result
}

// networkPolicies is what those in namespaces make of the flow. Pods that none
// of them isolates are left to the next tier.
func (w *walk) networkPolicies(d Direction) outcomes {
	result := unmatched
	isolated := w.isolated(d)
	if isolated {
		result = outcomesOf(w.rules(d))
	} else if w.profile == ProfileSpec && w.isolates(w.subject(d), d.other()) && len(w.subject(d).cluster) > 0 {
		w.doubt(BySpec, "NetworkPolicies select %s, but not for %s: whether policies of the Baseline tier still count is left to the network", w.subject(d), d)
		result |= accepts
	}
	if w.unread(d) && (result == denies || !isolated && w.exempt(d) != Yes) {
		w.doubt(ByInput, "NetworkPolicies of namespace %s could not be read: they decide about %s too", w.subject(d).Namespace, w.subject(d))
		result |= decided
	}
	if result&denies != 0 && w.From.same(w.To) {
		w.doubt(BySpec, "a pod reaches itself through a Service: networks differ in whether policies count")
		result |= unmatched
	}
	return result
}

func (d Direction) other() Direction {
	if d == Ingress {
		return Egress
	}
	return Ingress
}

// isolated reports whether any NetworkPolicy selects the subject for the
// direction.
func (w *walk) isolated(d Direction) bool { return w.isolates(w.subject(d), d) }

func (c *Cluster) isolates(e *Endpoint, d Direction) bool {
	return slices.ContainsFunc(e.policies, func(i int32) bool { return c.policies[i].isolates[d] })
}
