package demo_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// mistakes says for each mistake how to see, in the objects alone, that it is
// still made: an edit that repairs one by chance fails here.
func mistakes() map[string]func(c cluster) bool {
	return map[string]func(c cluster) bool{
		"aggregated-secrets": func(c cluster) bool {
			role := c.clusterRoles["shop-view-extras"]
			return role.Labels["rbac.authorization.k8s.io/aggregate-to-view"] == "true" && grants(role.Rules, "", "secrets", "list")
		},
		"aggregation-widens-oncall": func(c cluster) bool {
			gathered := c.clusterRoles["oncall"].AggregationRule.ClusterRoleSelectors[0].MatchLabels
			label := c.clusterRoles["oncall-shell"].Labels["shop.example.org/aggregate-to-oncall"]
			return gathered["shop.example.org/aggregate-to-oncall"] == label && grants(c.clusterRoles["oncall-shell"].Rules, "", "pods/exec", "create")
		},
		"bind-escalate": func(c cluster) bool {
			rules := c.clusterRoles["platform-team"].Rules
			return grants(rules, rbacv1.GroupName, "clusterroles", "bind") && grants(rules, rbacv1.GroupName, "clusterroles", "escalate")
		},
		"ci-cluster-admin": func(c cluster) bool {
			return bound(c.clusterBindings["ci-deployer"], "cluster-admin", "ServiceAccount", "ci", "deployer")
		},
		"core-group-typo": func(c cluster) bool {
			return grants(c.roles["payments/ledger-config"].Rules, "core", "secrets", "get")
		},
		"dangling-roleref": func(c cluster) bool {
			ref := c.bindings["warehouse/stock-import"].RoleRef
			return ref.Kind == "Role" && c.roles["warehouse/"+ref.Name] == nil
		},
		"dangling-secret": func(c cluster) bool {
			job := c.cronJobs["payments/reconcile"].Spec
			ref := job.JobTemplate.Spec.Template.Spec.Containers[0].Env[0].ValueFrom.SecretKeyRef
			return *job.Suspend && c.secrets["payments/"+ref.Name] == nil
		},
		"default-reads-secrets": func(c cluster) bool {
			return c.bindings["shop/legacy-secret-reader"].Subjects[0].Name == "default" &&
				grants(c.roles["shop/secret-reader"].Rules, "", "secrets", "list") &&
				c.pods["shop/debug-tools"].Spec.ServiceAccountName == "default"
		},
		"everyone-authenticated": func(c cluster) bool {
			return bound(c.clusterBindings["status-page"], "status-page", "Group", "", "system:authenticated")
		},
		"exec-in-production": func(c cluster) bool {
			return c.bindings["shop/developers-debug"].Subjects[0].Name == "oidc:developers" &&
				grants(c.roles["shop/developers-debug"].Rules, "", "pods/exec", "create")
		},
		"ghost-subject": func(c cluster) bool {
			subject := c.bindings["payments/batch-export"].Subjects[0]
			return subject.Kind == "ServiceAccount" && c.accounts["payments/"+subject.Name] == nil
		},
		"helpdesk-impersonates": func(c cluster) bool {
			return grants(c.clusterRoles["helpdesk-impersonator"].Rules, "", "groups", "impersonate")
		},
		"label-opts-out": func(c cluster) bool {
			return c.policyBindings["trusted-registries-production"].Spec.MatchResources.NamespaceSelector.MatchLabels["environment"] == "production" &&
				c.namespaces["ci"].Labels["environment"] != "production"
		},
		"long-lived-token": func(c cluster) bool {
			secret := c.secrets["ci/deployer-token"]
			return secret.Type == corev1.SecretTypeServiceAccountToken && secret.Annotations[corev1.ServiceAccountNameKey] == "deployer"
		},
		"names-on-list": func(c cluster) bool {
			rule := c.roles["shop/cart-cache"].Rules[0]
			return len(rule.ResourceNames) > 0 && slices.Contains(rule.Verbs, "list") && slices.Contains(rule.Verbs, "create")
		},
		"no-pod-security": func(c cluster) bool {
			for label := range c.namespaces["ci"].Labels {
				if strings.HasPrefix(label, "pod-security.kubernetes.io/") {
					return false
				}
			}
			return *c.deployments["ci/image-builder"].Spec.Template.Spec.Containers[0].SecurityContext.Privileged
		},
		"nodes-proxy": func(c cluster) bool {
			return grants(c.clusterRoles["prometheus"].Rules, "", "nodes/proxy", "get")
		},
		"nodes-through-rolebinding": func(c cluster) bool {
			return c.bindings["monitoring/grafana-nodes"].RoleRef.Name == "node-reader" && grants(c.clusterRoles["node-reader"].Rules, "", "nodes", "list")
		},
		"open-secret-store": func(c cluster) bool {
			_, limited, err := unstructured.NestedSlice(c.stores["vault"], "spec", "conditions")
			return err == nil && !limited
		},
		"operator-all-secrets": func(c cluster) bool {
			rules := c.clusterRoles["external-secrets-controller"].Rules
			return grants(rules, "", "secrets", "list") && grants(rules, "", "serviceaccounts/token", "create")
		},
		"operator-wildcard": func(c cluster) bool {
			return grants(c.clusterRoles["argocd-application-controller"].Rules, "*", "*", "*")
		},
		"password-in-configmap": func(c cluster) bool {
			return strings.Contains(c.configMaps["shop/catalog-settings"].Data["DATABASE_URL"], ":demo-not-a-secret@")
		},
		"password-in-env": func(c cluster) bool {
			return c.deployments["warehouse/legacy-erp"].Spec.Template.Spec.Containers[0].Env[0].Value == "demo-not-a-secret"
		},
		"pods-star": func(c cluster) bool { return grants(c.roles["shop/support-pods"].Rules, "", "pods/*", "get") },
		"policy-selects-nothing": func(c cluster) bool {
			return c.networkPolicies["warehouse/inventory"].Spec.PodSelector.MatchLabels["app"] == "inventroy"
		},
		"policy-without-binding": func(c cluster) bool {
			for _, binding := range c.policyBindings {
				if binding.Spec.PolicyName == "no-node-ports" {
					return false
				}
			}
			return c.policies["no-node-ports"] != nil
		},
		"service-port-in-policy": func(c cluster) bool {
			port := c.services["payments/fraud-scorer"].Spec.Ports[0]
			return c.networkPolicies["payments/fraud-scorer"].Spec.Ingress[0].Ports[0].Port.IntVal == port.Port && port.TargetPort.IntVal != port.Port
		},
		"subject-without-namespace": func(c cluster) bool {
			subject := c.bindings["warehouse/inventory"].Subjects[0]
			return subject.Kind == "ServiceAccount" && subject.Namespace == ""
		},
		"token-creation": func(c cluster) bool {
			rules := c.roles["platform/pipeline-tokens"].Rules
			return grants(rules, "", "serviceaccounts/token", "create") && len(rules[0].ResourceNames) == 0
		},
		"unused-secret": func(c cluster) bool { return c.secrets["shop/old-newsletter-api"] != nil },
		"user-names-serviceaccount": func(c cluster) bool {
			subject := c.bindings["ci/runner"].Subjects[0]
			return subject.Kind == "User" && subject.Name == "system:serviceaccount:ci:runner"
		},
		"webhook-fails-open": func(c cluster) bool {
			hook := c.webhooks["image-signatures"].Webhooks[0]
			return *hook.FailurePolicy == admissionv1.Ignore && c.services["security/"+hook.ClientConfig.Service.Name] == nil
		},
	}
}

func TestMistakesAreMade(t *testing.T) {
	c := newCluster(readTree(t))
	for name, made := range mistakes() {
		t.Run(name, func(t *testing.T) {
			if !made(c) {
				t.Error("the mistake is not made any more")
			}
		})
	}
}

// Each mistake is marked where it is made and explained in the README.
func TestMistakesAreNamed(t *testing.T) {
	want := []string{}
	for name := range mistakes() {
		want = append(want, name)
	}
	slices.Sort(want)
	var marked []string
	for _, doc := range readTree(t) {
		marked = append(marked, doc.mistake...)
	}
	slices.Sort(marked)
	if diff := cmp.Diff(want, marked); diff != "" {
		t.Errorf("mistake comments in the YAML (-want +got):\n%s", diff)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(readme), "\n## The mistakes\n")
	if !ok {
		t.Fatal("README.md has no section on the mistakes")
	}
	var explained []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(section, -1) {
		explained = append(explained, row[1])
	}
	slices.Sort(explained)
	if diff := cmp.Diff(want, explained); diff != "" {
		t.Errorf("mistakes in the README (-want +got):\n%s", diff)
	}
}

type cluster struct {
	accounts        map[string]*corev1.ServiceAccount
	bindings        map[string]*rbacv1.RoleBinding
	clusterBindings map[string]*rbacv1.ClusterRoleBinding
	clusterRoles    map[string]*rbacv1.ClusterRole
	configMaps      map[string]*corev1.ConfigMap
	cronJobs        map[string]*batchv1.CronJob
	deployments     map[string]*appsv1.Deployment
	namespaces      map[string]*corev1.Namespace
	networkPolicies map[string]*networkingv1.NetworkPolicy
	pods            map[string]*corev1.Pod
	policies        map[string]*admissionv1.ValidatingAdmissionPolicy
	policyBindings  map[string]*admissionv1.ValidatingAdmissionPolicyBinding
	roles           map[string]*rbacv1.Role
	secrets         map[string]*corev1.Secret
	services        map[string]*corev1.Service
	stores          map[string]map[string]any
	webhooks        map[string]*admissionv1.ValidatingWebhookConfiguration
}

func newCluster(docs []document) cluster {
	return cluster{
		accounts:        all[*corev1.ServiceAccount](docs),
		bindings:        all[*rbacv1.RoleBinding](docs),
		clusterBindings: all[*rbacv1.ClusterRoleBinding](docs),
		clusterRoles:    all[*rbacv1.ClusterRole](docs),
		configMaps:      all[*corev1.ConfigMap](docs),
		cronJobs:        all[*batchv1.CronJob](docs),
		deployments:     all[*appsv1.Deployment](docs),
		namespaces:      all[*corev1.Namespace](docs),
		networkPolicies: all[*networkingv1.NetworkPolicy](docs),
		pods:            all[*corev1.Pod](docs),
		policies:        all[*admissionv1.ValidatingAdmissionPolicy](docs),
		policyBindings:  all[*admissionv1.ValidatingAdmissionPolicyBinding](docs),
		roles:           all[*rbacv1.Role](docs),
		secrets:         all[*corev1.Secret](docs),
		services:        all[*corev1.Service](docs),
		stores:          custom(docs, "ClusterSecretStore"),
		webhooks:        all[*admissionv1.ValidatingWebhookConfiguration](docs),
	}
}

// grants says whether a rule has these words, literally and without names.
func grants(rules []rbacv1.PolicyRule, group, resource, verb string) bool {
	return slices.ContainsFunc(rules, func(rule rbacv1.PolicyRule) bool {
		return slices.Contains(rule.APIGroups, group) && slices.Contains(rule.Resources, resource) &&
			slices.Contains(rule.Verbs, verb) && len(rule.ResourceNames) == 0
	})
}

func bound(binding *rbacv1.ClusterRoleBinding, role, kind, namespace, name string) bool {
	return binding.RoleRef.Name == role && slices.ContainsFunc(binding.Subjects, func(subject rbacv1.Subject) bool {
		return subject.Kind == kind && subject.Namespace == namespace && subject.Name == name
	})
}
