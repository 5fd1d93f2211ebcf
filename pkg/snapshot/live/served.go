package live

import (
	"context"
	"encoding/json"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// keeps reports whether a gap of the need is one of the snapshot.
func keeps(need snapshot.Need, g snapshot.Gap, whole bool) bool {
	switch {
	case !need.Optional:
		return true
	case g.Reason == snapshot.Forbidden:
		return whole || need.IfServed
	default:
		return g.Reason != snapshot.NotServed
	}
}

// unserved drops the gaps of a need that may not be read where the server says
// that it does not serve the type: authorization comes before the question
// whether there is such a type.
func (c *client) unserved(ctx context.Context, need snapshot.Need, r *result) {
	forbidden := func(g snapshot.Gap) bool { return g.Reason == snapshot.Forbidden }
	if need.Optional && need.IfServed && slices.ContainsFunc(r.gaps, forbidden) && !c.mayServe(ctx, need.Type) {
		r.gaps = slices.DeleteFunc(r.gaps, forbidden)
	}
}

// mayServe is false only where the server says so.
func (c *client) mayServe(ctx context.Context, t schema.GroupVersionResource) bool {
	answer, err := c.do(quiet(ctx, false), c.typed.Get().AbsPath("apis", t.Group, t.Version).SetHeader("Accept", acceptJSON))
	if err != nil {
		return !apierrors.IsNotFound(err)
	}
	body, err := answer.Raw()
	if err != nil {
		return true
	}
	var served metav1.APIResourceList
	if json.Unmarshal(body, &served) != nil || served.Kind != "APIResourceList" {
		return true
	}
	return slices.ContainsFunc(served.APIResources, func(r metav1.APIResource) bool { return r.Name == t.Resource })
}
