package e2e

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// explorer may use who-can on the audited cluster; see testdata/audited.yaml.
const explorer = "explorer@shop.example"

// TestCustomTypeByEveryName: discovery tells all names of a custom type.
func TestCustomTypeByEveryName(t *testing.T) {
	t.Parallel()
	cp := auditedCluster(t)
	for _, typed := range []string{"widgets", "widget", "Widget", "wdg", "widgets.shop.example", "widgets.v1.shop.example", "wdg.shop.example"} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, exit := command{cluster: cp, user: harness.Admin, args: []string{"who-can", "list", typed, "-n", "shop", "-o", "json"}}.run(t)
			var report struct {
				whoCan
				Query struct{ APIGroup, Resource, Namespace string }
			}
			if err := json.Unmarshal([]byte(stdout), &report); err != nil || exit != 0 || report.Incomplete {
				t.Fatalf("exit %d, %v, incomplete %t, stderr:\n%s", exit, err, report.Incomplete, stderr)
			}
			if q := report.Query; q.APIGroup != "shop.example" || q.Resource != "widgets" || q.Namespace != "shop" {
				t.Errorf("the question is %+v", q)
			}
			if !report.names()["ServiceAccount/shop/web"] {
				t.Errorf("the answer lacks sa/shop/web: %v", report.Subjects)
			}
		})
	}
}

// gadgets is a custom type that appears later. No other test minds it.
const gadgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.shop.example}
spec:
  group: shop.example
  scope: Cluster
  names: {plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`

// TestDiscoveryCache: what is on disk is not sent again, as long as nothing has
// changed on the server; a new type is known at once.
func TestDiscoveryCache(t *testing.T) {
	t.Parallel()
	cp := auditedCluster(t)
	home := t.TempDir()
	seen := 0
	steps := []struct {
		name, resource string
		before         func()
		want           []int // answers to discovery
	}{
		{"nothing is cached", "widgets", func() {}, []int{200, 200}},
		{"by another name", "wdg", func() {}, []int{304, 304}},
		{"by its kind", "Widget", func() {}, []int{304, 304}},
		{"a built-in type", "secrets", func() {}, nil},
		{"a new type", "gadgets", func() {
			if err := cp.ApplyYAML(t.Context(), []byte(gadgets)); err != nil {
				t.Fatal(err)
			}
		}, []int{200, 304}},
	}
	for _, step := range steps {
		step.before()
		c := command{cluster: cp, user: explorer, args: []string{"who-can", "list", step.resource, "-o", "json"}, home: home}
		if _, stderr, exit := c.run(t); exit != 0 {
			t.Fatalf("%s: exit %d, stderr:\n%s", step.name, exit, stderr)
		}
		var codes []int
		events := auditOf(t, cp, explorer)
		for _, e := range events[seen:] {
			if name := e.String(); name == "get /api" || name == "get /apis" {
				codes = append(codes, e.ResponseStatus.Code)
			}
		}
		slices.Sort(codes)
		if diff := cmp.Diff(step.want, codes); diff != "" {
			t.Errorf("%s: answers to discovery (-want +got):\n%s", step.name, diff)
		}
		seen = len(events)
	}
}
