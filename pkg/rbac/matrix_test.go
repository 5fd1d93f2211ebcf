package rbac_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// matrixAllows reads a request off the matrices of its scopes, as a person
// would: a row that names the type or a wildcard for it, the verb's column or
// that of "*", the mark and the names.
func matrixAllows(scopes []rbac.Matrix, r rbac.Request) bool {
	for _, m := range scopes {
		column := slices.Index(m.Verbs, r.Verb)
		if column < 0 {
			column = slices.Index(m.Verbs, "*")
		}
		for _, row := range m.Rows {
			rule := rbacv1.PolicyRule{Verbs: []string{"*"}, APIGroups: []string{row.APIGroup}, Resources: []string{row.Resource}}
			if column < 0 || !rbac.Allows(&rule, r) {
				continue
			}
			cell := row.Cells[column]
			if cell.Extent == rbac.Every || cell.Extent == rbac.Wildcard || cell.Extent == rbac.SomeOf && slices.Contains(cell.Names, r.Name) {
				return true
			}
		}
	}
	return false
}

func TestMatrixAgreesWithWhoCan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	types := apiresource.NewCatalog()
	allowed, denied := 0, 0
	for range 400 {
		x := rbac.NewIndex(randomCluster(t, rnd), nil)
		matrices := map[rbac.Subject]map[string]rbac.Matrix{}
		for _, s := range x.Subjects() {
			p := x.WhatCan(rbac.Identity{Subject: s})
			matrices[s] = map[string]rbac.Matrix{"": p.Matrix("", types)}
			for _, namespace := range p.Namespaces() {
				matrices[s][namespace] = p.Matrix(namespace, types)
			}
		}
		for range 30 {
			r := randomRequest(rnd)
			if r.Path != "" {
				continue
			}
			can := map[rbac.Subject]bool{}
			for _, access := range x.WhoCan(r, false) {
				can[access.Subject] = true
			}
			for s, byScope := range matrices {
				got := matrixAllows([]rbac.Matrix{byScope[""], byScope[r.Namespace]}, r)
				if got != can[s] {
					t.Fatalf("%s, %+v: the matrix says %v, who-can %v\n%+v", s, r, got, can[s], byScope)
				}
				if got {
					allowed++
				} else {
					denied++
				}
			}
		}
	}
	t.Logf("%d allowed, %d denied", allowed, denied)
	if allowed < denied/10 {
		t.Errorf("the sample is one-sided: %d allowed, %d denied", allowed, denied)
	}
}

// show writes the cells of each row as signs.
func show(m rbac.Matrix) map[string]string {
	out := map[string]string{}
	for _, row := range m.Rows {
		cells := ""
		for _, cell := range row.Cells {
			cells += map[rbac.Extent]string{rbac.Nothing: "-", rbac.SomeOf: "~", rbac.Wildcard: "*", rbac.Every: "Y"}[cell.Extent]
		}
		out[rbac.TypeName(row.APIGroup, row.Resource)] = cells
	}
	return out
}

// Through a RoleBinding, every verb on a cluster-scoped type is next to none.
func TestMatrixOfClusterScopedTypesInNamespace(t *testing.T) {
	x := build(
		t, nil,
		testkit.Role("shop", "r", testkit.Rule("*", "", "nodes,namespaces"), testkit.Rule("*", "rbac.authorization.k8s.io", "clusterroles")),
		testkit.RoleBinding("shop", "b", "Role/r", testkit.User("u")),
	)
	m := x.WhatCan(rbac.Identity{Subject: rbac.User("u")}).Matrix("shop", apiresource.NewCatalog())
	if diff := cmp.Diff([]string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind"}, m.Verbs); diff != "" {
		t.Errorf("verbs (-want +got):\n%s", diff)
	}
	want := map[string]string{"namespaces": "~---~~~--", "clusterroles.rbac.authorization.k8s.io": "--------Y"}
	if diff := cmp.Diff(want, show(m)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestMatrixTellsGroupsFromOwnGrants(t *testing.T) {
	x := build(
		t, nil,
		testkit.ClusterRole("a", testkit.Rule("get", "", "pods,secrets,nodes")),
		testkit.ClusterRole("b", testkit.Rule("get", "", "pods")),
		testkit.ClusterRole("c", testkit.Rule("get", "", "secrets")),
		testkit.ClusterRoleBinding("1", "a", testkit.Group("g")),
		testkit.ClusterRoleBinding("2", "b", testkit.User("u")),
		testkit.ClusterRoleBinding("3", "c", testkit.Group("h")),
	)
	got := map[string][]string{}
	m := x.WhatCan(rbac.Identity{Subject: rbac.User("u"), Groups: []string{"g", "h"}}).Matrix("", apiresource.NewCatalog())
	for _, row := range m.Rows {
		got[row.Resource] = row.Through
	}
	want := map[string][]string{"pods": nil, "secrets": {"g", "h"}, "nodes": {"g"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("through (-want +got):\n%s", diff)
	}
}

func TestMatrixShowsWildcardsAsSuch(t *testing.T) {
	x := build(
		t, nil,
		testkit.ClusterRole("mixed",
			testkit.Rule("get,list", "", "pods"),
			testkit.Rule("*", "apps", "deployments"),
			testkit.Rule("get", "*", "*/scale"),
			testkit.Rule("get", "", "secrets", "db", "cache"),
		),
		testkit.ClusterRole("all", testkit.Rule("list", "*", "*")),
		testkit.ClusterRoleBinding("mixed", "mixed", testkit.User("u")),
		testkit.ClusterRoleBinding("all", "all", testkit.Group("g")),
		testkit.RoleBinding("shop", "ns", "ClusterRole/nsadmin", testkit.User("u")),
		testkit.ClusterRole("nsadmin", testkit.Rule("get,list,delete", "", "namespaces,nodes,configmaps")),
	)
	p := x.WhatCan(rbac.Identity{Subject: rbac.User("u"), Groups: []string{"g"}})
	types := apiresource.NewCatalog()
	wantVerbs := []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "*"}
	cluster := p.Matrix("", types)
	if diff := cmp.Diff(wantVerbs, cluster.Verbs); diff != "" {
		t.Errorf("verbs (-want +got):\n%s", diff)
	}
	want := map[string]string{
		"*.*": "-Y-------", "*/scale": "Y*-------", "pods": "YY-------", "deployments.apps": "*********", "secrets": "~*-------",
	}
	want["deployments.apps"] = "********Y"
	if diff := cmp.Diff(want, show(cluster)); diff != "" {
		t.Errorf("cluster-wide (-want +got):\n%s", diff)
	}
	shop := map[string]string{"namespaces": "~*----~--", "configmaps": "YY----Y--"}
	if diff := cmp.Diff(shop, show(p.Matrix("shop", types))); diff != "" {
		t.Errorf("shop (-want +got):\n%s", diff)
	}
	for _, row := range cluster.Rows {
		if through := row.Resource == "*"; through != (len(row.Through) == 1) {
			t.Errorf("%s through %v", row.Resource, row.Through)
		}
		if row.Resource == "secrets" {
			if diff := cmp.Diff([]string{"cache", "db"}, row.Cells[0].Names); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		}
	}
}
