package netpol

// String names the policy: NAMESPACE/NAME for a NetworkPolicy, KIND/NAME for one
// that is about all namespaces.
func (p *Policy) String() string {
	if p.Tier == NetworkPolicyTier {
		return p.Namespace + "/" + p.Name
	}
	return p.Kind + "/" + p.Name
}

// Decided returns the tier whose policies decide: "" where that is left open, or
// none does.
func (s Step) Decided() Tier {
	if len(s.Tiers) == 0 || s.Verdict == Undefined {
		return ""
	}
	if last := s.Tiers[len(s.Tiers)-1]; last.Outcome == Accept || last.Outcome == Deny {
		return last.Tier
	}
	return ""
}

// Decider returns the cluster-wide policy that decides and its rule: nil where
// none does, or not one alone.
func (s Step) Decider() (*Policy, RuleStep) {
	tier := s.Decided()
	if tier == "" || tier == NetworkPolicyTier {
		return nil, RuleStep{}
	}
	outcome := s.Tiers[len(s.Tiers)-1].Outcome
	for _, p := range s.Policies {
		if p.Policy.Tier != tier || p.Outcome != outcome {
			continue
		}
		for _, r := range p.Rules {
			if r.Match == yes {
				return p.Policy, r
			}
		}
	}
	return nil, RuleStep{}
}

// Whole is what policies make of everything between an endpoint and pods that
// they do not know.
type Whole string

// What may become of it.
const (
	// NotLimited: all of it passes, and none of the policies could deny any.
	NotLimited Whole = "NotLimited"
	// Isolated: NetworkPolicies decide.
	Isolated Whole = "Isolated"
	// Overruled: NetworkPolicies isolate the endpoint, and the Admin tier accepts
	// everything from or to pods before they are asked.
	Overruled Whole = "Overruled"
	// DeniedByTiers: no NetworkPolicy isolates it, and cluster-wide policies deny
	// everything from or to pods that no rule names.
	DeniedByTiers Whole = "DeniedByTiers"
	// LimitedByTiers: no NetworkPolicy isolates it, and cluster-wide policies deny
	// some.
	LimitedByTiers Whole = "LimitedByTiers"
	// NotKnown: no NetworkPolicy isolates it, and not all cluster-wide policies
	// could be read.
	NotKnown Whole = "NotKnown"
)

// Whole tells how far an endpoint is closed in a direction by its own policies,
// whatever those of the other ends do.
func (c *Cluster) Whole(e *Endpoint, d Direction) Whole {
	isolated := c.Isolates(e, d)
	rules := false
	for _, number := range e.cluster {
		for i := range c.clusterPolicies[number].rules(d) {
			rules = rules || c.clusterPolicies[number].rules(d)[i].action != Pass
		}
	}
	for _, tier := range []Tier{AdminTier, BaselineTier} {
		rules = rules || len(c.unreadTiers[tier]) > 0 && e.Kind == PodEndpoint && !e.HostNetwork
	}
	switch {
	case !rules && isolated:
		return Isolated
	case !rules:
		return NotLimited
	}
	seen := c.ofStrangers(e, d, isolated)
	switch {
	case isolated && seen == accepts:
		return Overruled
	case isolated:
		return Isolated
	case c.UnreadTiers():
		return NotKnown
	case seen == denies:
		return DeniedByTiers
	case seen == accepts && !c.mayDeny(e, d):
		return NotLimited
	default:
		return LimitedByTiers
	}
}

// ofStrangers is what becomes of all ports between the endpoint and a pod
// without labels in a namespace of its own: in the Admin tier alone, or in all.
func (c *Cluster) ofStrangers(e *Endpoint, d Direction, adminOnly bool) outcomes {
	f := Flow{From: c.Hypothetical(nowhere, nil), To: e}
	if d == Egress {
		f.From, f.To = f.To, f.From
	}
	seen, at := outcomes(0), c.cuts(f)
	for _, protocol := range Protocols() {
		for _, r := range at.within(PortRange{protocol, 1, maxPort}) {
			w := walk{Cluster: c, Flow: f}
			w.Protocol, w.Port = r.Protocol, r.From
			if adminOnly {
				seen |= w.tier(AdminTier, d)
			} else {
				seen |= outcomesOf(w.direction(d))
			}
		}
	}
	return seen
}

// nowhere is the name of no namespace: API servers refuse it.
const nowhere = "-"

// mayDeny reports whether any cluster-wide policy of the endpoint denies
// anything in the direction.
func (c *Cluster) mayDeny(e *Endpoint, d Direction) bool {
	for _, number := range e.cluster {
		for _, r := range c.clusterPolicies[number].rules(d) {
			if r.action == Deny {
				return true
			}
		}
	}
	return false
}
