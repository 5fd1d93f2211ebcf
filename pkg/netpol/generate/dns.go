package generate

import (
	"fmt"
	"net/netip"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// dnsPort is where names are resolved.
const dnsPort = 53

// dns returns the flows by which the subjects resolve names: to every endpoint
// of the cluster's DNS Service, over UDP and TCP.
func (g *generator) dns() []Flow {
	servers := g.servers()
	var flows []Flow
	seen := map[*netpol.Endpoint]bool{}
	for _, u := range g.options.Subjects {
		for _, pod := range u.Pods {
			if pod.HostNetwork || seen[pod] {
				continue
			}
			seen[pod] = true
			for _, s := range servers {
				if s.To.String() == pod.String() {
					continue
				}
				flow := s
				flow.From = pod
				for _, family := range families(pod, s.To, s.Family) {
					flow.Family = family
					flows = append(flows, flow)
				}
			}
		}
	}
	return flows
}

// servers are the flows to the servers, without a source.
func (g *generator) servers() []Flow {
	var found []Flow
	s := g.cluster.Snapshot()
	service := dnsService(s)
	if service != nil {
		backends, _ := g.cluster.Backends(service)
		for _, b := range backends {
			if b.ServicePort.From == dnsPort {
				found = append(found, Flow{To: b.Endpoint, Protocol: b.Port.Protocol, Port: b.Port.From, Family: b.Family, DNS: true})
			}
		}
	}
	if len(found) == 0 {
		g.note("the input has no endpoints of a DNS Service: pods labelled k8s-app=kube-dns in kube-system are taken for the servers")
		server := g.cluster.Hypothetical("kube-system", map[string]string{"k8s-app": "kube-dns"})
		found = []Flow{{To: server, Protocol: corev1.ProtocolUDP, Port: dnsPort, DNS: true}, {To: server, Protocol: corev1.ProtocolTCP, Port: dnsPort, DNS: true}}
	}
	if snapshot.Get[appsv1.DaemonSet](s, "kube-system", "node-local-dns") != nil {
		// Source: "Using NodeLocal DNSCache in Kubernetes Clusters" in the documentation.
		local := g.cluster.At(netip.MustParseAddr("169.254.20.10"))
		g.note("there is a node-local-dns: pods are allowed to reach it at its usual address %s", local)
		for _, protocol := range []corev1.Protocol{corev1.ProtocolUDP, corev1.ProtocolTCP} {
			found = append(found, Flow{To: local, Protocol: protocol, Port: dnsPort, Family: netpol.IPv4, DNS: true})
		}
	}
	return found
}

// dnsService returns the Service that pods ask: kube-dns, whatever serves it,
// or that of OpenShift.
func dnsService(s *snapshot.Snapshot) *corev1.Service {
	if found := snapshot.Get[corev1.Service](s, "kube-system", "kube-dns"); found != nil {
		return found
	}
	for service := range snapshot.Each[corev1.Service](s) {
		if service.Namespace == "kube-system" && service.Labels["k8s-app"] == "kube-dns" {
			return service
		}
	}
	return snapshot.Get[corev1.Service](s, "openshift-dns", "dns-default")
}

// families are those in which the two may be connected.
func families(from, to *netpol.Endpoint, limit netpol.Family) []netpol.Family {
	if limit != netpol.AnyFamily {
		if len(from.Addresses) > 0 && !from.Address(limit).IsValid() {
			return nil
		}
		return []netpol.Family{limit}
	}
	var found []netpol.Family
	for _, f := range []netpol.Family{netpol.IPv4, netpol.IPv6} {
		has := func(e *netpol.Endpoint) bool { return len(e.Addresses) == 0 || e.Address(f).IsValid() }
		if has(from) && has(to) && len(from.Addresses)+len(to.Addresses) > 0 {
			found = append(found, f)
		}
	}
	if len(from.Addresses)+len(to.Addresses) == 0 {
		return []netpol.Family{netpol.AnyFamily}
	}
	return found
}

func (g *generator) note(format string, args ...any) {
	g.result.Notes = append(g.result.Notes, fmt.Sprintf(format, args...))
}
