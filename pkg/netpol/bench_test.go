package netpol_test

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// The sizes of the generated cluster.
const (
	manyNamespaces = 100
	podsEach       = 100
	policiesEach   = 10
	podsPerApp     = 10
	podsPerNode    = 50
)

// appCluster is one of 10,000 pods of 1,000 Deployments behind as many
// Services, and 1,000 policies.
func appCluster(b *testing.B) *snapshot.Snapshot {
	b.Helper()
	builder := snapshot.NewBuilder()
	for n := range manyNamespaces {
		namespace := fmt.Sprintf("ns-%03d", n)
		builder.Add(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: map[string]string{"team": fmt.Sprint(n % 7)}}})
		for i := range podsEach {
			builder.Add(appPod(namespace, n*podsEach+i, fmt.Sprintf("app-%d", i/podsPerApp)))
		}
		for i := range podsEach / podsPerApp {
			addApp(builder, namespace, n, i)
		}
		for i := range policiesEach {
			builder.Add(appPolicy(namespace, n, i))
		}
	}
	s, err := builder.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func appPod(namespace string, n int, app string) *corev1.Pod {
	node := n / podsPerNode
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: fmt.Sprintf("%s-5f-%05d", app, n),
			Labels:          map[string]string{"app": app, "n": fmt.Sprint(n), appsv1.DefaultDeploymentUniqueLabelKey: "5f"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: app + "-5f", Controller: new(true)}},
		},
		Spec: corev1.PodSpec{
			NodeName:   fmt.Sprintf("node-%d", node),
			Containers: []corev1.Container{{Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}}},
		},
		Status: corev1.PodStatus{
			HostIP: fmt.Sprintf("192.168.%d.%d", node/256, node%256),
			PodIPs: []corev1.PodIP{{IP: fmt.Sprintf("10.0.%d.%d", n/256, n%256)}},
		},
	}
}

func addApp(builder *snapshot.Builder, namespace string, n, i int) {
	app := fmt.Sprintf("app-%d", i)
	meta := metav1.ObjectMeta{Namespace: namespace, Name: app}
	builder.Add(&appsv1.Deployment{ObjectMeta: meta})
	builder.Add(&corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
		ClusterIP: fmt.Sprintf("10.96.%d.%d", n, i), Selector: map[string]string{"app": app},
		Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromString("http")}},
	}})
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: namespace, Name: app + "-1", Labels: map[string]string{discoveryv1.LabelServiceName: app}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Port: new(int32(8080))}},
	}
	for j := range podsPerApp {
		number := n*podsEach + i*podsPerApp + j
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{fmt.Sprintf("10.0.%d.%d", number/256, number%256)},
			TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: namespace, Name: fmt.Sprintf("%s-5f-%05d", app, number)},
		})
	}
	builder.Add(slice)
}

// appPolicy selects all pods of a namespace for the first policy, else those
// of one app.
func appPolicy(namespace string, n, i int) *networkingv1.NetworkPolicy {
	number := func(n int) *intstr.IntOrString { return new(intstr.FromInt(n)) }
	np := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("p%d", i)}}
	if i > 0 {
		np.Spec.PodSelector.MatchLabels = map[string]string{"app": fmt.Sprintf("app-%d", i)}
	}
	np.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	peers := []networkingv1.NetworkPolicyPeer{
		{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": fmt.Sprint((n + i) % 7)}}, PodSelector: &metav1.LabelSelector{}},
		{IPBlock: &networkingv1.IPBlock{CIDR: fmt.Sprintf("11.%d.%d.0/24", n, i), Except: []string{fmt.Sprintf("11.%d.%d.128/25", n, i)}}},
	}
	ports := []networkingv1.NetworkPolicyPort{{Port: number(8000 + i), EndPort: new(int32(8000 + 10*i + 100))}, {Port: new(intstr.FromString("http"))}}
	np.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{From: peers, Ports: ports}, {Ports: ports[:1]}}
	np.Spec.Egress = []networkingv1.NetworkPolicyEgressRule{{To: peers, Ports: ports}, {Ports: ports[:1]}}
	return np
}

func BenchmarkNewCluster(b *testing.B) {
	s := appCluster(b)
	b.ReportAllocs()
	for b.Loop() {
		netpol.NewCluster(s, netpol.ProfileCommon)
	}
}

func BenchmarkAnswer(b *testing.B) {
	c := netpol.NewCluster(appCluster(b), netpol.ProfileCommon)
	pod := "ns-050/app-3-5f-05035"
	for _, q := range []struct {
		name, from, to string
		ports          []string
	}{
		{"pod to pod, one port", pod, "ns-080/app-5-5f-08055", []string{"8080"}},
		{"pod to pod, every port", pod, "ns-080/app-5-5f-08055", nil},
		{"address to address", "10.0.19.171", "10.0.31.119", []string{"8080"}},
		{"pod to Deployment", pod, "ns-080/deploy/app-5", []string{"8080"}},
		{"pod to Service", pod, "ns-080/svc/app-5", []string{"80"}},
		{"pod to cluster IP", pod, "10.96.80.5", []string{"80"}},
		{"pod to the internet", pod, "internet", nil},
		{"the internet to pod", "internet", pod, nil},
		{"pod to a range", pod, "11.0.0.0/8", []string{"8080"}},
		{"pod to the range of pods", pod, "10.0.0.0/16", []string{"8080"}},
		{"pod to namespace", pod, "ns/ns-080", []string{"8080"}},
		{"labels to pod", "labels:ns=ns-001,app=new", pod, []string{"8080"}},
	} {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(b, c, q.from, q.to, netpol.AnyFamily, q.ports...)
			}
		})
	}
}
