package live_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/klog/v2"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

func widgetCRD() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "widgets.example.org"},
		"spec": map[string]any{
			"group": "example.org", "scope": "Namespaced",
			"names": map[string]any{"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": []any{"wd"}},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object"}},
			}},
		},
	}}
}

func TestFormatsAskedFor(t *testing.T) {
	const (
		protobuf = "application/vnd.kubernetes.protobuf,application/json"
		metadata = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
	)
	server := apiserver.Start(t, append(shop(), widgetCRD())...)
	crds := live.CustomResourceDefinitions()
	load(t, server, live.Options{Needs: append(rbacNeeds(), needs(core("secrets"), core("pods"), crds)...)})
	for path, want := range map[string]string{
		rbacPath + "roles":               protobuf,
		rbacPath + "clusterrolebindings": protobuf,
		corePath + "pods":                protobuf,
		corePath + "secrets":             metadata,
		"/apis/apiextensions.k8s.io/v1/customresourcedefinitions": "application/json",
	} {
		requests := server.Requests(path)
		if len(requests) != 1 || requests[0].Header.Get("Accept") != want {
			t.Errorf("%s: %v, want Accept %q once", path, requests, want)
		}
	}
}

// TestProtobufIsUsed: a server that knows only protobuf is understood.
func TestProtobufIsUsed(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"*", apiserver.RewriteAccept("application/vnd.kubernetes.protobuf"))
	snap := load(t, server, live.Options{Needs: rbacNeeds()})
	wantGaps(t, snap)
	if got := snapshot.Count[rbacv1.Role](snap); got != 2 {
		t.Errorf("%d roles", got)
	}
}

func TestServerWithoutProtobuf(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"*", apiserver.RewriteAccept("application/json"))
	snap := load(t, server, live.Options{Needs: rbacNeeds()})
	wantGaps(t, snap)
	if got := snapshot.Get[rbacv1.Role](snap, "shop", "reader"); got == nil || len(got.Rules) != 1 {
		t.Errorf("role %v", got)
	}
}

func TestUnneededPartsAreDropped(t *testing.T) {
	role := testkit.Role("shop", "full")
	role.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl", FieldsV1: &metav1.FieldsV1{}}}
	role.Annotations = map[string]string{corev1.LastAppliedConfigAnnotation: "{}", "owner": "alice"}
	crd := widgetCRD()
	crd.SetManagedFields(role.ManagedFields)
	crd.SetAnnotations(role.Annotations)
	server := apiserver.Start(t, role, crd)
	snap := load(t, server, live.Options{Needs: needs(rbac("roles"), live.CustomResourceDefinitions())})

	want := map[string]string{"owner": "alice"}
	seen := 0
	for obj := range snap.All() {
		seen++
		if obj.GetManagedFields() != nil {
			t.Errorf("%s has managed fields", obj.GetName())
		}
		if diff := cmp.Diff(want, obj.GetAnnotations()); diff != "" {
			t.Errorf("%s: annotations (-want +got):\n%s", obj.GetName(), diff)
		}
	}
	if seen != 2 {
		t.Errorf("%d objects, want 2", seen)
	}
	for got := range snap.EachCustom(snapshot.CustomResourceDefinitionKind()) {
		versions, _, _ := unstructured.NestedSlice(got.Object, "spec", "versions")
		if diff := cmp.Diff([]any{map[string]any{"name": "v1", "served": true}}, versions); diff != "" {
			t.Errorf("versions (-want +got):\n%s", diff)
		}
	}
	if r, err := snap.Catalog().Resolve("wd"); err != nil || r.Name != "widgets" || !r.Namespaced {
		t.Errorf("wd is %v (%v)", r, err)
	}
}

// TestBuiltInTypeThatIsNotInTheTable is found under its Go type all the same.
func TestBuiltInTypeThatIsNotInTheTable(t *testing.T) {
	server := apiserver.Start(t, &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: "high"}, Value: 1000})
	snap := load(t, server, live.Options{Needs: needs(schedulingv1.SchemeGroupVersion.WithResource("priorityclasses"))})
	got := snapshot.Get[schedulingv1.PriorityClass](snap, "", "high")
	if got == nil || got.Value != 1000 || got.Kind != "" {
		t.Errorf("got %v", got)
	}
}

func TestSecretValuesAreNeverAskedFor(t *testing.T) {
	secret := testkit.Secret("shop", "api-key", "hunter2")
	secret.Annotations = map[string]string{corev1.LastAppliedConfigAnnotation: `{"data":{"password":"aHVudGVyMg=="}}`, "owner": "alice"}
	server := apiserver.Start(t, append(shop(), secret)...)

	var log bytes.Buffer
	logger := funcr.New(func(prefix, args string) { fmt.Fprintln(&log, prefix, args) }, funcr.Options{Verbosity: 10})
	ctx := klog.NewContext(t.Context(), logger)
	snap, err := live.Load(ctx, live.Options{Config: server.Config(), Needs: []snapshot.Need{
		{Type: core("secrets")},
		{Type: core("secrets"), Namespace: "shop", Name: "api-key"}, // included in the first
	}})
	if err != nil {
		t.Fatal(err)
	}
	one := load(t, server, live.Options{Needs: []snapshot.Need{{Type: core("secrets"), Namespace: "shop", Name: "api-key"}}})

	for _, s := range []*snapshot.Snapshot{snap, one} {
		got := snapshot.Get[corev1.Secret](s, "shop", "api-key")
		if got == nil {
			t.Fatal("the secret is missing")
		}
		want := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "api-key", UID: secret.UID,
			// That annotations are there is known; the values in them are not.
			Annotations: map[string]string{snapshot.DroppedAnnotation: "last-applied,annotations"},
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("secret (-want +got):\n%s", diff)
		}
	}
	requests := append(server.Requests(corePath+"secrets"), server.Requests(corePath+"namespaces/shop/secrets*")...)
	if len(requests) != 2 {
		t.Errorf("%d requests, want a list and one object", len(requests))
	}
	for _, r := range requests {
		for accept := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
			if !strings.Contains(accept, "as=PartialObjectMetadata") {
				t.Errorf("%s accepts %q: whole secrets", r.Path, accept)
			}
		}
	}
	// The loud logger saw the body of /version, and of nothing else.
	if got := strings.Count(log.String(), "Response Body"); got != 1 || !strings.Contains(log.String(), apiserver.Version) {
		t.Errorf("%d bodies in the log, want that of the version:\n%s", got, log.String())
	}
}

func TestServerThatCannotLeaveOutValues(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(corePath+"secrets", apiserver.RewriteAccept("none/none"))
	snap := load(t, server, live.Options{Needs: needs(core("secrets"))})
	wantGaps(t, snap, snapshot.Gap{Resource: "secrets", Reason: snapshot.NotServed})
	wantNames(t, snap)
}
