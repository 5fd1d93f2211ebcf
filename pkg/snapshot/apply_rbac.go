package snapshot

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// sameRoleRef reports whether two objects bind the same role; true for what is
// no binding. An absent API group is that of RBAC: it is the server's default.
func sameRoleRef(a, b Object) bool { return roleRefOf(a) == roleRefOf(b) }

func roleRefOf(obj Object) rbacv1.RoleRef {
	var ref rbacv1.RoleRef
	switch obj := obj.(type) {
	case *rbacv1.RoleBinding:
		ref = obj.RoleRef
	case *rbacv1.ClusterRoleBinding:
		ref = obj.RoleRef
	}
	ref.APIGroup = cmp.Or(ref.APIGroup, rbacv1.GroupName)
	return ref
}

// keptNote says what the merged object keeps though the file lacks it, where
// that decides about access and one may have expected otherwise: an
// aggregationRule, which makes the file's rules void, and everything where it
// is not known what was applied last, "" for nothing.
func keptNote(info Info, stored entry, merged Object, fields map[string]any) string {
	// A saved snapshot lacks the annotation, and manifests were never stored.
	doubtful := stored.applied == "" && (info.Saved || info.Source == FromFiles && stored.obj.GetUID() == "")
	var kept []string
	keeps := func(field string, has bool) {
		if _, ok := fields[field]; !ok && has {
			kept = append(kept, field)
		}
	}
	switch obj := merged.(type) {
	case *rbacv1.ClusterRole:
		keeps("aggregationRule", obj.AggregationRule != nil)
		if doubtful {
			kept = append(kept, keptLabels(obj.Labels, fields)...)
			keeps("rules", len(obj.Rules) > 0 && obj.AggregationRule == nil)
		}
	case *networkingv1.NetworkPolicy:
		kept = append(kept, keptSpec(&obj.Spec, fields)...)
	case *rbacv1.Role:
		keeps("rules", doubtful && len(obj.Rules) > 0)
	case *rbacv1.RoleBinding:
		keeps("subjects", doubtful && len(obj.Subjects) > 0)
	case *rbacv1.ClusterRoleBinding:
		keeps("subjects", doubtful && len(obj.Subjects) > 0)
	}
	if len(kept) == 0 {
		return ""
	}
	note := fmt.Sprintf("%s: it keeps what --with leaves out, as with kubectl apply: %s", refOf(merged), strings.Join(kept, ", "))
	if doubtful {
		note += " (unless kubectl apply put it there, which the input does not tell)"
	}
	return note
}

// keptLabels names the labels that the file lacks: they decide which
// aggregated ClusterRoles take over the rules.
func keptLabels(labels map[string]string, fields map[string]any) []string {
	metadata, _ := fields["metadata"].(map[string]any)
	given, _ := metadata["labels"].(map[string]any)
	var kept []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if _, ok := given[key]; !ok {
			kept = append(kept, "label "+key)
		}
	}
	return kept
}

// keptSpec names the parts of a policy that the file lacks: what is taken for
// a denial keeps its rules.
func keptSpec(spec *networkingv1.NetworkPolicySpec, fields map[string]any) []string {
	given, _ := fields["spec"].(map[string]any)
	var kept []string
	for _, part := range []struct {
		name string
		has  bool
	}{{"ingress", len(spec.Ingress) > 0}, {"egress", len(spec.Egress) > 0}, {"policyTypes", len(spec.PolicyTypes) > 0}} {
		if _, ok := given[part.name]; !ok && part.has {
			kept = append(kept, "spec."+part.name)
		}
	}
	return kept
}

// refOf names an object.
func refOf(obj Object) Ref {
	kind := schema.GroupKind{Group: obj.GetObjectKind().GroupVersionKind().Group, Kind: kindName(obj)}
	return Ref{Kind: kind, Namespace: obj.GetNamespace(), Name: obj.GetName()}
}

// RoleRefError says that a binding exists with another roleRef, which the API
// server lets nobody change.
type RoleRefError struct{ Ref Ref }

// Error names the binding.
func (e *RoleRefError) Error() string {
	name := e.Ref.Name
	if e.Ref.Namespace != "" {
		name = e.Ref.Namespace + "/" + name
	}
	return fmt.Sprintf("%s %s: the API server refuses another roleRef for a binding that exists", e.Ref.Kind.Kind, name)
}
