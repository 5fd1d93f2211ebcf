package lint

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// peer reports selectors of a rule that match nothing that can be a peer.
func (l *linter) peer(p *netpol.Policy, r netpol.Rule, index int) {
	peer := r.Peers[index]
	f := at(p, r.PeerPath(index), r.String()+peer.String())
	matched := l.Matching(peer)
	switch {
	case len(matched) == 0 && peer.Namespaces != nil && len(l.NamespacesMatching(peer.Namespaces)) == 0:
		l.noNamespace(p, f, peer)
	case len(matched) == 0:
		l.peerNothing(p, f, peer)
	case !slices.ContainsFunc(matched, isOwn):
		l.say(f, checkHostNetwork, finding.Medium,
			"all pods that the peer selects are on the host's network: "+l.hostWords("it never matches"),
			"name the addresses of their nodes in an ipBlock",
			few(endpoints(matched), "selected: ")...)
	default:
		l.ownNamespace(p, f, peer)
	}
}

// noNamespace reports a namespaceSelector that matches none.
func (l *linter) noNamespace(p *netpol.Policy, f finding.Finding, peer netpol.Peer) {
	var sets []labels.Set
	for _, name := range l.NamespaceNames() {
		set, known := l.NamespaceLabels(name)
		if known || l.manifests() {
			sets = append(sets, set)
		}
	}
	f.Path += ".namespaceSelector"
	message := fmt.Sprintf("no namespace has %s, so that the peer selects nothing", peer.Namespaces)
	if name, ok := peer.Namespaces.RequiresExactMatch("name"); ok && !l.manifests() && !l.hidden("namespaces", "") {
		if set, known := l.NamespaceLabels(name); known && set["name"] == "" {
			l.say(f, checkNoNamespace, finding.Medium, message,
				fmt.Sprintf("namespaces have no label of their name but %s: write %[1]s: %s", corev1.LabelMetadataName, name), "there is a namespace "+name)
			return
		}
	}
	candidate := meant(peer.Namespaces, sets)
	if l.hidden("namespaces", "") || l.manifests() && candidate == "" {
		l.notKnown(unknownNamespaces, p.Namespace+"/"+p.Name)
		return
	}
	l.say(f, checkNoNamespace, l.milder(finding.Medium, finding.Low), message, cmp.Or(question(candidate), "mend the selector, or label the namespace"))
}

// peerNothing reports selectors that match namespaces, but no pod in them.
func (l *linter) peerNothing(p *netpol.Policy, f finding.Finding, peer netpol.Peer) {
	in, where, known := []string{p.Namespace}, "in namespace "+p.Namespace, l.podsKnown(p.Namespace)
	if peer.Namespaces != nil {
		in = l.NamespacesMatching(peer.Namespaces)
		where, known = few(in, "in ")[0], !l.hidden("pods", "") && !l.manifests()
	}
	var pods []*netpol.Endpoint
	for _, name := range in {
		pods = append(pods, l.Pods(name)...)
	}
	candidate := meant(peer.Pods, labelsOf(pods))
	message := fmt.Sprintf("the peer selects nothing: no pod%s %s has %s", l.here(), where, peer.Pods)
	if len(pods) == 0 {
		message = fmt.Sprintf("the peer selects nothing: there are no pods%s %s", l.here(), where)
	}
	switch {
	case candidate != "" && !l.hidden("pods", ""):
		l.say(f, checkPeerNothing, l.milder(finding.Medium, finding.Low), message, question(candidate))
	case known:
		remedy := "mend the selector, or remove the peer"
		if elsewhere := l.elsewhere(peer, in); elsewhere != "" {
			remedy = "pods with these labels are in namespace " + elsewhere + ": a podSelector without a namespaceSelector means the policy's own namespace"
		}
		l.say(f, checkPeerNothing, l.milder(finding.Low, finding.Info), message, remedy)
	default:
		l.notKnown(unknownPeers, p.Namespace+"/"+p.Name)
	}
}

// elsewhere returns a namespace with pods that the peer's podSelector matches,
// for one that is about its own namespace.
func (l *linter) elsewhere(peer netpol.Peer, in []string) string {
	if peer.Namespaces != nil || peer.Pods.Empty() {
		return ""
	}
	for _, name := range l.NamespaceNames() {
		if !slices.Contains(in, name) && matching(peer.Pods, labelsOf(l.Pods(name))) > 0 {
			return name
		}
	}
	return ""
}
