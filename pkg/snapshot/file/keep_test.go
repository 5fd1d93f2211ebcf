package file

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestKeepAnnotation(t *testing.T) {
	tests := []struct {
		key  string
		want bool
	}{
		{"kubectl-secure.io/dropped", true},
		{"kubectl-secure.io/ignore", true},
		{"kubectl-secure.io/note", false},
		{"rbac.authorization.kubernetes.io/autoupdate", true},
		{"rbac.authorization.kubernetes.io/autoupdate2", false},
		{"kubernetes.io/service-account.name", true},
		{"kubernetes.io/service-account.uid", true},
		{"kubernetes.io/service-accounts", false},
		{"kubernetes.io/config.mirror", true},
		{"kubernetes.io/description", false},
		{"container.apparmor.security.beta.kubernetes.io/web", true},
		{"pod-policies.kyverno.io/autogen-controllers", true},
		{"openshift.io/scc", true},
		{"openshift.io/description", false},
		{"openshift.io/sa.scc.mcs", true},
		{"eks.amazonaws.com/role-arn", true},
		{"eks.amazonaws.com/note", false},
		{"kubectl.kubernetes.io/last-applied-configuration", false},
		{"deployment.kubernetes.io/revision", false},
		{"note", false},
		{"", false},
	}
	for _, tt := range tests {
		if got := keepAnnotation(tt.key); got != tt.want {
			t.Errorf("%q is kept: %v", tt.key, got)
		}
	}
}

func TestIsWord(t *testing.T) {
	for text, want := range map[string]bool{
		"arn:aws:iam::111122223333:role/web":  true,
		"s0:c26,c5":                           true,
		"web@project.iam.gserviceaccount.com": true,
		"default/macvlan@eth1,other":          true,
		"":                                    true,
		`[{"name":"macvlan","cni-args":{"pw":"x"}}]`: false,
		"two words":              false,
		"line\nline":             false,
		strings.Repeat("x", 257): false,
	} {
		if got := isWord(text); got != want {
			t.Errorf("isWord(%q) = %v", text, got)
		}
	}
}

func TestRedactorLeavesUnknownKindsMetadataOnly(t *testing.T) {
	r, err := NewRedactor()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, apiVersion, kind string
		decided                bool
	}{
		{"policy", "kyverno.io/v1", "ClusterPolicy", true},
		{"definition", "apiextensions.k8s.io/v1", "CustomResourceDefinition", true},
		{"constraint of any kind", "constraints.gatekeeper.sh/v1beta1", "MadeUp", true},
		{"other kind of a known group", "projectcalico.org/v3", "RemoteClusterConfiguration", false}, // holds an etcd password
		{"generator", "generators.external-secrets.io/v1alpha1", "Fake", false},
		{"release with values", "helm.toolkit.fluxcd.io/v2", "HelmRelease", false},
		{"application with values", "argoproj.io/v1alpha1", "Application", false},
		{"group that ends like a known one", "not-kyverno.io/v1", "ClusterPolicy", false},
		{"version named as a known group", "x.io/cilium.io", "CiliumNetworkPolicy", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			obj := &unstructured.Unstructured{Object: map[string]any{
				"apiVersion": tt.apiVersion, "kind": tt.kind, "metadata": map[string]any{"name": "x"}, "spec": "s", "status": "t",
			}}
			want := map[string]any{"apiVersion": tt.apiVersion, "kind": tt.kind, "metadata": map[string]any{"name": "x"}}
			if tt.decided {
				want["spec"], want["status"] = "", ""
			}
			if diff := cmp.Diff(want, r.Redact(obj).(*unstructured.Unstructured).Object); diff != "" {
				t.Errorf("object (-want +got):\n%s", diff)
			}
			if got := r.Decided(obj.GroupVersionKind().GroupKind()); got != tt.decided {
				t.Errorf("decided: %v", got)
			}
		})
	}
}
