package snapshot

import "k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

// dropFromRoute removes the private key that a Route of OpenShift may hold
// itself.
// Source: TLSConfig in github.com/openshift/api/route/v1.
func dropFromRoute(obj *unstructured.Unstructured) {
	if gvk := obj.GroupVersionKind(); gvk.Group == "route.openshift.io" && gvk.Kind == "Route" {
		unstructured.RemoveNestedField(obj.Object, "spec", "tls", "key")
	}
}
