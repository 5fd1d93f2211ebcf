package apiserver_test

import (
	"net/http"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
)

// The official clients are the judges of what the server sends.

func widget(namespace, name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.org/v1", "kind": "Widget",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec":     map[string]any{"size": int64(3)},
	}}
}

func start(t *testing.T) (*apiserver.Server, kubernetes.Interface) {
	t.Helper()
	server := apiserver.Start(t,
		testkit.Namespace("shop"), testkit.Namespace("billing"),
		testkit.Pod("shop", "web", ""), testkit.Pod("billing", "db", ""), testkit.Pod("billing", "api", ""),
		testkit.Secret("shop", "key", "hunter2"), widget("shop", "one"),
	)
	return server, kubernetes.NewForConfigOrDie(server.Config())
}

func TestTypedClient(t *testing.T) {
	server, client := start(t)
	ctx := t.Context()
	var got []string
	opts := metav1.ListOptions{Limit: 2}
	for {
		pods, err := client.CoreV1().Pods("").List(ctx, opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, pod := range pods.Items {
			got = append(got, pod.Namespace+"/"+pod.Name)
		}
		if pods.Continue == "" {
			break
		}
		if *pods.RemainingItemCount != 1 {
			t.Errorf("%d left", *pods.RemainingItemCount)
		}
		opts.Continue = pods.Continue
	}
	if !slices.Equal(got, []string{"billing/api", "billing/db", "shop/web"}) {
		t.Errorf("pods %q", got)
	}
	if requests := server.Requests("/api/v1/pods"); len(requests) != 2 || requests[0].Method != http.MethodGet {
		t.Errorf("requests %v", requests)
	}
	byName, err := client.CoreV1().Pods("billing").List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=db"})
	if err != nil || len(byName.Items) != 1 {
		t.Errorf("%v, %v", byName, err)
	}
	if _, err := client.CoreV1().Pods("shop").Get(ctx, "none", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("error %v", err)
	}
	if empty, err := client.AppsV1().Deployments("").List(ctx, metav1.ListOptions{}); err != nil || len(empty.Items) != 0 {
		t.Errorf("a built-in type without objects: %v, %v", empty, err)
	}
	if _, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{Continue: "nonsense"}); !apierrors.IsBadRequest(err) {
		t.Errorf("error %v", err)
	}
	if v, err := client.Discovery().ServerVersion(); err != nil || v.GitVersion != apiserver.Version {
		t.Errorf("version %v, %v", v, err)
	}
}

func TestDynamicClient(t *testing.T) {
	server, _ := start(t)
	client := dynamic.NewForConfigOrDie(server.Config())
	widgets := schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: "widgets"}
	list, err := client.Resource(widgets).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 1 || list.Items[0].GetKind() != "Widget" {
		t.Errorf("%v, %v", list, err)
	}
	pods, err := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 3 || pods.Items[0].GetKind() != "Pod" {
		t.Errorf("%v, %v", pods, err)
	}
	gadgets := schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: "gadgets"}
	if _, err := client.Resource(gadgets).List(t.Context(), metav1.ListOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("error %v", err)
	}
	server.Serve(gadgets)
	if _, err := client.Resource(gadgets).Namespace("shop").List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Errorf("a type that was announced: %v", err)
	}
}

func TestMetadataClient(t *testing.T) {
	server, _ := start(t)
	client := metadata.NewForConfigOrDie(server.Config())
	secrets := schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	list, err := client.Resource(secrets).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 1 || list.Items[0].Name != "key" {
		t.Errorf("%v, %v", list, err)
	}
	one, err := client.Resource(secrets).Namespace("shop").Get(t.Context(), "key", metav1.GetOptions{})
	if err != nil || one.UID != "Secret/shop/key" {
		t.Errorf("%v, %v", one, err)
	}
}

func TestFaultsApplyToTheirPaths(t *testing.T) {
	server, client := start(t)
	server.Inject("/api/v1/namespaces/shop/pods*", apiserver.Times(1, apiserver.Forbidden("alice")))
	pods := client.CoreV1().Pods("shop")
	_, err := pods.List(t.Context(), metav1.ListOptions{})
	want := `pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "shop"`
	if !apierrors.IsForbidden(err) || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, err := pods.List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Errorf("the second time: %v", err)
	}
	if _, err := client.CoreV1().Pods("billing").List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Errorf("another namespace: %v", err)
	}
}
