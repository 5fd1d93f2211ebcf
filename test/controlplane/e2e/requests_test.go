package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// scenario is one call of kubectl-secure, made by a user of its own on the
// audited cluster, and all that it requests of the API server.
type scenario struct {
	name    string
	command string // whose permissions the user has
	args    string
	want    []string
}

func (s scenario) user() string { return "audited: " + s.name }

// reads are the requests of every command about permissions, and also further
// ones.
func reads(also ...string) []string {
	return append([]string{
		"list clusterrolebindings.rbac.authorization.k8s.io", "list clusterroles.rbac.authorization.k8s.io",
		"list rolebindings.rbac.authorization.k8s.io", "list roles.rbac.authorization.k8s.io",
		"list serviceaccounts", "get configmaps/aws-auth", "list groups.user.openshift.io", "get /version",
	}, also...)
}

// clusterReads are reads without those that have no say outside of namespaces.
func clusterReads() []string {
	return slices.DeleteFunc(reads(), func(r string) bool {
		return strings.HasPrefix(r, "list roles.") || strings.HasPrefix(r, "list rolebindings.")
	})
}

// wholeReads are the requests for a snapshot: every type that is kept, who
// asks, and which cluster this is.
func wholeReads() []string {
	whole := []string{
		"list configmaps", "list namespaces", "list nodes", "list pods", "list secrets", "list services",
		"list daemonsets.apps", "list deployments.apps", "list replicasets.apps", "list statefulsets.apps",
		"list cronjobs.batch", "list jobs.batch",
		"list endpointslices.discovery.k8s.io", "list ingresses.networking.k8s.io", "list networkpolicies.networking.k8s.io",
		"list mutatingwebhookconfigurations.admissionregistration.k8s.io", "list validatingwebhookconfigurations.admissionregistration.k8s.io",
		"list validatingadmissionpolicies.admissionregistration.k8s.io", "list validatingadmissionpolicybindings.admissionregistration.k8s.io",
		"list customresourcedefinitions.apiextensions.k8s.io",
		"list clusterpolicies.kyverno.io", "list policies.kyverno.io",
		"list clustersecretstores.external-secrets.io", "list externalsecrets.external-secrets.io", "list secretstores.external-secrets.io",
		"list adminnetworkpolicies.policy.networking.k8s.io", "list baselineadminnetworkpolicies.policy.networking.k8s.io",
		"list clusternetworkpolicies.policy.networking.k8s.io", "list ciliumnetworkpolicies.cilium.io", "list ciliumclusterwidenetworkpolicies.cilium.io",
		"list networkpolicies.crd.projectcalico.org", "list globalnetworkpolicies.crd.projectcalico.org",
		"list gateways.gateway.networking.k8s.io", "list grpcroutes.gateway.networking.k8s.io", "list httproutes.gateway.networking.k8s.io",
		"list referencegrants.gateway.networking.k8s.io", "list tcproutes.gateway.networking.k8s.io", "list tlsroutes.gateway.networking.k8s.io",
		"list routes.route.openshift.io",
		"get namespaces/kube-system", "create selfsubjectreviews.authentication.k8s.io", "get /api", "get /apis",
	}
	reads := slices.DeleteFunc(reads(whole...), func(r string) bool { return r == "get configmaps/aws-auth" }) // the list has it
	return reads
}

// networkReads are the requests for an answer about the network.
func networkReads() []string {
	return []string{
		"list namespaces", "list nodes", "list pods", "list services",
		"list daemonsets.apps", "list deployments.apps", "list replicasets.apps", "list statefulsets.apps",
		"list cronjobs.batch", "list jobs.batch", "list endpointslices.discovery.k8s.io", "list networkpolicies.networking.k8s.io",
		"list adminnetworkpolicies.policy.networking.k8s.io", "list baselineadminnetworkpolicies.policy.networking.k8s.io",
		"list clusternetworkpolicies.policy.networking.k8s.io", "list ciliumnetworkpolicies.cilium.io", "list ciliumclusterwidenetworkpolicies.cilium.io",
		"list networkpolicies.crd.projectcalico.org", "list globalnetworkpolicies.crd.projectcalico.org",
		"list ingresses.networking.k8s.io",
		"list gateways.gateway.networking.k8s.io", "list grpcroutes.gateway.networking.k8s.io", "list httproutes.gateway.networking.k8s.io",
		"list referencegrants.gateway.networking.k8s.io", "list tcproutes.gateway.networking.k8s.io", "list tlsroutes.gateway.networking.k8s.io",
		"list routes.route.openshift.io",
		"get /version",
	}
}

func scenarios() []scenario {
	const (
		review = "create subjectaccessreviews.authorization.k8s.io"
		me     = "create selfsubjectreviews.authentication.k8s.io"
	)
	discovery := []string{"get /api", "get /apis"}
	return []scenario{
		{"who-can in a namespace", "who-can", "who-can get secrets -n shop", reads()},
		{"who-can everywhere", "who-can", "who-can get secrets -A -o json", reads()},
		{"who-can of a cluster-scoped type", "who-can", "who-can get nodes", clusterReads()},
		{"who-can of a URL", "who-can", "who-can get /metrics", clusterReads()},
		{"who-can with pods", "who-can", "who-can get secrets -A -o wide", reads("list pods")},
		{"who-can of a custom type", "who-can", "who-can list widgets -n shop", reads(discovery...)},
		{"who-can of a type that is not served", "who-can", "who-can list things.nowhere.example -n shop", reads(discovery...)},
		{"who-can verified", "who-can", "who-can get secrets -n shop --verify", reads(review)},
		{"who-can expanded", "who-can", "who-can get secrets -n shop --expand", reads()},
		{"who-can check", "who-can check", "who-can check assertions.yaml", reads()},
		{"who-can check of a custom type", "who-can check", "who-can check custom.yaml", reads(discovery...)},
		{"why", "why", "why user/x get secrets -n shop", reads()},
		{"why of a custom type", "why", "why sa/web list widgets -n shop", reads(discovery...)},
		{"why of a pod", "why", "why pod/web get secrets -n shop", reads("get pods/web")},
		{"why of the caller", "why", "why me get secrets -n shop", reads(me)},
		{"why of the caller verified", "why", "why me get secrets -n shop --verify", reads(me, "create selfsubjectaccessreviews.authorization.k8s.io")},
		{"why verified", "why", "why sa/shop/worker get secrets -n shop --verify", reads(review)},
		{"why with a fix", "why", "why sa/shop/web delete pods -n shop -o fix", reads()},
		{"what-can", "what-can", "what-can sa/shop/web", reads()},
		{"what-can everywhere", "what-can", "what-can user/x -A -o wide", reads()},
		{"what-can of a pod", "what-can", "what-can pod/shop/web", reads("get pods/web")},
		{"what-can of the caller", "what-can", "what-can me -n shop", reads(me)},
		{"netpol-sim", "netpol-sim", "netpol-sim shop/web shop/web", networkReads()},
		{"netpol-sim matrix", "netpol-sim matrix", "netpol-sim matrix -n shop", networkReads()},
		{"netpol-sim reach", "netpol-sim reach", "netpol-sim reach shop/web --from --to", networkReads()},
		{"netpol-sim diff", "netpol-sim diff", "netpol-sim diff --without shop/pod/web", networkReads()},
		{"netpol-sim lint", "netpol-sim lint", "netpol-sim lint", networkReads()},
		{"netpol-sim generate", "netpol-sim generate", "netpol-sim generate shop/web", networkReads()},
		{"netpol-sim check", "netpol-sim check", "netpol-sim check flows.yaml", networkReads()},
		{"snapshot save", "snapshot save", "snapshot save cluster.json", wholeReads()},
		{"snapshot save with values", "snapshot save", "snapshot save --include-config -", wholeReads()},
		{"snapshot diff", "snapshot diff", "snapshot diff demo live", wholeReads()},
		{"permissions", "permissions", "permissions", []string{"create selfsubjectaccessreviews.authorization.k8s.io"}},
		{"version", "who-can", "version", nil},
		{"completion", "who-can", "__complete who-can get sec", nil},
	}
}

// TestRequests runs every command as a user who has nothing but the role that
// "permissions" prints for it, and reads the audit log: which requests it
// made, that its role allowed each, and that none of them reads or changes
// anything that it should not.
func TestRequests(t *testing.T) {
	t.Parallel()
	cp := auditedCluster(t)
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			for file, assertion := range map[string]string{
				"assertions.yaml": "- {who: sa/shop/worker, can: get, resource: secrets, namespace: shop}",
				"custom.yaml":     "- {who: sa/shop/web, can: list, resource: widgets.shop.example, namespace: shop}",
				"flows.yaml":      "- {from: shop/web, to: shop/web, expect: allow}",
			} {
				if err := os.WriteFile(filepath.Join(home, file), []byte(assertion), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			stdout, stderr, exit := command{cluster: cp, user: sc.user(), args: strings.Fields(sc.args), home: home}.run(t)
			if exit != 0 || strings.Contains(stderr, "incomplete") {
				t.Errorf("exit %d, want 0 and a complete answer; stderr:\n%s", exit, stderr)
			}
			if strings.Contains(stdout, "e2e-secret-value") {
				t.Error("the value of a secret is in the output")
			}
			events := auditOf(t, cp, sc.user())
			want := slices.Clone(sc.want)
			slices.Sort(want)
			if diff := cmp.Diff(want, requests(events)); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			for _, e := range events {
				checkRequest(t, sc, e)
			}
		})
	}
}

func checkRequest(t *testing.T, sc scenario, e auditEvent) {
	t.Helper()
	// The audit log has the authorizer's own words.
	const decision, reason = "authorization.k8s.io/decision", "authorization.k8s.io/reason"
	if e.Annotations[decision] != "allow" || !strings.Contains(e.Annotations[reason], `ClusterRoleBinding "`+sc.user()+`"`) {
		t.Errorf("%s: the role of %s does not allow it: %v", e, sc.command, e.Annotations)
	}
	switch {
	case e.Verb == "get" || e.Verb == "list":
	case e.Verb == "create" && strings.HasSuffix(e.ObjectRef.Resource, "reviews") && strings.HasSuffix(e.ObjectRef.APIGroup, ".k8s.io"):
		// A question in the form of an object, which is not stored.
	default:
		t.Errorf("%s changes something", e)
	}
	if e.ObjectRef == nil || e.ObjectRef.Resource != "secrets" {
		return
	}
	if !strings.HasPrefix(sc.command, "snapshot ") {
		t.Errorf("%s: %s reads secrets", e, sc.command)
	}
	if e.Verb != "list" || e.ResponseStatus.Code != 200 || e.ResponseObject.Kind != "PartialObjectMetadataList" {
		t.Errorf("%s: answered %d with a %s, want metadata only", e, e.ResponseStatus.Code, e.ResponseObject.Kind)
	}
}

// TestPermissionsAreNeeded: what "permissions" asks an administrator for is
// used by one of the scenarios of the command.
func TestPermissionsAreNeeded(t *testing.T) {
	t.Parallel()
	used := map[string][]string{}
	for _, sc := range scenarios() {
		used[sc.command] = append(used[sc.command], sc.want...)
	}
	for name, requests := range used {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"permissions", "--demo", "-o", "json"}, strings.Fields(name)...)
			stdout, stderr, exit := command{args: args}.run(t)
			var report struct {
				Permissions []struct{ Verb, APIGroup, Resource, Name, NonResourceURL string }
			}
			if err := json.Unmarshal([]byte(stdout), &report); err != nil || exit != 0 || len(report.Permissions) == 0 {
				t.Fatalf("exit %d, %v, stderr:\n%s", exit, err, stderr)
			}
			for _, p := range report.Permissions {
				want := p.Verb + " " + p.NonResourceURL
				if p.Resource != "" {
					want += schema.GroupResource{Group: p.APIGroup, Resource: p.Resource}.String()
				}
				if p.Name != "" {
					want += "/" + p.Name
				}
				if !slices.ContainsFunc(requests, func(r string) bool { return r == want || p.Name == "" && strings.HasPrefix(r, want+"/") }) {
					t.Errorf("nothing needs %q", want)
				}
			}
		})
	}
}
