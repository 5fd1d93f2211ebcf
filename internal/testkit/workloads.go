package testkit

import (
	"fmt"
	"maps"
	"math/rand/v2"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Object is an object of the API.
type Object interface {
	metav1.Object
	runtime.Object
}

// Workloads returns a random cluster of three namespaces and two nodes: pods of
// Deployments, which may share labels, pods without a controller, pods of the
// host's network, a Deployment without pods, a DNS Service, and policies.
func Workloads(r *rand.Rand) []Object {
	w := &workloads{Rand: r}
	for i := range 2 {
		w.add(&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%d", i)},
			Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("192.168.0.%d", i+1)}}},
		})
	}
	for _, ns := range []string{"x", "y", "kube-system"} {
		w.add(Namespace(ns))
	}
	w.deployment("kube-system", "dns", map[string]string{"k8s-app": "kube-dns"}, false, 1)
	w.add(&corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "kube-dns"},
		Spec: corev1.ServiceSpec{ClusterIP: "10.96.0.10", Selector: map[string]string{"k8s-app": "kube-dns"}, Ports: []corev1.ServicePort{
			{Name: "dns", Port: 53, Protocol: corev1.ProtocolUDP}, {Name: "dns-tcp", Port: 53, Protocol: corev1.ProtocolTCP},
		}},
	})
	for i := range 3 + r.IntN(4) {
		set := map[string]string{"app": w.pick("a", "b", "c")}
		if r.IntN(3) > 0 {
			set["tier"] = w.pick("web", "db")
		}
		if r.IntN(3) > 0 {
			set["unique"] = fmt.Sprint(i)
		}
		w.deployment(w.pick("x", "y"), fmt.Sprintf("d%d", i), set, r.IntN(8) == 0, r.IntN(4))
	}
	for i := range 2 {
		pod := w.pod(w.pick("x", "y"), fmt.Sprintf("lone%d", i), map[string]string{"lone": fmt.Sprint(i)}, false)
		w.add(pod)
	}
	for i := range 1 + r.IntN(6) {
		w.policy(i)
	}
	return w.objects
}

type workloads struct {
	*rand.Rand
	objects []Object
	pods    int
}

func (w *workloads) add(o Object) { w.objects = append(w.objects, o) }

func (w *workloads) pick(from ...string) string { return from[w.IntN(len(from))] }

func (w *workloads) deployment(ns, name string, set map[string]string, host bool, replicas int) {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}}
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{}}
	for _, key := range []string{"app", "k8s-app"} {
		if value, ok := set[key]; ok {
			d.Spec.Selector.MatchLabels[key] = value
		}
	}
	template := w.pod(ns, name, set, host)
	d.Spec.Template = corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: set}, Spec: template.Spec}
	w.add(d)
	rs := &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name + "-5f", OwnerReferences: owner("Deployment", name)}}
	w.add(rs)
	for i := range replicas {
		own := maps.Clone(set)
		own["pod-template-hash"] = "5f"
		pod := w.pod(ns, fmt.Sprintf("%s-5f-%d", name, i), own, host)
		pod.OwnerReferences = owner("ReplicaSet", rs.Name)
		w.add(pod)
	}
}

func owner(kind, name string) []metav1.OwnerReference {
	return []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: name, Controller: new(true)}}
}

func (w *workloads) pod(ns, name string, set map[string]string, host bool) *corev1.Pod {
	w.pods++
	node := w.IntN(2)
	ip := fmt.Sprintf("10.0.0.%d", w.pods)
	if host {
		ip = fmt.Sprintf("192.168.0.%d", node+1)
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Labels: set},
		Spec: corev1.PodSpec{
			NodeName: fmt.Sprintf("n%d", node), HostNetwork: host,
			Containers: []corev1.Container{{Name: "c", Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}}},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIPs: []corev1.PodIP{{IP: ip}}},
	}
}

// policy adds one that denies, or that lets in or out some on some port.
func (w *workloads) policy(i int) {
	np := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: w.pick("x", "y"), Name: fmt.Sprintf("np%d", i)}}
	np.Spec.PodSelector = *w.selector()
	np.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyType(w.pick("Ingress", "Egress"))}
	peer := networkingv1.NetworkPolicyPeer{PodSelector: w.selector()}
	switch w.IntN(4) {
	case 0:
		peer.NamespaceSelector = &metav1.LabelSelector{}
	case 1:
		peer = networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: w.pick("0.0.0.0/0", "10.0.0.0/28", "203.0.113.0/24")}}
	}
	port := networkingv1.NetworkPolicyPort{Port: new([]intstr.IntOrString{intstr.FromInt32(80), intstr.FromInt32(443), intstr.FromString("http")}[w.IntN(3)])}
	switch {
	case w.IntN(3) == 0:
	case np.Spec.PolicyTypes[0] == networkingv1.PolicyTypeIngress:
		np.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{peer}, Ports: []networkingv1.NetworkPolicyPort{port}}}
	default:
		np.Spec.Egress = []networkingv1.NetworkPolicyEgressRule{{To: []networkingv1.NetworkPolicyPeer{peer}, Ports: []networkingv1.NetworkPolicyPort{port}}}
	}
	w.add(np)
}

func (w *workloads) selector() *metav1.LabelSelector {
	if w.IntN(3) == 0 {
		return &metav1.LabelSelector{}
	}
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": w.pick("a", "b", "c")}}
}
