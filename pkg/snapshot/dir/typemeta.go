package dir

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// builtInKind reports whether the analyses know the type as a Go type. The
// error says why a type of a built-in group is none of them.
func builtInKind(gvk schema.GroupVersionKind) (bool, error) {
	recognized := scheme.Scheme.Recognizes(gvk)
	switch {
	case recognized && isStable(gvk.Version):
		return true, nil
	case !scheme.Scheme.IsGroupRegistered(gvk.Group):
		return false, nil
	case gvk.Group == "extensions":
		return false, errors.New("the group extensions is no longer served")
	}
	versions := scheme.Scheme.VersionsForGroupKind(gvk.GroupKind())
	if len(versions) == 0 {
		return false, fmt.Errorf("%s has no kind %q", gvk.GroupVersion(), gvk.Kind)
	}
	// The analyses read the stable version. The fields of older ones differ.
	for _, known := range versions {
		if isStable(known.Version) || !recognized {
			return false, fmt.Errorf("%s is read in version %s, not in %s", gvk.GroupKind(), known.Version, gvk.Version)
		}
	}
	return true, nil
}

// isStable reports whether a version is v1, v2, …: neither alpha nor beta.
func isStable(version string) bool {
	number, ok := strings.CutPrefix(version, "v")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}
