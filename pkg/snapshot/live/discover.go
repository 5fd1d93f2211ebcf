package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// discovered is what Discover returns.
type discovered struct {
	resources []apiresource.Resource
	gaps      []snapshot.Gap
	err       error
}

// Discover returns all types that the server serves, in the order of the
// server's groups, and a Gap for every group that the server knows but cannot
// reach. The error is a *ConnectError, an *UnauthorizedError, the context's or
// the server's. Discover makes two requests (one per type group with servers before 1.27)
// through the client's transport: with the cached client of ConfigFlags they
// are answered from disk as long as nothing has changed on the server, and
// new types are known at once.
func Discover(ctx context.Context, client discovery.DiscoveryInterface) ([]apiresource.Resource, []snapshot.Gap, error) {
	// The cached client itself would ask for every group, and believe its
	// files for hours.
	if rc := client.RESTClient(); rc != nil {
		client = discovery.NewDiscoveryClient(rc)
	}
	groups, lists, err := discovery.ServerGroupsAndResourcesWithContext(quiet(ctx, false), discovery.ToDiscoveryInterfaceWithContext(client))
	var failed *discovery.ErrGroupDiscoveryFailed
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case err != nil && !errors.As(err, &failed):
		return nil, nil, discoveryError(client, err)
	}
	served := map[string]*metav1.APIResourceList{}
	for _, list := range lists {
		served[list.GroupVersion] = list
	}
	var types []apiresource.Resource
	for _, group := range groups {
		types = append(types, groupTypes(group, served)...)
	}
	return types, failedGroups(failed), nil
}

// discoveryError gives errors of discovery the types that those of Load have.
func discoveryError(client discovery.DiscoveryInterface, err error) error {
	server := ""
	if rc := client.RESTClient(); rc != nil {
		url := rc.Get().AbsPath("/").URL()
		url.RawQuery = ""
		server = strings.TrimSuffix(url.String(), "/")
	}
	switch {
	case apierrors.IsUnauthorized(err):
		return &UnauthorizedError{Server: server, Err: err}
	case !isStatus(err):
		return &ConnectError{Server: server, Err: cause(err)}
	}
	return fmt.Errorf("discover the API types of %s: %w", server, err)
}

// groupTypes returns the types of one group, each in the group's preferred
// version or, where it is not in that one, in the first that has it.
func groupTypes(group *metav1.APIGroup, served map[string]*metav1.APIResourceList) []apiresource.Resource {
	versions := slices.Clone(group.Versions)
	slices.SortStableFunc(versions, func(a, b metav1.GroupVersionForDiscovery) int {
		return cmp.Compare(notPreferred(group, a), notPreferred(group, b))
	})
	var types []apiresource.Resource
	index := map[string]int{}
	at := func(name, version string, namespaced bool) *apiresource.Resource {
		i, ok := index[name]
		if !ok {
			i = len(types)
			index[name] = i
			types = append(types, apiresource.Resource{Group: group.Name, Version: version, Name: name, Namespaced: namespaced})
		}
		return &types[i]
	}
	for _, v := range versions {
		list := served[v.GroupVersion]
		if list == nil {
			continue
		}
		for _, r := range list.APIResources {
			// Some groups serve subresources of types that they do not serve.
			name, sub, isSub := strings.Cut(r.Name, "/")
			t := at(name, v.Version, r.Namespaced)
			switch {
			case isSub && !t.HasSubresource(sub):
				t.Subresources = append(t.Subresources, apiresource.Subresource{Name: sub, Verbs: slices.Clone(r.Verbs)})
			case !isSub && t.Kind == "":
				t.Version, t.Kind, t.Namespaced = v.Version, r.Kind, r.Namespaced
				t.Singular = cmp.Or(r.SingularName, strings.ToLower(r.Kind))
				t.ShortNames, t.Categories, t.Verbs = r.ShortNames, r.Categories, slices.Clone(r.Verbs)
			}
		}
	}
	for _, t := range types {
		slices.SortFunc(t.Subresources, func(a, b apiresource.Subresource) int { return cmp.Compare(a.Name, b.Name) })
	}
	return types
}

func notPreferred(group *metav1.APIGroup, v metav1.GroupVersionForDiscovery) int {
	if v.Version == group.PreferredVersion.Version {
		return 0
	}
	return 1
}

func failedGroups(failed *discovery.ErrGroupDiscoveryFailed) []snapshot.Gap {
	if failed == nil {
		return nil
	}
	var gaps []snapshot.Gap
	for gv, err := range failed.Groups {
		gaps = append(gaps, gap(schema.GroupVersionResource{Group: gv.Group}, "", snapshot.TimedOut, gv.String()+": "+detail(err)))
	}
	slices.SortFunc(gaps, func(a, b snapshot.Gap) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Detail, b.Detail))
	})
	return gaps
}
