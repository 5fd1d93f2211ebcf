package oracle

import (
	"context"
	"net"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	"sigs.k8s.io/kube-network-policies/pkg/api"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

// kubernetes is kube-network-policies: what it does with a packet once it has
// found the pods of its addresses.
type kubernetes struct {
	evaluator *networkpolicy.StandardNetworkPolicy
}

func newKubernetes(policies []*networkingv1.NetworkPolicy) (*kubernetes, error) {
	factory := informers.NewSharedInformerFactory(nil, 0) // is never started
	k := &kubernetes{networkpolicy.NewStandardNetworkPolicy("", factory.Core().V1().Namespaces(), factory.Core().V1().Pods(), factory.Networking().V1().NetworkPolicies())}
	for _, np := range policies {
		if err := factory.Networking().V1().NetworkPolicies().Informer().GetStore().Add(np); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (k *kubernetes) allows(q question, mended repairs) bool {
	packet := &network.Packet{
		SrcIP: net.IP(q.from.address.AsSlice()), DstIP: net.IP(q.to.address.AsSlice()),
		Proto: q.protocol, SrcPort: 40000, DstPort: int(q.port),
	}
	from, to := podInfo(q.from, mended), podInfo(q.to, mended)
	evaluate := k.evaluator.EvaluateIngress
	if q.direction == networkingv1.PolicyTypeEgress {
		evaluate = k.evaluator.EvaluateEgress
	}
	verdict, err := evaluate(context.Background(), packet, from, to)
	if err != nil {
		panic(err) // it has none
	}
	return verdict != api.VerdictDeny
}

func podInfo(v view, mended repairs) *api.PodInfo {
	if v.pod == nil {
		return nil
	}
	pod := v.pod
	if more := sidecars(pod); mended.has(sidecarPorts) && len(more) > 0 {
		pod = &corev1.Pod{ObjectMeta: pod.ObjectMeta, Spec: corev1.PodSpec{Containers: append(more, pod.Spec.Containers...)}}
	}
	return api.NewPodInfo(pod, v.namespace, nil, "")
}
