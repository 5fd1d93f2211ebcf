package generate

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// overruled reports whether the Admin tier denies all of the flow, whatever
// NetworkPolicies say.
func (g *generator) overruled(f *Flow) bool {
	if len(g.cluster.ClusterPolicies()) == 0 || newFinder(g.cluster).verdict(f) != netpol.Denied {
		return false
	}
	e := g.cluster.Explain(netpol.Flow{From: f.From, To: f.To, Protocol: f.Protocol, Port: f.Port, Last: f.Last, Family: f.Family})
	return slices.ContainsFunc(e.Steps, func(s netpol.Step) bool { return s.Verdict == netpol.Denied && s.Decided() == netpol.AdminTier })
}

// closed is the cluster with the new policies without their rules, instead of
// all existing ones: what passes there no NetworkPolicy can close. It is nil
// where there are no cluster-wide policies.
func (g *generator) closed(existing []snapshot.Ref) (*netpol.Cluster, error) {
	if len(g.cluster.ClusterPolicies()) == 0 {
		return nil, nil
	}
	objects := g.objects()
	for _, object := range objects {
		if np, ok := object.(*networkingv1.NetworkPolicy); ok {
			np.Spec.Ingress, np.Spec.Egress = nil, nil
		}
	}
	return g.cluster.With(objects, existing...)
}

// accepted is what of open ports between two ends passes without any rule:
// cluster-wide policies accept it.
func accepted(closed *finder, from, to *netpol.Endpoint) []netpol.PortRange {
	if closed == nil {
		return nil
	}
	var ports []netpol.PortRange
	f := netpol.Flow{From: closed.end(from), To: closed.end(to), Family: netpol.SharedFamily(from, to)}
	for _, open := range closed.cluster.Ports(f) {
		if open.Verdict == netpol.Allowed {
			ports = append(ports, open.Ports)
		}
	}
	return ports
}
