package netpol

// Tier is a group of policies. Each decides about a flow or leaves it to the
// next one.
// Source: ClusterNetworkPolicySpec.Tier in sigs.k8s.io/network-policy-api.
type Tier string

// The tiers. NetworkPolicies are in one of their own.
const (
	AdminTier         Tier = "Admin"
	NetworkPolicyTier Tier = "NetworkPolicy"
	BaselineTier      Tier = "Baseline"
)

// Tiers returns all of them in the order in which they are asked.
func Tiers() []Tier { return []Tier{AdminTier, NetworkPolicyTier, BaselineTier} }

// Outcome is what a tier, a policy or a rule makes of a flow.
type Outcome string

// The outcomes.
const (
	Accept  Outcome = "Accept"  // Allow in v1alpha1: nothing else is asked
	Deny    Outcome = "Deny"    // nothing else is asked
	Pass    Outcome = "Pass"    // the next tier decides
	NoMatch Outcome = "NoMatch" // the next policy decides, after the last one the next tier
	Open    Outcome = "Open"    // which of several is left to the network or not known
)

// outcomes is the set of those that are possible: one, or several where a
// match is left open.
type outcomes uint8

const (
	accepts outcomes = 1 << iota
	denies
	passes
	unmatched

	decided   = accepts | denies
	undecided = passes | unmatched
)

func (o Outcome) set() outcomes {
	return map[Outcome]outcomes{Accept: accepts, Deny: denies, Pass: passes}[o]
}

// outcome names the set.
func (o outcomes) outcome() Outcome {
	switch o {
	case accepts:
		return Accept
	case denies:
		return Deny
	case passes:
		return Pass
	case unmatched:
		return NoMatch
	default:
		return Open
	}
}

// outcomesOf turns "it is allowed" into outcomes.
func outcomesOf(t Truth) outcomes {
	return [...]outcomes{No: denies, Maybe: decided, Yes: accepts}[t]
}

// allowed is the reverse, for what is decided.
func (o outcomes) allowed() Truth {
	switch o {
	case accepts:
		return Yes
	case denies:
		return No
	default:
		return Maybe
	}
}

// either is what becomes of a flow where any of those that match may be asked
// first: it is unmatched only where all of them are.
func either(all ...outcomes) outcomes {
	seen, none := outcomes(0), unmatched
	for _, one := range all {
		seen |= one &^ unmatched
		none &= one
	}
	return seen | none
}

// then is what becomes of a flow that the first leaves unmatched at times.
func (o outcomes) then(next outcomes) outcomes {
	if o&unmatched == 0 {
		return o
	}
	return o&^unmatched | next
}
