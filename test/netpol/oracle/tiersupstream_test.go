package oracle

import (
	"context"
	"net"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/kube-network-policies/pkg/api"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	npav1alpha1 "sigs.k8s.io/kube-network-policies/plugins/npa-v1alpha1"
	npav1alpha2 "sigs.k8s.io/kube-network-policies/plugins/npa-v1alpha2"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"
	npainformers "sigs.k8s.io/network-policy-api/pkg/client/informers/externalversions"

	"github.com/kubectl-secure/kubectl-secure/test/netpol/generate"
)

// tierEvaluator is the pipeline of kube-network-policies: what it does with a
// packet once it has found the pods of its addresses.
type tierEvaluator struct {
	kubernetes *kubernetes
	policies   []*networkingv1.NetworkPolicy
	nodes      []*corev1.Node
	alpha1     bool
	// before and after are the evaluators around that of NetworkPolicies: with
	// their errors about nodes, and without.
	before, after map[bool]api.PolicyEvaluator
}

func newTierEvaluator(policies []*networkingv1.NetworkPolicy, tiers *generate.Tiers, nodes []*corev1.Node, reverse bool) (*tierEvaluator, error) {
	k, err := newKubernetes(policies)
	if err != nil {
		return nil, err
	}
	e := &tierEvaluator{
		kubernetes: k, policies: policies, nodes: nodes, alpha1: tiers.Cluster == nil,
		before: map[bool]api.PolicyEvaluator{}, after: map[bool]api.PolicyEvaluator{},
	}
	core := informers.NewSharedInformerFactory(nil, 0)
	if err := addAll(core.Core().V1().Nodes().Informer(), nodes); err != nil {
		return nil, err
	}
	for _, mended := range []bool{false, true} {
		all := npainformers.NewSharedInformerFactory(nil, 0).Policy()
		if !e.alpha1 {
			informer := all.V1alpha2().ClusterNetworkPolicies()
			if err := addAll(informer.Informer(), renamed(tiers.Cluster, reverse)); err != nil {
				return nil, err
			}
			e.before[mended] = npav1alpha2.NewClusterNetworkPolicy(v1alpha2.AdminTier, informer, nil, core.Core().V1().Nodes().Lister())
			e.after[mended] = npav1alpha2.NewClusterNetworkPolicy(v1alpha2.BaselineTier, informer, nil, core.Core().V1().Nodes().Lister())
			continue
		}
		admin, baseline := all.V1alpha1().AdminNetworkPolicies(), all.V1alpha1().BaselineAdminNetworkPolicies()
		for _, p := range renamed(tiers.Admin, reverse) {
			if mended {
				for i := range p.Spec.Egress {
					p.Spec.Egress[i].To = e.withoutNodes(p.Spec.Egress[i].To)
				}
			}
			if err := admin.Informer().GetStore().Add(p); err != nil {
				return nil, err
			}
		}
		for _, p := range renamed(tiers.Baseline, false) {
			p.Name = "default"
			if mended {
				e.mendBaseline(p)
			}
			if err := baseline.Informer().GetStore().Add(p); err != nil {
				return nil, err
			}
		}
		e.before[mended] = npav1alpha1.NewAdminNetworkPolicy(admin, nil)
		e.after[mended] = npav1alpha1.NewBaselineAdminNetworkPolicy(baseline)
	}
	return e, nil
}

func addAll[T any](informer cache.SharedIndexInformer, objects []T) error {
	for _, object := range objects {
		if err := informer.GetStore().Add(object); err != nil {
			return err
		}
	}
	return nil
}

type policyObject[T any] interface {
	metav1.Object
	DeepCopy() T
}

// renamed copies policies so that their names, by which those of one priority
// are ordered, are in this order or in the reverse.
func renamed[T policyObject[T]](policies []T, reverse bool) []T {
	var copies []T
	for i, p := range policies {
		p = p.DeepCopy()
		place := i
		if reverse {
			place = len(policies) - 1 - i
		}
		p.SetName(string(rune('a' + place)))
		copies = append(copies, p)
	}
	return copies
}

// withoutNodes puts the addresses of nodes in the place of the nodes.
func (e *tierEvaluator) withoutNodes(peers []v1alpha1.AdminNetworkPolicyEgressPeer) []v1alpha1.AdminNetworkPolicyEgressPeer {
	var mended []v1alpha1.AdminNetworkPolicyEgressPeer
	for _, p := range peers {
		if p.Nodes != nil {
			p = v1alpha1.AdminNetworkPolicyEgressPeer{Networks: e.addressesOf(p.Nodes)}
		}
		mended = append(mended, p)
	}
	return mended
}

func (e *tierEvaluator) mendBaseline(p *v1alpha1.BaselineAdminNetworkPolicy) {
	for i := range p.Spec.Egress {
		for j, to := range p.Spec.Egress[i].To {
			if to.Nodes != nil {
				p.Spec.Egress[i].To[j] = v1alpha1.BaselineAdminNetworkPolicyEgressPeer{Networks: e.addressesOf(to.Nodes)}
			}
		}
	}
}

func (e *tierEvaluator) addressesOf(s *metav1.LabelSelector) []v1alpha1.CIDR {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		panic(err)
	}
	var networks []v1alpha1.CIDR
	for _, node := range e.nodes {
		if !selector.Matches(labels.Set(node.Labels)) {
			continue
		}
		for _, a := range node.Status.Addresses {
			if addr, err := netip.ParseAddr(a.Address); err == nil && (a.Type == corev1.NodeInternalIP || a.Type == corev1.NodeExternalIP) {
				networks = append(networks, v1alpha1.CIDR(netip.PrefixFrom(addr, addr.BitLen()).String()))
			}
		}
	}
	return networks
}

func (e *tierEvaluator) allows(q question, mended repairs) bool {
	packet := &network.Packet{
		SrcIP: net.IP(q.from.address.AsSlice()), DstIP: net.IP(q.to.address.AsSlice()),
		Proto: q.protocol, SrcPort: 40000, DstPort: int(q.port),
	}
	from, to := e.podInfo(q.from, mended), e.podInfo(q.to, mended)
	if to != nil && mended.has(namesWithoutNumber) {
		to.ContainerPorts = slices.DeleteFunc(to.ContainerPorts, func(p *api.ContainerPort) bool {
			return p.Port != q.port || p.Protocol != string(q.protocol)
		})
	}
	pipeline := []api.PolicyEvaluator{e.before[mended.has(nodesOfPods)], e.kubernetes.evaluator, e.after[mended.has(nodesOfPods)]}
	if mended.has(otherDirection) && !e.isolated(q) {
		pipeline = slices.Delete(pipeline, 1, 2)
	}
	for _, one := range pipeline {
		evaluate := one.EvaluateIngress
		if q.direction == networkingv1.PolicyTypeEgress {
			evaluate = one.EvaluateEgress
		}
		verdict, err := evaluate(context.Background(), packet, from, to)
		if err != nil {
			panic(err) // it has none
		}
		if verdict != api.VerdictNext {
			return verdict == api.VerdictAccept
		}
	}
	return true
}

// podInfo is that of kubernetes, with the labels of the pod's node.
func (e *tierEvaluator) podInfo(v view, mended repairs) *api.PodInfo {
	info := podInfo(v, mended)
	for _, node := range e.nodes {
		if info != nil && node.Name == v.pod.Spec.NodeName {
			info.Node.Labels = node.Labels
		}
	}
	return info
}

// isolated reports whether any NetworkPolicy selects the subject for the
// direction.
func (e *tierEvaluator) isolated(q question) bool {
	subject := q.subject()
	return subject.pod != nil && slices.ContainsFunc(e.policies, func(np *networkingv1.NetworkPolicy) bool {
		selector, err := metav1.LabelSelectorAsSelector(&np.Spec.PodSelector)
		if err != nil {
			panic(err)
		}
		return np.Namespace == subject.pod.Namespace && slices.Contains(np.Spec.PolicyTypes, q.direction) && selector.Matches(labels.Set(subject.pod.Labels))
	})
}

// tierDifferences are all that concern tiers, and those about named ports,
// which concern NetworkPolicies too.
func tierDifferences() []*settled {
	return []*settled{
		{
			repair: sidecarPorts, Evaluator: nameOfKubernetes,
			Difference: "named ports of sidecars (restartable init containers) stand for nothing",
			Words:      "as above",
			Source:     "`Container.restartPolicy`, k8s.io/api/core/v1",
		},
		{
			repair: otherDirection, Evaluator: nameOfKubernetes,
			Difference: "a pod that NetworkPolicies select for the other direction only is not left to the Baseline tier",
			Words:      "pods are isolated by direction: “policyTypes … If this field is not specified, it will default based on the existence of ingress or egress rules”; “v1.NetworkPolicy always makes a final decision for selected pods” may be read either way, and is left open by `--profile spec`",
			Source:     "`NetworkPolicySpec.policyTypes`, k8s.io/api/networking/v1; `ClusterNetworkPolicySpec.tier`, sigs.k8s.io/network-policy-api",
		},
		{
			repair: namesWithoutNumber, Evaluator: nameOfKubernetes,
			Difference: "v1alpha1: a named port matches every port of pods that have one of that name",
			Words:      "“NamedPort selects a port on a pod(s) based on name”: that port, not all",
			Source:     "`AdminNetworkPolicyPort.namedPort`, sigs.k8s.io/network-policy-api/apis/v1alpha1",
		},
		{
			repair: nodesOfPods, Evaluator: nameOfKubernetes,
			Difference: "v1alpha1: `nodes` matches the pods on a node, and never the node",
			Words:      "“It selects the nodeIPs as the peer type by matching on the IPs present in the node.Status.Addresses field of the node”",
			Source:     "`AdminNetworkPolicyEgressPeer.nodes`, sigs.k8s.io/network-policy-api/apis/v1alpha1",
		},
	}
}
