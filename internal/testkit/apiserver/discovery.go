package apiserver

import (
	"strings"

	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// discoveryDoc is what the server says that it serves. It is not derived from
// the objects.
type discoveryDoc struct {
	core, groups []apidiscoveryv2.APIGroupDiscovery
	legacyOnly   bool
}

// SetDiscovery sets the answers of the discovery endpoints: core those of
// /api, groups those of /apis. With legacyOnly the server answers as those
// before 1.27, which had one document per group and version.
func (s *Server) SetDiscovery(core, groups []apidiscoveryv2.APIGroupDiscovery, legacyOnly bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.types = discoveryDoc{core, groups, legacyOnly}
}

func (d discoveryDoc) answer(path, accept string) (answer, bool) {
	aggregated := !d.legacyOnly && strings.Contains(accept, "as=APIGroupDiscoveryList")
	switch {
	case aggregated && path == "/api":
		return d.aggregated(d.core), true
	case aggregated && path == "/apis":
		return d.aggregated(d.groups), true
	case path == "/api":
		return plainJSON(metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions", APIVersion: "v1"}, Versions: []string{"v1"}}), true
	case path == "/apis":
		list := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
		for _, group := range d.groups {
			list.Groups = append(list.Groups, legacyGroup(group))
		}
		return plainJSON(list), true
	}
	for _, group := range append(d.core, d.groups...) {
		for _, v := range group.Versions {
			if path == versionPath(group.Name, v.Version) && v.Freshness != apidiscoveryv2.DiscoveryFreshnessStale {
				return plainJSON(legacyResources(group.Name, v)), true
			}
		}
	}
	return answer{}, false
}

func (d discoveryDoc) aggregated(groups []apidiscoveryv2.APIGroupDiscovery) answer {
	a := plainJSON(apidiscoveryv2.APIGroupDiscoveryList{
		TypeMeta: metav1.TypeMeta{Kind: "APIGroupDiscoveryList", APIVersion: "apidiscovery.k8s.io/v2"},
		Items:    groups,
	})
	a.contentType = aggregatedType
	return a
}

func versionPath(group, version string) string {
	if group == "" {
		return "/api/" + version
	}
	return "/apis/" + group + "/" + version
}

func groupVersion(group, version string) string {
	return metav1.GroupVersion{Group: group, Version: version}.String()
}

func legacyGroup(group apidiscoveryv2.APIGroupDiscovery) metav1.APIGroup {
	g := metav1.APIGroup{Name: group.Name}
	for _, v := range group.Versions {
		g.Versions = append(g.Versions, metav1.GroupVersionForDiscovery{GroupVersion: groupVersion(group.Name, v.Version), Version: v.Version})
	}
	g.PreferredVersion = g.Versions[0]
	return g
}

func legacyResources(group string, v apidiscoveryv2.APIVersionDiscovery) metav1.APIResourceList {
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: groupVersion(group, v.Version)}
	for _, r := range v.Resources {
		namespaced := r.Scope == apidiscoveryv2.ScopeNamespace
		list.APIResources = append(list.APIResources, metav1.APIResource{
			Name: r.Resource, SingularName: r.SingularResource, Namespaced: namespaced, Kind: r.ResponseKind.Kind,
			Verbs: r.Verbs, ShortNames: r.ShortNames, Categories: r.Categories,
		})
		for _, sub := range r.Subresources {
			list.APIResources = append(list.APIResources, metav1.APIResource{
				Name: r.Resource + "/" + sub.Subresource, Namespaced: namespaced, Kind: sub.ResponseKind.Kind, Verbs: sub.Verbs,
			})
		}
	}
	return list
}
