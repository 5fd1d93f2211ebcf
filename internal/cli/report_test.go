package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// TestReportsKeepTheContract runs every command that prints a report: it is of
// the kind that it says, every field is one of the kind's, no array is null,
// and what is read back is written the same.
func TestReportsKeepTheContract(t *testing.T) {
	dir := t.TempDir()
	saved, assertions := filepath.Join(dir, "saved.json"), filepath.Join(dir, "assertions.yaml")
	if err := os.WriteFile(assertions, []byte("- {cannot: get, resource: secrets}\n- {who: sa/shop/cart, can: get, resource: pods}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flows := filepath.Join(dir, "flows.csv")
	if err := os.WriteFile(flows, []byte("from,to,port,x\nshop/deploy/web,shop/deploy/cart,80,\nshop/deploy/cart,shop/deploy/web,1,\n?,,\nshop/nobody,shop/deploy/web,80,\n127.0.0.1,127.0.0.1,80,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "snapshot", "save", saved, "--demo").wantCode(t, 0)
	const refused = `pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "shop"`
	const rejected = `admission webhook "policy.example.org" denied the request: no`
	tests := []struct {
		name   string
		report any
		args   []string
		code   int
	}{
		{"who-can", &v1alpha1.WhoCanReport{}, []string{"who-can", "get", "secrets", "-A", "--demo"}, 0},
		{"who-can of nobody", &v1alpha1.WhoCanReport{}, []string{"who-can", "frobnicate", "pods", "-n", "none", "--demo"}, 0},
		{"who-can of a URL", &v1alpha1.WhoCanReport{}, []string{"who-can", "get", "/metrics", "--demo"}, 0},
		{"who-can check", &v1alpha1.CheckReport{}, []string{"who-can", "check", assertions, "--demo"}, 3},
		{"what-can of everything", &v1alpha1.WhatCanReport{}, []string{"what-can", "group/system:masters", "-A", "--demo"}, 0},
		{"what-can of nothing", &v1alpha1.WhatCanReport{}, []string{"what-can", "user/nobody-knows", "--demo"}, 0},
		{"why not", &v1alpha1.WhyReport{}, []string{"why", "sa/cart", "list", "secrets", "--demo"}, 0},
		{"why built in", &v1alpha1.WhyReport{}, []string{"why", "group/system:masters", "list", "secrets", "-A", "--demo"}, 0},
		{"why a refusal", &v1alpha1.WhyReport{}, []string{"why", refused, "--demo"}, 0},
		{"why no authorizer", &v1alpha1.WhyReport{}, []string{"why", rejected, "--demo"}, 0},
		{"netpol-sim diff of nothing", &v1alpha1.FlowDiffReport{}, []string{"netpol-sim", "diff", "--base", saved, "--demo"}, 0},
		{"netpol-sim diff", &v1alpha1.FlowDiffReport{}, []string{"netpol-sim", "diff", "--without", "shop/networkpolicy/default-deny", "--flows", flows, "--demo"}, 0},
		{"permissions", &v1alpha1.PermissionsReport{}, []string{"permissions", "--demo"}, 0},
		{"snapshot show", &v1alpha1.SnapshotReport{}, []string{"snapshot", "show", saved}, 0},
		{"snapshot diff of the same", &v1alpha1.SnapshotDiffReport{}, []string{"snapshot", "diff", "demo", saved}, 0},
		{"snapshot diff", &v1alpha1.SnapshotDiffReport{}, []string{"snapshot", "diff", strangers(t, dir), "demo"}, 0},
		{"netpol-sim lint", &v1alpha1.NetpolLintReport{}, []string{"netpol-sim", "lint", "--demo"}, 0},
		{"netpol-sim lint of nothing", &v1alpha1.NetpolLintReport{}, []string{"netpol-sim", "lint", "--demo", "-n", "default", "--check", "refused"}, 0},
		{"version", &v1alpha1.VersionReport{}, []string{"version"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, append(tt.args, "-o", "json")...)
			r.wantCode(t, tt.code)
			decoder := json.NewDecoder(strings.NewReader(r.stdout))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(tt.report); err != nil {
				t.Fatalf("%v in\n%s", err, r.stdout)
			}
			meta := reflect.ValueOf(tt.report).Elem().FieldByName("Meta").Interface().(v1alpha1.Meta)
			if want := v1alpha1.NewMeta(reflect.TypeOf(tt.report).Elem().Name()); meta != want {
				t.Errorf("it says that it is %+v, want %+v", meta, want)
			}
			noNullArrays(t, "", reflect.ValueOf(tt.report).Elem())
			again, err := json.Marshal(tt.report)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(generic(t, r.stdout), generic(t, string(again))); diff != "" {
				t.Errorf("(-printed +read and written):\n%s", diff)
			}
		})
	}
}

// strangers writes manifests of which the demonstration cluster has
// nothing.
func strangers(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(dir, "role.yaml")
	const role = `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}`
	const binding = `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}, subjects: [{kind: User, name: u, apiGroup: rbac.authorization.k8s.io}]}`
	if err := os.WriteFile(file, []byte(role+"\n---\n"+binding+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func generic(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// noNullArrays finds arrays of our types that were null, or are missing though
// nothing says that they may be.
func noNullArrays(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	kind := v.Kind()
	if kind == reflect.Pointer && !v.IsNil() {
		noNullArrays(t, path, v.Elem())
	}
	if kind == reflect.Slice {
		for i := range v.Len() {
			noNullArrays(t, path+"[]", v.Index(i))
		}
	}
	if kind != reflect.Struct || !strings.HasPrefix(v.Type().PkgPath(), "github.com/kubectl-secure/") {
		return
	}
	for field, value := range v.Fields() {
		if value.Kind() == reflect.Slice && value.IsNil() && !strings.Contains(field.Tag.Get("json"), "omitempty") {
			t.Errorf("%s.%s is null or missing", path, field.Name)
		}
		noNullArrays(t, path+"."+field.Name, value)
	}
}
