package dir_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

func TestLoadNamespaces(t *testing.T) {
	write(t, map[string]string{
		// The definitions come after the objects.
		"a.yaml": `
{apiVersion: example.com/v1, kind: Shop, metadata: {name: a}}
---
{apiVersion: example.com/v1, kind: Shop, metadata: {name: b, namespace: own}}
---
{apiVersion: example.com/v1, kind: Chain, metadata: {name: c, namespace: cleared}}
---
{apiVersion: unknown.example.com/v1, kind: Thing, metadata: {name: d}}
---
{apiVersion: unknown.example.com/v1, kind: Thing, metadata: {name: e, namespace: own}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: f, namespace: cleared}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: g}}
`,
		"b.yaml": `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.com}
spec: {group: example.com, scope: Namespaced, names: {plural: shops, kind: Shop}, versions: [{name: v1, served: true}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: chains.example.com}
spec: {group: example.com, scope: Cluster, names: {plural: chains, kind: Chain}, versions: [{name: v1, served: true}]}
`,
	})
	s := loadPaths(t, "a.yaml", "b.yaml")
	want := []string{
		"a.yaml:12 ClusterRole /f", "a.yaml:14 Role here/g",
		"a.yaml:6 Chain /c", "b.yaml:7 CustomResourceDefinition /chains.example.com", "b.yaml:2 CustomResourceDefinition /shops.example.com",
		"a.yaml:2 Shop here/a", "a.yaml:4 Shop own/b",
		"a.yaml:8 Thing /d", "a.yaml:10 Thing own/e",
	}
	if diff := cmp.Diff(want, summary(s)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if r, ok := s.Catalog().LookupKind(schema.GroupKind{Group: "example.com", Kind: "Chain"}); !ok || r.Namespaced {
		t.Errorf("catalog has %+v, %v", r, ok)
	}
	if info := s.Info(); info.Source != snapshot.FromFiles || info.CoverageKnown() {
		t.Errorf("info %+v", info)
	}
}

// An overlay may hold custom resources whose definitions are in the cluster.
func TestLoadWithTypesOfTheCluster(t *testing.T) {
	write(t, map[string]string{"in.yaml": "{apiVersion: example.com/v1, kind: Shop, metadata: {name: a}}\n---\n{apiVersion: example.com/v1, kind: Chain, metadata: {name: b, namespace: cleared}}\n"})
	s, err := dir.Load(t.Context(), dir.Options{Paths: []string{"in.yaml"}, DefaultNamespace: "here", Types: []apiresource.Resource{
		{Group: "example.com", Name: "shops", Kind: "Shop", Namespaced: true}, {Group: "example.com", Name: "chains", Kind: "Chain"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"in.yaml:3 Chain /b", "in.yaml:1 Shop here/a"}, summary(s)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestLoadDuplicates(t *testing.T) {
	write(t, map[string]string{
		"a.yaml":    pod("a") + "---\n" + pod("b"),
		"same.json": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"here"}}`,
		"diff.yaml": "\n" + pod("b") + "  labels: {x: z}\n",
		"gen.yaml":  "{apiVersion: v1, kind: Pod, metadata: {generateName: g-}}\n---\n{apiVersion: v1, kind: Pod, metadata: {generateName: g-, labels: {x: z}}}\n",
	})
	want := []string{"a.yaml:1 Pod here/a", "a.yaml:6 Pod here/b", "gen.yaml:1 Pod here/g-<gen.yaml:1>", "gen.yaml:3 Pod here/g-<gen.yaml:3>"}
	if diff := cmp.Diff(want, summary(loadPaths(t, "a.yaml", "same.json", "gen.yaml"))); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	_, err := dir.Load(t.Context(), dir.Options{Paths: []string{"a.yaml", "diff.yaml"}, DefaultNamespace: "here"})
	if _, ok := errors.AsType[*snapshot.DuplicateError](err); !ok {
		t.Fatalf("error %v", err)
	}
	if got := err.Error(); got != "two different objects Pod/here/b: a.yaml:6 and diff.yaml:2" {
		t.Errorf("error %q", got)
	}
}
