package dir_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadWarnings(t *testing.T) {
	const (
		head = "apiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: x}\n"
		ref  = "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
	)
	tests := []struct {
		name string
		text string
		want []string
	}{
		{"good Role", head + "kind: Role\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n", nil},
		{"good ClusterRole", head + "kind: ClusterRole\nrules: [{nonResourceURLs: [/metrics], verbs: [get]}]\n", nil},
		{"good bindings", head + "kind: RoleBinding\nsubjects: [{kind: ServiceAccount, name: a}, {kind: User, name: u}]\n" + ref + "---\n" + head + "kind: ClusterRoleBinding\nsubjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: g}]\nroleRef: {kind: ClusterRole, name: 'system:view'}\n", nil},
		{"no verbs", head + "kind: Role\nrules: [{apiGroups: [''], resources: [pods]}]\n", []string{refused("Role", "rules[0] has no verbs")}},
		{"no groups, no resources", head + "kind: ClusterRole\nrules: [{verbs: [get]}]\n", []string{refused("ClusterRole", "rules[0] has no apiGroups"), refused("ClusterRole", "rules[0] has no resources")}},
		{"URLs in a Role", head + "kind: Role\nrules: [{nonResourceURLs: [/x], verbs: [get]}]\n", []string{refused("Role", "rules[0] has nonResourceURLs, which only a ClusterRole may have")}},
		{"URLs and resources", head + "kind: ClusterRole\nrules: [{nonResourceURLs: [/x], resources: [pods], verbs: [get]}]\n", []string{refused("ClusterRole", "rules[0] has both nonResourceURLs and resources")}},
		{"aggregation of nothing", head + "kind: ClusterRole\naggregationRule: {}\n", []string{refused("ClusterRole", "aggregationRule has no clusterRoleSelectors")}},
		{"selector of an unknown operator", head + "kind: ClusterRole\naggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: a, operator: Is}]}]}\n", []string{refused("ClusterRole", `aggregationRule.clusterRoleSelectors[0]: "Is" is not a valid label selector operator`)}},
		{"roleRef of another kind", head + "kind: ClusterRoleBinding\nroleRef: {apiGroup: x, kind: Role, name: a/b}\n", []string{
			refused("ClusterRoleBinding", `roleRef.apiGroup is "x", not "rbac.authorization.k8s.io"`),
			refused("ClusterRoleBinding", `roleRef.kind is "Role", not one of ["ClusterRole"]`),
			refused("ClusterRoleBinding", `roleRef.name may not contain '/'`),
		}},
		{"no roleRef", head + "kind: RoleBinding\n", []string{refused("RoleBinding", `roleRef.kind is "", not one of ["Role" "ClusterRole"]`), refused("RoleBinding", "roleRef has no name")}},
		{"subjects", head + "kind: ClusterRoleBinding\nsubjects:\n- {kind: ServiceAccount, name: A_b, apiGroup: x}\n- {kind: User, apiGroup: v1}\n- {kind: Robot, name: r}\n" + ref, []string{
			refused("ClusterRoleBinding", "subjects[0].name: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"),
			refused("ClusterRoleBinding", `subjects[0].apiGroup is "x", not empty`),
			refused("ClusterRoleBinding", "subjects[0], a ServiceAccount, has no namespace"),
			refused("ClusterRoleBinding", "subjects[1] has no name"),
			refused("ClusterRoleBinding", `subjects[1].apiGroup is "v1", not "rbac.authorization.k8s.io"`),
			refused("ClusterRoleBinding", `subjects[2].kind is "Robot", not one of User, Group, ServiceAccount`),
		}},
		{"name with a slash", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a/b}\n", []string{`in.yaml:1: Role/a/b: the API server would refuse this: metadata.name may not contain '/'`}},
		{"misspelt fields", head + "kind: Role\nrule: []\nrules: [{apigroup: [''], apiGroups: [''], resources: [pods], resource: [x], verbs: [get]}]\n", []string{
			`in.yaml:1: Role/x: unknown field "rule": the API server ignores or refuses it`,
			`in.yaml:1: Role/x: unknown field "rules[0].apigroup": the API server ignores or refuses it`,
			`in.yaml:1: Role/x: unknown field "rules[0].resource": the API server ignores or refuses it`,
		}},
		{"misspelt field of a NetworkPolicy", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x}\nspec: {podselector: {}}\n", []string{`in.yaml:1: NetworkPolicy/x: unknown field "spec.podselector": the API server ignores or refuses it`}},
		{"repeated key in YAML", head + "kind: Role\nrules: []\nrules:\n- {apiGroups: [''], resources: [pods], verbs: [get]}\n", []string{`in.yaml:1: a key is there more than once, and the last one counts: line 6: key "rules" already set in map`}},
		{"repeated key in JSON", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"x"},"rules":[],"rules":[]}`, []string{`in.yaml:1: Role/x: duplicate field "rules": the API server ignores or refuses it`}},
		{"merge key set again", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {<<: &a {k: v}, k: w}\n", nil},
		{"generated names", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {generateName: x-}\n", []string{"in.yaml:1: Role: it has only generateName, so that each creation makes another one; it is called x-<in.yaml:1> here"}},
		{"skipped one", "replicas: 1\n", []string{"skipped 1 document that is no Kubernetes object (without apiVersion and kind, or the configuration of a program)"}},
		{"skipped", "replicas: 1\n---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a]\n---\napiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: []\n", []string{"skipped 3 documents that are no Kubernetes objects (without apiVersion and kind, or the configuration of a program)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, "in.yaml", tt.text+"\n---\n"+pod("good"))
			if diff := cmp.Diff(tt.want, s.Warnings()); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if len(s.Gaps()) > 0 {
				t.Errorf("gaps %q", details(s))
			}
		})
	}
}

func refused(kind, words string) string {
	return "in.yaml:1: " + kind + "/x: the API server would refuse this: " + words
}
