package suite

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// world is what exists in a cluster. Policies are as people write them.
type world struct {
	namespaces []*corev1.Namespace
	nodes      []*corev1.Node
	pods       []*corev1.Pod
	policies   []*networkingv1.NetworkPolicy
	services   []*corev1.Service
}

// The addresses of what is not a pod.
func outsideAddresses() []netip.Addr { return addresses("203.0.113.7", "2001:db8::7") }

func nodeAddresses(i int) []netip.Addr {
	return addresses(fmt.Sprintf("192.168.0.%d", i), fmt.Sprintf("fd01::%d", i))
}

func addresses(texts ...string) []netip.Addr {
	list := make([]netip.Addr, 0, len(texts))
	for _, text := range texts {
		list = append(list, netip.MustParseAddr(text))
	}
	return list
}

// newWorld is the model of the end-to-end tests of Kubernetes, all on node1.
func newWorld() *world {
	w := &world{}
	for i := range 2 {
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node%d", i+1)}}
		for _, a := range nodeAddresses(i + 1) {
			node.Status.Addresses = append(node.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a.String()})
		}
		w.nodes = append(w.nodes, node)
	}
	for n, ns := range []string{"x", "y", "z"} {
		w.namespaces = append(w.namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns, Labels: map[string]string{"ns": ns, corev1.LabelMetadataName: ns}}})
		for i, name := range []string{"a", "b", "c"} {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Labels: map[string]string{"pod": name}}}
			pod.Spec.NodeName = "node1"
			for _, port := range ports() {
				for _, protocol := range netpol.Protocols() {
					pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{
						Name:  fmt.Sprintf("c%d-%s", port, strings.ToLower(string(protocol))),
						Ports: []corev1.ContainerPort{{Name: fmt.Sprintf("serve-%d-%s", port, strings.ToLower(string(protocol))), ContainerPort: int32(port), Protocol: protocol}},
					})
				}
			}
			if i < len(ports()) { // the same name, another port on each
				pod.Spec.Containers[0].Ports = append(pod.Spec.Containers[0].Ports, corev1.ContainerPort{Name: "web", ContainerPort: int32(ports()[i])})
			}
			giveAddresses(pod, addresses(fmt.Sprintf("10.64.%d.%d", n+1, i+1), fmt.Sprintf("fd00:64:%d::%d", n+1, i+1))...)
			w.pods = append(w.pods, pod)
		}
	}
	return w
}

// newWorldWithHostNetwork has a pod more on each node, which uses its network.
func newWorldWithHostNetwork() *world {
	w := newWorld()
	for i, name := range []string{"g", "h"} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: name, Labels: map[string]string{"pod": name}}}
		pod.Spec.NodeName, pod.Spec.HostNetwork = w.nodes[i].Name, true
		pod.Spec.Containers = []corev1.Container{{Name: "c", Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 80}}}}
		giveAddresses(pod, nodeAddresses(i+1)...)
		w.pods = append(w.pods, pod)
	}
	return w
}

func giveAddresses(pod *corev1.Pod, list ...netip.Addr) {
	pod.Status.Phase = corev1.PodRunning
	pod.Status.PodIP, pod.Status.PodIPs = list[0].String(), nil
	for _, a := range list {
		pod.Status.PodIPs = append(pod.Status.PodIPs, corev1.PodIP{IP: a.String()})
	}
}

// ports are those on which pods and hosts of a world listen.
func ports() []int { return []int{80, 81} }

// apply adds policies, or replaces those of the same name.
func (w *world) apply(policies ...*networkingv1.NetworkPolicy) {
	for _, np := range policies {
		w.remove(np.Namespace + "/" + np.Name)
		w.policies = append(w.policies, np)
	}
}

func (w *world) remove(name string) bool {
	before := len(w.policies)
	w.policies = slices.DeleteFunc(w.policies, func(np *networkingv1.NetworkPolicy) bool { return np.Namespace+"/"+np.Name == name })
	return len(w.policies) < before
}

// label gives a namespace, or a pod by NAMESPACE/NAME, further labels.
func (w *world) label(name string, set map[string]string) bool {
	for i, ns := range w.namespaces {
		if ns.Name == name {
			w.namespaces[i] = ns.DeepCopy()
			maps.Copy(w.namespaces[i].Labels, set)
			return true
		}
	}
	for i, pod := range w.pods {
		if pod.Namespace+"/"+pod.Name == name {
			w.pods[i] = pod.DeepCopy()
			maps.Copy(w.pods[i].Labels, set)
			return true
		}
	}
	return false
}

// engine is what this program makes of the world.
func (w *world) engine(t *testing.T) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	for _, list := range [][]snapshot.Object{objects(w.namespaces), objects(w.nodes), objects(w.pods), objects(w.policies), objects(w.services)} {
		b.Add(list...)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		t.Fatal(err)
	}
	c := netpol.NewCluster(s, netpol.ProfileCommon)
	for _, r := range c.Rejected() {
		t.Fatalf("the engine refuses %s/%s: %v", r.Namespace, r.Name, r)
	}
	return c
}

func objects[T interface {
	snapshot.Object
	DeepCopy() T
}](list []T,
) []snapshot.Object {
	all := make([]snapshot.Object, 0, len(list))
	for _, o := range list {
		all = append(all, o.DeepCopy())
	}
	return all
}
