package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// Namespace says how far policies cover a namespace.
type Namespace struct {
	Name     string
	Policies int
	// Pods counts those that policies can be about, and templates of workloads
	// without pods; HostNetwork counts the others.
	Pods, HostNetwork int
	Ingress, Egress   Coverage
	// Incomplete is true where pods or policies could not be read.
	Incomplete bool
}

// Coverage is that of one direction.
type Coverage struct {
	// Isolated counts the pods that a NetworkPolicy isolates, without those of
	// which the Admin tier accepts everything before.
	Isolated int
	// ByTiers counts the others that cluster-wide policies close for pods that no
	// rule names.
	ByTiers int
	// DefaultDeny is true where a policy isolates every pod, those that are yet
	// to come included, and allows not everything.
	DefaultDeny bool
}

// of returns the coverage of a direction.
func (n *Namespace) of(d netpol.Direction) *Coverage {
	if d == netpol.Egress {
		return &n.Egress
	}
	return &n.Ingress
}

// namespaces counts what is covered, and reports what is not.
func (l *linter) namespaces() {
	for _, name := range l.NamespaceNames() {
		if l.options.Namespace != "" && name != l.options.Namespace {
			continue
		}
		n := Namespace{Name: name, Incomplete: l.hidden("pods", name) || l.hidden("networkpolicies", name) || l.UnreadTiers()}
		var pods []*netpol.Endpoint
		for _, e := range l.Pods(name) {
			if e.HostNetwork {
				n.HostNetwork++
				continue
			}
			n.Pods++
			pods = append(pods, e)
		}
		for _, p := range l.Policies() {
			if p.Namespace == name {
				n.Policies++
			}
		}
		for _, d := range directions() {
			n.of(d).DefaultDeny = l.deniesByDefault(name, d)
			for _, e := range pods {
				switch l.whole(e, d) {
				case netpol.Isolated:
					n.of(d).Isolated++
				case netpol.DeniedByTiers:
					n.of(d).ByTiers++
				case netpol.Overruled:
					n.of(d).DefaultDeny = false
				case netpol.NotLimited, netpol.LimitedByTiers, netpol.NotKnown:
				}
			}
		}
		l.spaces = append(l.spaces, n)
		if !l.hidden("networkpolicies", name) {
			l.unprotected(&n, pods)
			l.overruled(&n, pods)
			l.noDefaultDeny(&n)
		}
	}
}

func (l *linter) deniesByDefault(namespace string, d netpol.Direction) bool {
	return slices.ContainsFunc(l.Policies(), func(p *netpol.Policy) bool {
		return p.Namespace == namespace && p.Isolates(d) && p.Subject().Empty() && !slices.ContainsFunc(p.Rules(d), isEverything)
	})
}

// isEverything reports whether a rule allows all there is.
func isEverything(r netpol.Rule) bool { return len(r.Peers) == 0 && len(r.Ports) == 0 }

// systemNamespace reports whether a namespace is of Kubernetes' own parts,
// which everyone has to reach and which are seldom isolated.
func systemNamespace(name string) bool { return strings.HasPrefix(name, "kube-") }

func (l *linter) noDefaultDeny(n *Namespace) {
	for _, d := range directions() {
		c := n.of(d)
		if c.DefaultDeny || c.Isolated == 0 || c.Isolated < n.Pods { // else that is said
			continue
		}
		if l.Whole(l.Hypothetical(n.Name, nil), d) != netpol.NotLimited && len(l.ClusterPolicies()) > 0 || l.UnreadTiers() {
			continue // cluster-wide policies may close new pods
		}
		severity := l.milder(finding.Low, finding.Info)
		if d == netpol.Egress || systemNamespace(n.Name) {
			severity = finding.Info
		}
		f := ofNamespace(n.Name, string(d))
		f.File, f.Line = l.placeOf(f.Object)
		l.say(f, checkNoDefaultDeny, severity,
			fmt.Sprintf("policies isolate all of today's pods for %s, and none denies it by default: pods that none of them selects will start open", d),
			fmt.Sprintf("add a policy with podSelector {} and policyTypes [%s] that has no rules", typeOf(d)))
	}
}

func typeOf(d netpol.Direction) string {
	if d == netpol.Egress {
		return "Egress"
	}
	return "Ingress"
}

// ofNamespace starts a finding about a namespace.
func ofNamespace(name, text string) finding.Finding {
	return finding.Finding{Object: finding.Object{Kind: "Namespace", Name: name}, Fingerprint: text}
}
