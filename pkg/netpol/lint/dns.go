package lint

import (
	"cmp"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// dnsPort is that by which clients ask.
const dnsPort = 53

// resolver is where pods ask for names.
type resolver struct {
	name string // of the Service, as NAMESPACE/NAME
	at   []netpol.Backend
	// cached is set where pods ask a cache on their node instead.
	cached bool
}

// nodeLocalDNS is the address at which NodeLocal DNSCache listens on each node.
// Source: kubernetes.io/docs/tasks/administer-cluster/nodelocaldns.
func nodeLocalDNS() netip.Addr { return netip.AddrFrom4([4]byte{169, 254, 20, 10}) }

// resolver finds the DNS of the cluster: that of Kubernetes, or OpenShift.
func (l *linter) resolver() resolver {
	var r resolver
	for s := range snapshot.Each[corev1.Service](l.snap) {
		own := s.Labels["k8s-app"] == "kube-dns" && s.Namespace == "kube-system"
		known := s.Namespace == "kube-system" && s.Name == "kube-dns" || s.Namespace == "openshift-dns" && s.Name == "dns-default"
		if !own && !known {
			continue
		}
		backends, _ := l.Backends(s)
		for _, b := range backends {
			if b.ServicePort.From == dnsPort {
				r.at, r.name = append(r.at, b), cmp.Or(r.name, s.Namespace+"/"+s.Name)
			}
		}
	}
	if len(r.at) == 0 {
		r.at, r.name = l.dnsPods(), "kube-system"
	}
	r.cached = slices.ContainsFunc(l.Pods("kube-system"), func(e *netpol.Endpoint) bool { return e.Labels["k8s-app"] == "node-local-dns" })
	return r
}

// dnsPods are those of the Service that is not there.
func (l *linter) dnsPods() []netpol.Backend {
	var found []netpol.Backend
	for _, e := range l.Pods("kube-system") {
		if e.Labels["k8s-app"] != "kube-dns" {
			continue
		}
		for _, protocol := range []corev1.Protocol{corev1.ProtocolUDP, corev1.ProtocolTCP} {
			port := netpol.PortRange{Protocol: protocol, From: dnsPort, To: dnsPort}
			families := e.Families()
			if len(families) == 0 {
				families = []netpol.Family{netpol.AnyFamily}
			}
			found = append(found, netpol.Backend{Endpoint: e, ServicePort: port, Port: port, Family: families[0]})
		}
	}
	return found
}

// reaches returns whether the pod reaches the resolver by the protocol:
// Undefined is neither.
func (l *linter) reaches(e *netpol.Endpoint, r resolver, protocol corev1.Protocol) netpol.Verdict {
	best := netpol.Denied
	try := func(f netpol.Flow) {
		switch v := l.Verdict(f); {
		case v == netpol.Allowed:
			best = v
		case v == netpol.Undefined && best == netpol.Denied:
			best = v
		}
	}
	for _, b := range r.at {
		if b.Port.Protocol == protocol && best != netpol.Allowed {
			try(netpol.Flow{From: e, To: b.Endpoint, Protocol: protocol, Port: b.Port.From, Family: b.Family, ThroughService: true})
		}
	}
	if r.cached && best != netpol.Allowed {
		try(netpol.Flow{From: e, To: l.At(nodeLocalDNS()), Protocol: protocol, Port: dnsPort, Family: netpol.IPv4})
	}
	return best
}

// dns reports pods whose policies keep them from resolving names.
func (l *linter) dns() {
	r := l.resolver()
	for _, name := range l.NamespaceNames() {
		if l.options.Namespace != "" && name != l.options.Namespace || l.hidden("networkpolicies", name) {
			continue
		}
		blocked := map[outcome][]*netpol.Endpoint{}
		for _, e := range l.Pods(name) {
			if whole := l.whole(e, netpol.Egress); whole == netpol.NotLimited || whole == netpol.NotKnown || !l.asksCluster(e) {
				continue
			}
			if o := l.outcome(e, r); o != "" {
				blocked[o] = append(blocked[o], e)
			}
		}
		for _, o := range outcomes() {
			if len(blocked[o]) > 0 {
				l.sayDNS(name, o, blocked[o], r)
			}
		}
	}
}

// asksCluster reports whether a pod resolves names by the cluster's DNS: one
// with another dnsPolicy asks what it names, or as its node does.
func (l *linter) asksCluster(e *netpol.Endpoint) bool {
	pod := snapshot.Get[corev1.Pod](l.snap, e.Namespace, e.Name)
	return pod == nil || pod.Spec.DNSPolicy != corev1.DNSNone && pod.Spec.DNSPolicy != corev1.DNSDefault
}
