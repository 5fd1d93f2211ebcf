package file

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// keptAnnotations returns the annotations that analyses read; a name that ends
// in "/", "." or "-" stands for all that begin with it. None of them carries
// free text.
func keptAnnotations() []string {
	return []string{
		"kubectl-secure.io/", // what this program noted
		"rbac.authorization.kubernetes.io/autoupdate",
		"kubernetes.io/service-account.", // name and uid, on token Secrets
		"kubernetes.io/enforce-mountable-secrets",
		"kubernetes.io/config.", // static pods
		"container.apparmor.security.beta.kubernetes.io/",
		"seccomp.security.alpha.kubernetes.io/",
		"storageclass.kubernetes.io/is-default-class",
		"pod-policies.kyverno.io/",    // which controllers a policy covers
		"k8s.v1.cni.cncf.io/networks", // second network interfaces escape network policies
		"openshift.io/scc",
		"openshift.io/sa.scc.", // UID ranges of a namespace
		// The cloud identities of service accounts.
		"eks.amazonaws.com/role-arn",
		"iam.gke.io/gcp-service-account",
		"azure.workload.identity/client-id",
	}
}

func keepAnnotation(key string) bool {
	return slices.ContainsFunc(keptAnnotations(), func(kept string) bool {
		if strings.HasSuffix(kept, "/") || strings.HasSuffix(kept, ".") || strings.HasSuffix(kept, "-") {
			return strings.HasPrefix(key, kept)
		}
		return key == kept
	})
}

// keptGroups returns the API groups whose custom resources are saved whole:
// policies, definitions and memberships, which analyses read. Of all others
// the metadata is saved only: their content is free (Helm values, for one).
func keptGroups() []string {
	return []string{
		"apiextensions.k8s.io", "apiregistration.k8s.io",
		"kyverno.io", "policies.kyverno.io",
		"templates.gatekeeper.sh", "constraints.gatekeeper.sh", "config.gatekeeper.sh",
		"user.openshift.io", "security.openshift.io", "authorization.openshift.io",
		"projectcalico.org", "crd.projectcalico.org", "cilium.io", "policy.networking.k8s.io",
		"external-secrets.io", "secrets-store.csi.x-k8s.io",
	}
}

func redactCustom(obj *unstructured.Unstructured) {
	if slices.Contains(keptGroups(), obj.GroupVersionKind().Group) {
		return
	}
	for field := range obj.Object {
		if field != "apiVersion" && field != "kind" && field != "metadata" {
			delete(obj.Object, field)
		}
	}
}
