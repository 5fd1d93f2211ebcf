package dir

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/kubernetes/scheme"
)

// builtInKind reports whether the analyses know the type as a Go type. The
// error says why a type of a built-in group is none of them.
func builtInKind(gvk schema.GroupVersionKind) (bool, error) {
	if !scheme.Scheme.IsGroupRegistered(gvk.Group) {
		return false, nil
	}
	versions := scheme.Scheme.VersionsForGroupKind(gvk.GroupKind())
	if len(versions) == 0 {
		return false, fmt.Errorf("%s has no kind %q", gvk.GroupVersion(), gvk.Kind)
	}
	if !scheme.Scheme.Recognizes(gvk) {
		return false, fmt.Errorf("%s is not known in version %q", gvk.GroupKind(), gvk.Version)
	}
	// The analyses read the stable version. The fields of older ones differ.
	for _, known := range versions {
		if isStable(known.Version) && !isStable(gvk.Version) {
			return false, fmt.Errorf("%s is read in version %s only, not in %s", gvk.GroupKind(), known.Version, gvk.Version)
		}
	}
	if gvk.Group == "extensions" {
		return false, fmt.Errorf("the group extensions is no longer served")
	}
	return true, nil
}

// isStable reports whether a version is v1, v2, …: neither alpha nor beta.
func isStable(apiVersion string) bool {
	_, err := version.ParseMajorMinor(apiVersion + ".0")
	return err == nil
}
