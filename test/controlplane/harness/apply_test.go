package harness_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// outOfOrder needs the stages of Apply: every object stands before what it
// needs, and the quota would refuse the pod.
const outOfOrder = `
apiVersion: v1
kind: ResourceQuota
metadata: {name: none, namespace: shop}
spec: {hard: {pods: "0"}}
---
apiVersion: shop.example/v1
kind: Basket
metadata: {name: first, namespace: shop}
spec: {items: 3}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: web, namespace: shop}
  spec:
    serviceAccountName: web
    nodeName: node-1
    containers: [{name: web, image: web}]
  status: {phase: Running, podIP: 10.1.2.3}
- apiVersion: v1
  kind: ServiceAccount
  metadata: {name: web, namespace: shop}
---
# a comment only
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: baskets.shop.example}
spec:
  group: shop.example
  scope: Namespaced
  names: {plural: baskets, singular: basket, kind: Basket}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`

func TestApplyOrdersObjects(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{})
	if err := cp.ApplyYAML(t.Context(), []byte(outOfOrder)); err != nil {
		t.Fatal(err)
	}
	pod, err := client(t, cp.Kubeconfig(harness.Admin)).CoreV1().Pods("shop").Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if pod.Status.Phase != corev1.PodRunning || pod.Status.PodIP != "10.1.2.3" {
		t.Errorf("pod has the status %+v, want the given one", pod.Status)
	}
	dyn, err := dynamic.NewForConfig(cp.Client(harness.Admin))
	if err != nil {
		t.Fatal(err)
	}
	baskets := schema.GroupVersionResource{Group: "shop.example", Version: "v1", Resource: "baskets"}
	basket, err := dyn.Resource(baskets).Namespace("shop").Get(t.Context(), "first", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n, _, _ := unstructured.NestedInt64(basket.Object, "spec", "items"); n != 3 {
		t.Errorf("basket has %d items, want 3", n)
	}
}

func TestApplyReplaces(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{})
	c := client(t, cp.Kubeconfig(harness.Admin))
	meta := metav1.ObjectMeta{Namespace: "default", Name: "r"}
	for _, value := range []string{"get", "list"} {
		err := cp.Apply(t.Context(),
			&rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{Verbs: []string{value}, APIGroups: []string{""}, Resources: []string{"pods"}}}},
			&corev1.Pod{ObjectMeta: meta, Spec: corev1.PodSpec{NodeName: value, ServiceAccountName: "r", Containers: []corev1.Container{{Name: "c", Image: value}}}},
			&corev1.ServiceAccount{ObjectMeta: meta},
		)
		if err != nil {
			t.Fatal(err)
		}
		role, err := c.RbacV1().Roles("default").Get(t.Context(), "r", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := role.Rules[0].Verbs[0]; got != value {
			t.Errorf("stored verb %q, want %q", got, value)
		}
		pod, err := c.CoreV1().Pods("default").Get(t.Context(), "r", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if pod.Spec.NodeName != value {
			t.Errorf("pod runs on node %q, want %q", pod.Spec.NodeName, value)
		}
	}
}

func TestApplyNamesTheRefusedObject(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{})
	tests := []struct{ name, yaml, want string }{
		{"unknown kind", "{apiVersion: nowhere.example/v1, kind: Thing, metadata: {name: x}}", "Thing /x"},
		{"no such namespace", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: gone}}", `ConfigMap gone/c: namespaces "gone" not found`},
		{"no kind", "{metadata: {name: x}}", "document 1"},
		{"no yaml", "{", "document 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := cp.ApplyYAML(t.Context(), []byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// TestControllersServeNewNamespaces needs what only the controllers do: the
// pod's service account is the namespace's default one.
func TestControllersServeNewNamespaces(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{ControllerManager: true})
	var objects []runtime.Object
	for i := range 5 {
		ns := fmt.Sprintf("ns-%d", i)
		objects = append(objects,
			&corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "p"},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}},
			},
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}},
		)
	}
	if err := cp.Apply(t.Context(), objects...); err != nil {
		t.Fatal(err)
	}
	c := client(t, cp.Kubeconfig(harness.Admin))
	pods, err := c.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(pods.Items) != 5 {
		t.Errorf("%d pods, want 5", len(pods.Items))
	}
	for _, p := range pods.Items {
		if p.Spec.ServiceAccountName != "default" {
			t.Errorf("pod %s/%s runs as %q, want default", p.Namespace, p.Name, p.Spec.ServiceAccountName)
		}
	}
	admin, err := c.RbacV1().ClusterRoles().Get(t.Context(), "admin", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(admin.Rules) == 0 {
		t.Error("the aggregated cluster role admin has no rules")
	}
}
