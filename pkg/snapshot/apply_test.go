package snapshot_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

const (
	clusterRoleHead = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"
	bindingHead     = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n"
	customHead      = "apiVersion: x.io/v1\nkind: Thing\n"
	getPods         = "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n"
	getNodes        = "rules: [{apiGroups: [''], resources: [nodes], verbs: [get]}]\n"
	toView          = "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
	bob             = "subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}]\n"
	selector        = "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\n"
)

func load(t *testing.T, toApply bool, text string) *snapshot.Snapshot {
	t.Helper()
	s, err := dir.Load(t.Context(), dir.Options{Paths: []string{"-"}, Stdin: strings.NewReader(text), DefaultNamespace: "n", ToApply: toApply})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// metadata of an object that a server has stored, as kubectl applied it.
func metadata(labels, lastApplied string) string {
	text := "metadata:\n  name: x\n  uid: u\n"
	if labels != "" {
		text += "  labels: {" + labels + "}\n"
	}
	if lastApplied != "" {
		text += "  annotations: {kubectl.kubernetes.io/last-applied-configuration: '" + lastApplied + "'}\n"
	}
	return text
}

// fieldsOf returns what decides about access, and labels, as JSON.
func fieldsOf(t *testing.T, s *snapshot.Snapshot) string {
	t.Helper()
	var text []byte
	for obj := range s.All() {
		var err error
		if text, err = json.Marshal(obj); err != nil {
			t.Fatal(err)
		}
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	meta := all["metadata"].(map[string]any)
	all["labels"] = meta["labels"]
	for key, value := range all {
		if value == nil || key == "metadata" || key == "kind" || key == "apiVersion" || key == "roleRef" {
			delete(all, key)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestOverlayMergesAsApply(t *testing.T) {
	const (
		podsJSON  = `"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]`
		nodesJSON = `"rules":[{"apiGroups":[""],"resources":["nodes"],"verbs":["get"]}]`
		ruleJSON  = `"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}`
		bobJSON   = `"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"bob"}]`
		bare      = "metadata: {name: x}\n"
	)
	tests := []struct{ name, stored, file, want string }{
		{"labels are kept", clusterRoleHead + metadata("a: b", "") + getPods, clusterRoleHead + bare + getNodes, `{"labels":{"a":"b"},` + nodesJSON + `}`},
		{"labels are merged", clusterRoleHead + metadata("a: b, c: d", "") + getPods, clusterRoleHead + "metadata: {name: x, labels: {c: e}}\n" + getPods, `{"labels":{"a":"b","c":"e"},` + podsJSON + `}`},
		{"a label that kubectl put there", clusterRoleHead + metadata("a: b, c: d", `{"metadata":{"labels":{"a":"b","e":"f"}}}`) + getPods, clusterRoleHead + "metadata: {name: x, labels: {e: f}}\n" + getPods, `{"labels":{"c":"d","e":"f"},` + podsJSON + `}`},
		{"all labels go where kubectl put some there and puts none any more", clusterRoleHead + metadata("a: b, c: d", `{"metadata":{"labels":{"a":"b"}}}`) + getPods, clusterRoleHead + bare + getPods, `{` + podsJSON + `}`},
		{"null removes", clusterRoleHead + metadata("a: b", "") + getPods, clusterRoleHead + "metadata: {name: x, labels: {a: null}}\nrules:\n", `{}`},
		{"an aggregation rule is kept", clusterRoleHead + metadata("", "") + selector + getPods, clusterRoleHead + bare + getNodes, `{` + ruleJSON + `,` + nodesJSON + `}`},
		{"an aggregation rule that kubectl put there", clusterRoleHead + metadata("", `{"aggregationRule":{"clusterRoleSelectors":[]}}`) + selector + getPods, clusterRoleHead + bare + getNodes, `{` + nodesJSON + `}`},
		{"rules are kept", clusterRoleHead + metadata("", "") + getPods, clusterRoleHead + bare, `{` + podsJSON + `}`},
		{"rules that kubectl put there", clusterRoleHead + metadata("", `{"rules":[]}`) + getPods, clusterRoleHead + bare, `{}`},
		{"no rules", clusterRoleHead + metadata("", "") + getPods, clusterRoleHead + bare + "rules: []\n", `{"rules":[]}`},
		{"the file's own annotation is not what was applied", clusterRoleHead + metadata("a: b", "") + getPods, clusterRoleHead + metadata("", `{"metadata":{"labels":{"a":"b"}}}`) + getPods, `{"labels":{"a":"b"},` + podsJSON + `}`},
		{"an unknown field is ignored", clusterRoleHead + metadata("a: b", "") + "colour: {x: y}\n" + getPods, clusterRoleHead + bare + "colour: {x: z}\nrulez: [1]\n" + getNodes, `{"labels":{"a":"b"},` + nodesJSON + `}`},
		{"subjects are replaced", bindingHead + metadata("", "") + toView + "subjects: [{kind: User, name: eve}]\n", bindingHead + bare + toView + bob, `{` + bobJSON + `}`},
		{"subjects are kept", bindingHead + metadata("", "") + toView + bob, bindingHead + bare + toView, `{` + bobJSON + `}`},
		{"subjects are emptied", bindingHead + metadata("", "") + toView + bob, bindingHead + bare + toView + "subjects: []\n", `{}`},
		{"a custom resource", customHead + metadata("a: b", `{"spec":{"gone":1}}`) + "spec: {gone: 1, kept: 2, changed: 3}\n", customHead + "metadata: {name: x}\nspec: {changed: 4, new: {p: q}}\n", `{"labels":{"a":"b"},"spec":{"changed":4,"kept":2,"new":{"p":"q"}}}`},
		{"a custom resource of another version", customHead + metadata("a: b", "") + "spec: {old: 1}\n", "apiVersion: x.io/v2\nkind: Thing\n" + bare + "spec: {new: 2}\n", `{"spec":{"new":2}}`},
		{"a secret in a custom resource", customHead + metadata("", "") + "spec: {a: b}\n", customHead + bare + "spec: {stringData: {p: hidden}}\n", `{"spec":{"a":"b"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := load(t, false, tt.stored)
			with := load(t, true, tt.file)
			got, err := base.Overlay(with, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, fieldsOf(t, got)); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
			// Applied last is now the file: what it sets can be removed again.
			if again, err := got.Overlay(with, nil); err != nil || fieldsOf(t, again) != tt.want {
				t.Errorf("applied twice: %v", err)
			}
		})
	}
}

func TestOverlayRemembersWhatItApplied(t *testing.T) {
	base := load(t, false, clusterRoleHead+metadata("", "")+getPods)
	first, err := base.Overlay(load(t, true, clusterRoleHead+"metadata: {name: x, labels: {a: b}}\n"+getPods), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := first.Overlay(load(t, true, clusterRoleHead+"metadata: {name: x}\n"+getPods), nil)
	if err != nil {
		t.Fatal(err)
	}
	if labels := snapshot.Get[rbacv1.ClusterRole](second, "", "x").Labels; len(labels) > 0 {
		t.Errorf("labels %v", labels)
	}
}

func TestOverlayCreatesWhatIsRemovedFirst(t *testing.T) {
	base := load(t, false, clusterRoleHead+metadata("a: b", "")+getPods)
	ref := snapshot.Ref{Kind: schema.GroupKind{Group: rbacv1.GroupName, Kind: "ClusterRole"}, Name: "x"}
	got, err := base.Overlay(load(t, true, clusterRoleHead+"metadata: {name: x}\n"+getNodes), []snapshot.Ref{ref})
	if err != nil {
		t.Fatal(err)
	}
	if role := snapshot.Get[rbacv1.ClusterRole](got, "", "x"); role == nil || len(role.Labels) > 0 || role.Rules[0].Resources[0] != "nodes" {
		t.Errorf("role %+v", role)
	}
}

func TestOverlayRefusals(t *testing.T) {
	clusterBinding := strings.Replace(bindingHead, "RoleB", "ClusterRoleB", 1)
	edit := strings.Replace(toView, "view", "edit", 1)
	const refuses = ": the API server refuses another roleRef for a binding that exists"
	tests := []struct{ name, stored, file, want string }{
		{"role binding", bindingHead + "metadata: {name: x}\n" + toView, bindingHead + "metadata: {name: x}\n" + edit, "RoleBinding n/x" + refuses},
		{"cluster role binding", clusterBinding + "metadata: {name: x}\n" + toView, clusterBinding + "metadata: {name: x}\n" + edit, "ClusterRoleBinding x" + refuses},
		{"default group", bindingHead + "metadata: {name: x}\nroleRef: {kind: ClusterRole, name: view}\n", bindingHead + "metadata: {name: x}\n" + toView, ""},
		{"an annotation that is no JSON", clusterRoleHead + metadata("", "{{") + getPods, clusterRoleHead + "metadata: {name: x}\n" + getPods, "ClusterRole/x cannot be merged with the one that exists as kubectl apply does"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, false, tt.stored).Overlay(load(t, true, tt.file), nil)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			var roleRef *snapshot.RoleRefError
			if errors.As(err, &roleRef) != strings.Contains(tt.want, refuses) {
				t.Errorf("error %#v", err)
			}
		})
	}
}

func TestOverlayNotes(t *testing.T) {
	const (
		doubt = " (unless kubectl apply put it there, which the input does not tell)"
		keeps = "ClusterRole/x: it keeps what --with leaves out, as with kubectl apply: "
	)
	manifest := clusterRoleHead + "metadata: {name: x, labels: {a: b}}\n"
	policy := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x, namespace: dev}\n"
	file := clusterRoleHead + "metadata: {name: x}\n" + getNodes
	tests := []struct{ name, stored, file, want string }{
		{"a manifest", manifest + getPods, file, keeps + "label a" + doubt},
		{"a manifest with everything", manifest + getPods, manifest + getNodes, ""},
		{"a dump", clusterRoleHead + metadata("a: b", "") + getPods, file, ""},
		{"a dump of an aggregated role", clusterRoleHead + metadata("a: b", "") + selector + getPods, file, keeps + "aggregationRule"},
		{"rules", manifest + getPods, manifest, keeps + "rules" + doubt},
		{"subjects", bindingHead + "metadata: {name: x}\n" + toView + bob, bindingHead + "metadata: {name: x}\n" + toView, "n/RoleBinding/x: it keeps what --with leaves out, as with kubectl apply: subjects" + doubt},
		{"rules of a policy", policy + "spec: {podSelector: {}, ingress: [{}]}\n", policy + "spec: {podSelector: {}}\n", "dev/NetworkPolicy/x: it keeps what --with leaves out, as with kubectl apply: spec.ingress" + doubt},
		{"a policy with all of them", policy + "spec: {podSelector: {}, ingress: [{}]}\n", policy + "spec: {podSelector: {}, ingress: []}\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := load(t, false, tt.stored).Overlay(load(t, true, tt.file), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got.Warnings(), "\n")); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOverlayOfSecretsHasNoValues(t *testing.T) {
	const head = "apiVersion: v1\nkind: Secret\nmetadata: {name: x, labels: {"
	base := load(t, false, head+"a: b}}\ndata: {p: aGlkZGVu}\n")
	got, err := base.Overlay(load(t, true, head+"c: d}}\nstringData: {p: hidden}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	secret := snapshot.Get[corev1.Secret](got, "n", "x")
	if len(secret.Data)+len(secret.StringData) > 0 || len(secret.Labels) != 2 {
		t.Errorf("secret %+v", secret)
	}
	if parts := secret.Annotations[snapshot.DroppedAnnotation]; !strings.Contains(parts, "stringData") || !strings.HasPrefix(parts+",", "data,") && !strings.Contains(parts, ",data") {
		t.Errorf("dropped %q", parts)
	}
}
