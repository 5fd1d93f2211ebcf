package netpol_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// largeCluster is the cluster of the budgets and the worst case: hardly two
// pods have the same labels, and policies look at all of them. Namespaces have
// 25 pods each, nodes 50.
func largeCluster(tb testing.TB, pods, policies int) *snapshot.Snapshot {
	tb.Helper()
	d := newDice(uint64(pods))
	b := snapshot.NewBuilder()
	spaces := pods / 25
	for i := range spaces {
		b.Add(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("ns-", i), Labels: map[string]string{
			"team": fmt.Sprint(i % 20), "env": pick(d, "prod", "test", "dev"),
		}}})
	}
	for i := range pods / 50 {
		b.Add(&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("node-", i)},
			Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("192.168.%d.%d", i/250, i%250)}}},
		})
	}
	for i := range pods {
		b.Add(d.largePod(i, spaces, pods/50))
	}
	for i := range policies {
		b.Add(d.largePolicy(i, spaces))
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func (d dice) largePod(i, spaces, nodes int) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprint("ns-", i%spaces), Name: fmt.Sprint("p-", i), Labels: d.largeLabels()},
		Spec: corev1.PodSpec{NodeName: fmt.Sprint("node-", d.IntN(nodes)), Containers: []corev1.Container{{Name: "c", Ports: []corev1.ContainerPort{
			{Name: "http", ContainerPort: pick[int32](d, 80, 8080, 8000)},
			{Name: "metrics", ContainerPort: pick[int32](d, 9090, 9100)},
			{Name: "dns", ContainerPort: 53, Protocol: corev1.ProtocolUDP},
		}}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIPs: []corev1.PodIP{{IP: fmt.Sprintf("10.%d.%d.%d", i%spaces/250, i%spaces%250, i/spaces+2)}}},
	}
}

func (d dice) largeLabels() map[string]string {
	return map[string]string{
		"app": fmt.Sprint(d.IntN(40)), "tier": fmt.Sprint(d.IntN(5)), "version": fmt.Sprint(d.IntN(10)),
		"zone": pick(d, "a", "b", "c"), "instance": fmt.Sprint(d.IntN(200)),
	}
}

func (d dice) largeSelector() *metav1.LabelSelector {
	all := d.largeLabels()
	key := pick(d, "app", "tier", "version", "zone", "instance")
	switch d.IntN(6) {
	case 0:
		return &metav1.LabelSelector{}
	case 1:
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: metav1.LabelSelectorOpNotIn, Values: []string{all[key], "0"}}}}
	case 2:
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "app", Operator: metav1.LabelSelectorOpIn, Values: []string{all["app"], "1", "2", "3"}}}}
	default:
		return &metav1.LabelSelector{MatchLabels: map[string]string{key: all[key]}}
	}
}

func (d dice) largePolicy(i, spaces int) *networkingv1.NetworkPolicy {
	np := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprint("ns-", d.IntN(spaces)), Name: fmt.Sprint("np-", i)}}
	np.Spec.PodSelector = *d.largeSelector()
	in, out := networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress
	np.Spec.PolicyTypes = pick(d, []networkingv1.PolicyType{in}, []networkingv1.PolicyType{in}, []networkingv1.PolicyType{out}, []networkingv1.PolicyType{in, out})
	np.Spec.Ingress = some(d, 3, func() networkingv1.NetworkPolicyIngressRule {
		return networkingv1.NetworkPolicyIngressRule{From: some(d, 3, d.largePeer), Ports: some(d, 3, d.largePort)}
	})
	np.Spec.Egress = some(d, 3, func() networkingv1.NetworkPolicyEgressRule {
		return networkingv1.NetworkPolicyEgressRule{To: some(d, 3, d.largePeer), Ports: some(d, 3, d.largePort)}
	})
	return np
}

func (d dice) largePeer() networkingv1.NetworkPolicyPeer {
	namespaces := &metav1.LabelSelector{MatchLabels: pick(d, map[string]string{"team": fmt.Sprint(d.IntN(20))}, map[string]string{"env": pick(d, "prod", "test", "dev")})}
	return pick(d,
		networkingv1.NetworkPolicyPeer{PodSelector: d.largeSelector()},
		networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaces},
		networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaces, PodSelector: d.largeSelector()},
		networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{}, PodSelector: d.largeSelector()},
		networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: fmt.Sprintf("10.%d.0.0/16", d.IntN(4))}},
		networkingv1.NetworkPolicyPeer{IPBlock: d.largeBlock()},
	)
}

func (d dice) largeBlock() *networkingv1.IPBlock {
	first, second := pick(d, 10, 52, 104, 203), d.IntN(40)
	return &networkingv1.IPBlock{
		CIDR:   fmt.Sprintf("%d.%d.0.0/16", first, second),
		Except: []string{fmt.Sprintf("%d.%d.%d.0/24", first, second, d.IntN(200))},
	}
}

func (d dice) largePort() networkingv1.NetworkPolicyPort {
	p := networkingv1.NetworkPolicyPort{Protocol: pick(d, nil, new(corev1.ProtocolTCP), new(corev1.ProtocolTCP), new(corev1.ProtocolUDP))}
	switch d.IntN(8) {
	case 0:
	case 1:
		p.Port = new(intstr.FromString(pick(d, "http", "metrics", "dns")))
	case 2:
		p.Port, p.EndPort = new(intstr.FromInt32(8000)), new(pick[int32](d, 8080, 9000))
	default:
		p.Port = new(intstr.FromInt32(pick[int32](d, 22, 53, 80, 443, 3306, 5432, 6379, 8080, 9090, 9200)))
	}
	return p
}
