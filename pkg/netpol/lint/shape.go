package lint

import (
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// types reports policyTypes that make less or more of the rules than they
// seem to say.
// Source: SetDefaults_NetworkPolicy in pkg/apis/networking/v1/defaults.go.
func (l *linter) types(p *netpol.Policy) {
	np := l.object(p)
	if np == nil {
		return
	}
	for _, d := range directions() {
		if len(p.Rules(d)) > 0 && !p.Isolates(d) {
			f := at(p, "spec."+string(d), string(d))
			l.say(f, checkPolicyTypes, finding.Medium,
				fmt.Sprintf("policyTypes does not list %s: what spec.%s lists counts for nothing", typeOf(d), d),
				fmt.Sprintf("add %s to policyTypes, or remove the rules", typeOf(d)))
		}
	}
	if len(np.Spec.PolicyTypes) > 0 {
		return
	}
	f := at(p, "spec.policyTypes", "missing")
	switch {
	case len(np.Spec.Egress) > 0 && len(np.Spec.Ingress) == 0:
		l.say(f, checkPolicyTypes, finding.Medium,
			"without policyTypes it isolates ingress too, for which it has no rule: nothing reaches the pods by it",
			"write policyTypes: [Egress], or [Ingress, Egress] if that is meant")
	case np.Spec.Egress != nil && len(np.Spec.Egress) == 0:
		l.say(f, checkPolicyTypes, finding.Medium,
			"without policyTypes an empty egress isolates nothing: the pods may still send everywhere",
			"write policyTypes: [Ingress, Egress] to deny egress")
	}
}

// allowsAll reports rules that make the isolation of their direction void.
func (l *linter) allowsAll(p *netpol.Policy, r netpol.Rule) {
	if !isEverything(r) {
		return
	}
	what := "every source may reach what it selects, on every port"
	if r.Direction == netpol.Egress {
		what = "what it selects may reach everything, on every port"
	}
	l.say(at(p, r.Path(), r.String()), checkAllowsAll, finding.Info, what+": no other NetworkPolicy can limit that", "")
}

// twoPeers reports a namespaceSelector followed by a podSelector as a peer of
// its own, where both together would select something, too.
func (l *linter) twoPeers(p *netpol.Policy, r netpol.Rule) {
	for i := 0; i+1 < len(r.Peers); i++ {
		first, second := r.Peers[i], r.Peers[i+1]
		if first.Namespaces == nil || !first.Pods.Empty() || second.Block.IsValid() || second.Namespaces != nil || second.Pods.Empty() {
			continue
		}
		both, own := 0, matching(second.Pods, labelsOf(l.Pods(p.Namespace)))
		for _, name := range l.NamespacesMatching(first.Namespaces) {
			if name != p.Namespace {
				both += matching(second.Pods, labelsOf(l.Pods(name)))
			}
		}
		if both == 0 {
			continue
		}
		severity := finding.Info
		if own == 0 && l.podsKnown(p.Namespace) {
			severity = finding.Medium
		}
		l.say(at(p, r.PeerPath(i+1), r.String()), checkTwoPeers, severity,
			fmt.Sprintf("these are two peers: every pod of namespaces with %s, and pods with %s of %s", first.Namespaces, second.Pods, p.Namespace),
			"if pods with these labels in these namespaces are meant, make one peer of them: no - before podSelector",
			fmt.Sprintf("%s of these namespaces and %d of %s have the labels", count(both, "pod"), own, p.Namespace))
	}
}

// ownNamespace reports a podSelector that is empty and stands alone, where it
// matches nothing but what the policy selects: of one pod, that is itself.
func (l *linter) ownNamespace(p *netpol.Policy, f finding.Finding, peer netpol.Peer) {
	if peer.Namespaces != nil || !peer.Pods.Empty() || len(l.Pods(p.Namespace)) > 1 || !l.podsKnown(p.Namespace) || l.manifests() {
		return
	}
	l.say(f, checkOwnNamespace, finding.Info,
		"an empty podSelector means all pods of the policy's own namespace, where there is only the one that it selects",
		"for pods of all namespaces write namespaceSelector: {}")
}
