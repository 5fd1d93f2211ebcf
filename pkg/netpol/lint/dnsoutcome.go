package lint

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// outcome is what is wrong about a pod's DNS, "" for nothing.
type outcome string

const (
	dnsBlocked outcome = "blocked" // and it may send elsewhere
	dnsClosed  outcome = "closed"  // it may send nothing at all
	dnsUnruled outcome = "unruled" // no rule is for the port, wherever the DNS is
	dnsUnknown outcome = "unknown"
	dnsNoTCP   outcome = "no TCP"
)

func outcomes() []outcome { return []outcome{dnsBlocked, dnsUnruled, dnsNoTCP, dnsUnknown, dnsClosed} }

func (l *linter) outcome(e *netpol.Endpoint, r resolver) outcome {
	rules := l.egressOf(e)
	if len(r.at) == 0 && !r.cached {
		forDNS := func(rule netpol.Rule) bool {
			return len(rule.Ports) == 0 || slices.ContainsFunc(rule.Ports, func(p netpol.RulePort) bool {
				return p.Has(corev1.ProtocolUDP, dnsPort) || p.Name != "" && p.Protocol == corev1.ProtocolUDP
			})
		}
		switch {
		case len(l.ClusterPoliciesOf(e)) > 0 || l.UnreadTiers():
			return "" // they may decide about it, wherever it is
		case len(rules) == 0:
			return dnsClosed
		case !slices.ContainsFunc(rules, forDNS):
			return dnsUnruled
		}
		return ""
	}
	udp := l.reaches(e, r, corev1.ProtocolUDP)
	switch {
	case udp == netpol.Denied && l.sendsNothing(e):
		return dnsClosed
	case udp == netpol.Denied:
		return dnsBlocked
	case udp != netpol.Allowed:
		return dnsUnknown
	case l.reaches(e, r, corev1.ProtocolTCP) == netpol.Denied:
		return dnsNoTCP
	default:
		return ""
	}
}

// deniesDNS names the policy of the Admin tier that keeps a pod from asking, nil
// where none does.
func (l *linter) deniesDNS(e *netpol.Endpoint, r resolver) *netpol.Policy {
	for _, b := range r.at {
		f := netpol.Flow{From: e, To: b.Endpoint, Protocol: b.Port.Protocol, Port: b.Port.From, Family: b.Family, ThroughService: true}
		if p := l.overrules(f); p != nil {
			return p
		}
	}
	return nil
}

func (l *linter) egressOf(e *netpol.Endpoint) []netpol.Rule {
	var rules []netpol.Rule
	for _, p := range l.PoliciesOf(e) {
		if p.Isolates(netpol.Egress) {
			rules = append(rules, p.Rules(netpol.Egress)...)
		}
	}
	return rules
}

func (l *linter) sayDNS(namespace string, o outcome, pods []*netpol.Endpoint, r resolver) {
	f := ofNamespace(namespace, string(o))
	f.File, f.Line = l.placeOf(f.Object)
	who, evidence := count(len(pods), "pod"), few(names(l.byWorkload(pods)), "workloads: ")
	allow := "allow egress to pods k8s-app=kube-dns of kube-system on 53/UDP and 53/TCP"
	if r.name != "" && r.name != "kube-system" && r.name != "kube-system/kube-dns" {
		allow = "allow egress to the pods of Service " + r.name + " on the ports that it leads to, UDP and TCP"
	}
	if p := l.deniesDNS(pods[0], r); p != nil {
		allow = fmt.Sprintf("accept it in %s %s, which denies it before NetworkPolicies are asked", p.Kind, p.Name)
	} else if r.cached {
		allow += ", and to 169.254.20.10 for NodeLocal DNSCache"
	}
	switch o {
	case dnsBlocked:
		l.say(f, checkDNS, finding.Medium, who+" may send elsewhere, and cannot ask the cluster's DNS: names do not resolve", allow, evidence...)
	case dnsUnruled:
		l.say(f, checkDNS, l.milder(finding.Medium, finding.Low), who+" may send elsewhere, and no rule"+l.here()+" is for 53/UDP: names do not resolve", allow, evidence...)
	case dnsNoTCP:
		l.say(f, checkDNS, finding.Low, who+" may ask the cluster's DNS by UDP and not by TCP: long answers are lost", "allow 53/TCP where 53/UDP is allowed", evidence...)
	case dnsUnknown:
		l.say(f, checkDNS, finding.Info, fmt.Sprintf("it is not known whether %s may ask the cluster's DNS: what decides is not in the input, or left to the network", who), allow, evidence...)
	case dnsClosed:
		l.say(f, checkDNS, finding.Info, who+" may send nothing, DNS included", "where names have to resolve: "+allow, evidence...)
	}
}
