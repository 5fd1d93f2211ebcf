package lint

import (
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
)

// idPrefix makes names of checks IDs among those of all commands.
const idPrefix = "netpol/"

// The names of the checks.
const (
	checkRefused         = "refused"
	checkNotEvaluated    = "not-evaluated"
	checkUnprotected     = "unprotected"
	checkNoDefaultDeny   = "no-default-deny"
	checkAllowsAll       = "allows-all"
	checkPolicyTypes     = "policy-types"
	checkSelectsNothing  = "selects-nothing"
	checkHostNetwork     = "host-network"
	checkPeerNothing     = "peer-selects-nothing"
	checkNoNamespace     = "no-such-namespace"
	checkTwoPeers        = "two-peers"
	checkOwnNamespace    = "own-namespace-only"
	checkNamedPort       = "named-port"
	checkSidecarPort     = "sidecar-port"
	checkServicePort     = "service-port"
	checkBlockPods       = "ipblock-pods"
	checkBlockServices   = "ipblock-services"
	checkBlockFamily     = "ipblock-family"
	checkBlockEmpty      = "ipblock-empty"
	checkDNS             = "dns-blocked"
	checkRedundantPolicy = "redundant-policy"
	checkRedundant       = "redundant-rule"
	checkOtherEnd        = "other-end-denies"
	checkOverruled       = "overruled-isolation"
	checkPriority        = "equal-priorities"
	checkShadowed        = "shadowed-rule"
)

// Check describes a check.
type Check struct {
	Name     string
	Severity finding.Severity // of its worst findings
	Summary  string
}

// ID returns the name among those of all commands.
func (c Check) ID() string { return idPrefix + c.Name }

// Checks returns all checks.
func Checks() []Check {
	return []Check{
		{checkRefused, finding.High, "API servers refuse the policy: it protects nothing"},
		{checkSelectsNothing, finding.High, "the policy selects no pod"},
		{checkServicePort, finding.High, "a rule names the port of a Service; policies see the port of the pods"},
		{checkUnprotected, finding.Medium, "no policy isolates pods in a direction"},
		{checkPolicyTypes, finding.Medium, "policyTypes make rules count for nothing, or isolate more or less than the rules suggest"},
		{checkHostNetwork, finding.Medium, "a policy or peer selects only pods of the host's network, which policies do not see"},
		{checkPeerNothing, finding.Medium, "a peer selects no pod"},
		{checkNoNamespace, finding.Medium, "a namespaceSelector selects no namespace"},
		{checkTwoPeers, finding.Medium, "a namespaceSelector and a podSelector are two peers where one may have been meant"},
		{checkNamedPort, finding.Medium, "a port's name is that of no container it could be about"},
		{checkBlockServices, finding.Medium, "an ipBlock holds addresses of Services, which policies do not see"},
		{checkBlockEmpty, finding.Medium, "the exceptions of an ipBlock leave nothing of it"},
		{checkDNS, finding.Medium, "pods may send somewhere, and cannot resolve names"},
		{checkOtherEnd, finding.Medium, "the policies of the other end deny all that a rule allows"},
		{checkOverruled, finding.Medium, "the Admin tier accepts everything before NetworkPolicies of the pods are asked"},
		{checkPriority, finding.Medium, "policies of one tier and priority contradict each other: the network may take any"},
		{checkShadowed, finding.Medium, "an earlier rule of a cluster-wide policy leaves nothing to a rule"},
		{checkNoDefaultDeny, finding.Low, "new pods of a namespace start without isolation"},
		{checkBlockPods, finding.Low, "an ipBlock holds addresses of pods, which change"},
		{checkBlockFamily, finding.Low, "an ipBlock opens one address family of pods that have two"},
		{checkRedundantPolicy, finding.Low, "no connection changes without the policy"},
		{checkRedundant, finding.Low, "no connection changes without the rule, peer or port"},
		{checkAllowsAll, finding.Info, "a rule allows everything in its direction"},
		{checkOwnNamespace, finding.Info, "an empty podSelector means the policy's own namespace, where nobody else is"},
		{checkSidecarPort, finding.Info, "a port's name is that of a sidecar, which some networks do not resolve"},
		{checkNotEvaluated, finding.Info, "a policy of a kind that is not evaluated"},
	}
}

// ParseCheck returns the name of a check that a user typed: its name or ID.
func ParseCheck(typed string) (name string, ok bool) {
	name = strings.TrimPrefix(typed, idPrefix)
	return name, slices.ContainsFunc(Checks(), func(c Check) bool { return c.Name == name })
}
