package snapshot

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// DroppedAnnotation is put on Secrets from which something was left out. Its
// value lists what there was: "data", "stringData", "last-applied" and
// "annotations" (copies that other tools keep), separated by commas.
const DroppedAnnotation = "kubectl-secure.io/dropped"

// dropSecretValues removes what must never be in a snapshot: the values of a
// Secret, also of one that something else carries, and the copies of the
// whole object in annotations, which would keep them.
func dropSecretValues(obj Object) {
	switch obj := obj.(type) {
	case *corev1.Secret:
		if len(obj.Data) > 0 {
			NoteDropped(obj, "data")
		}
		if len(obj.StringData) > 0 {
			NoteDropped(obj, "stringData")
		}
		obj.Data, obj.StringData = nil, nil
	case *corev1.ConfigMap:
		for key, text := range obj.Data {
			if HoldsSecret(text) {
				obj.Data[key] = ""
			}
		}
		for key, content := range obj.BinaryData {
			if HoldsSecret(string(content)) {
				obj.BinaryData[key] = []byte{}
			}
		}
	case *unstructured.Unstructured:
		dropEmbedded(obj.Object)
		dropFromPolicy(obj)
		dropFromRoute(obj)
	}
	dropFromAnnotations(obj)
}

// NoteDropped records in DroppedAnnotation that a part of a Secret was there
// and was left out.
func NoteDropped(secret Object, part string) {
	annotations := secret.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	var parts []string
	if noted := annotations[DroppedAnnotation]; noted != "" {
		parts = strings.Split(noted, ",")
	}
	if !slices.Contains(parts, part) {
		annotations[DroppedAnnotation] = strings.Join(append(parts, part), ",")
		secret.SetAnnotations(annotations)
	}
}

// keptOnSecrets returns the annotations of Secrets that analyses read. Values
// are put into all others: as copies of the object in any format, and as
// openshift.io/token-secret.value, which is a token.
func keptOnSecrets() []string {
	return []string{
		DroppedAnnotation,
		corev1.ServiceAccountNameKey,
		corev1.ServiceAccountUIDKey,
		// What made it, and for what.
		"cert-manager.io/alt-names",
		"cert-manager.io/certificate-name",
		"cert-manager.io/common-name",
		"cert-manager.io/ip-sans",
		"cert-manager.io/issuer-group",
		"cert-manager.io/issuer-kind",
		"cert-manager.io/issuer-name",
		"cert-manager.io/uri-sans",
		"meta.helm.sh/release-name",
		"meta.helm.sh/release-namespace",
		"openshift.io/internal-registry-auth-token.service-account",
		"openshift.io/token-secret.name",
		"sealedsecrets.bitnami.com/cluster-wide",
		"sealedsecrets.bitnami.com/managed",
		"sealedsecrets.bitnami.com/namespace-wide",
		"service.beta.openshift.io/originating-service-name",
		// When it was rotated and when it has to be.
		"auth.openshift.io/certificate-not-after",
		"auth.openshift.io/certificate-not-before",
		"force-sync", // of External Secrets, by its documentation
		"replicator.v1.mittwald.de/replicated-at",
		"replicator.v1.mittwald.de/replicated-from-version",
		"service.beta.openshift.io/expiry",
	}
}

// dropFromAnnotations removes the annotations that hold a copy of a Secret,
// and on a Secret itself all but those that are known to hold no value.
func dropFromAnnotations(obj Object) {
	annotations := obj.GetAnnotations()
	secret, isSecret := obj.(*corev1.Secret)
	var kept []string
	if isSecret && len(annotations) > 0 {
		kept = keptOnSecrets()
	}
	dropped := map[string]bool{}
	for key, text := range annotations {
		switch {
		case key == corev1.LastAppliedConfigAnnotation:
			dropped["last-applied"] = true
		case isSecret && !slices.Contains(kept, key), HoldsSecret(text):
			dropped["annotations"] = true
		default:
			continue
		}
		delete(annotations, key)
	}
	if len(dropped) == 0 {
		return
	}
	if len(annotations) == 0 {
		annotations = nil
	}
	obj.SetAnnotations(annotations)
	for _, part := range []string{"last-applied", "annotations"} {
		if isSecret && dropped[part] {
			NoteDropped(secret, part)
		}
	}
}
