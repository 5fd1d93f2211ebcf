package file

import (
	"reflect"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// keptAnnotations returns the annotations that analyses read; a name that ends
// in "/", "." or "-" stands for all that begin with it.
func keptAnnotations() []string {
	return []string{
		snapshot.DroppedAnnotation,
		"kubectl-secure.io/ignore", // names of checks
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
		// Who may unseal a sealed secret, and where.
		"sealedsecrets.bitnami.com/cluster-wide",
		"sealedsecrets.bitnami.com/namespace-wide",
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

// maxWord is the length up to which an annotation can be a name.
const maxWord = 256

// isWord reports whether a text has the form of a name, an ARN, a range or a
// list of them. Others, as JSON, can hold anything.
func isWord(text string) bool {
	return len(text) <= maxWord && !strings.ContainsFunc(text, func(r rune) bool {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return false
		default:
			return !strings.ContainsRune("-._:/@,*", r)
		}
	})
}

// applyAnnotations keeps the annotations that analyses read: their values too
// when they are words.
func applyAnnotations(v reflect.Value) {
	if v.Kind() != reflect.Map {
		empty(v)
		return
	}
	for _, key := range v.MapKeys() {
		value := v.MapIndex(key)
		if value.Kind() == reflect.Interface {
			value = value.Elem()
		}
		switch {
		case !keepAnnotation(key.String()) || value.Kind() != reflect.String:
			v.SetMapIndex(key, reflect.Value{})
		case !isWord(value.String()):
			v.SetMapIndex(key, reflect.ValueOf(""))
		}
	}
	if v.Len() == 0 {
		v.SetZero()
	}
}

// metaShape returns what is saved of an object's metadata. Managed fields,
// which name the fields and keys of an object and say when they were written,
// stay on Secrets only.
func metaShape(ofSecret bool) *shape {
	all, scalar := &shape{mode: keepAll}, &shape{mode: keepScalar}
	meta := &shape{mode: keepFields, fields: map[string]*shape{
		"labels":          {mode: keepMap},
		"annotations":     {mode: keepAnnotations},
		"ownerReferences": {mode: keepFields, fields: map[string]*shape{}},
	}}
	for _, field := range []string{
		"name", "generateName", "namespace", "uid", "resourceVersion", "generation", "finalizers",
		"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
	} {
		meta.fields[field] = scalar
	}
	for _, field := range []string{"apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"} {
		meta.fields["ownerReferences"].fields[field] = scalar
	}
	meta.fields["managedFields"] = &shape{mode: keepNothing}
	if ofSecret {
		meta.fields["managedFields"] = all
	}
	return meta
}
