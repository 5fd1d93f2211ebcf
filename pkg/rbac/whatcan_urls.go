package rbac

import (
	"cmp"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// URLAccess is what a subject may do with one non-resource URL of a rule.
type URLAccess struct {
	URL   string // as the rule has it, may end in "*"
	Verbs []string
	// Through are the groups that allow it, where every grant is a group's.
	Through []string
}

// URLs returns the non-resource URLs that the rules name, sorted. They count
// in the whole cluster or not at all.
func (p *Permissions) URLs() []URLAccess {
	var urls []URLAccess
	for _, g := range p.Grants {
		rule := g.Rule()
		for _, part := range Breakdown(&rule) {
			if part.URL == "" || part.deadVerb() != "" || part.deadURL(g.Namespace) != "" {
				continue
			}
			i := slices.IndexFunc(urls, func(u URLAccess) bool { return u.URL == part.URL })
			if i < 0 {
				i = len(urls)
				urls = append(urls, URLAccess{URL: part.URL, Through: []string{}})
			}
			u := &urls[i]
			u.Verbs = unique(append(u.Verbs, part.Verb))
			switch {
			case g.Via.Through == "":
				u.Through = nil
			case u.Through != nil:
				u.Through = unique(append(u.Through, g.Via.Through))
			}
		}
	}
	slices.SortFunc(urls, func(a, b URLAccess) int { return cmp.Compare(a.URL, b.URL) })
	return urls
}

// Asked reports whether any authorization check asks for the verb on the
// type: as a request that the API server serves, or beside one.
func Asked(verb string, resource apiresource.Resource, subresource string) bool {
	return resource.Serves(verb, subresource) || subresource == "" && isSpecialVerb(verb, resource.Name)
}
