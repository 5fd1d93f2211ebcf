package oracle

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// trial is one cluster, ready for questions to both sides.
type trial struct {
	c          *cluster
	x          *rbac.Index
	authorizer authorizer.Authorizer
	split      *splitResolver
	principals []principal
	locators   locators
	mix        mix
	counts     *counts
}

// counts are what a run compared.
type counts struct {
	Clusters   int `json:"clusters"`
	Questions  int `json:"questions"`
	Everywhere int `json:"everywhere"` // of the questions, asked with -A
	Verdicts   int `json:"verdicts"`   // (principal, request, namespace)
	Allowed    int `json:"allowed"`    // of the verdicts
	Chains     int `json:"chains"`     // binding → rule pairs named as the reason
	Locator    int `json:"locator"`    // answers compared with SubjectAccessEvaluator
}

func newTrial(c *cluster, m mix, n *counts) (*trial, error) {
	x, err := c.index()
	if err != nil {
		return nil, err
	}
	authorizers, err := upstreamAuthorizer(c)
	if err != nil {
		return nil, err
	}
	n.Clusters++
	return &trial{c, x, authorizers, newSplitResolver(c), c.principals(), newLocators(c), m, n}, nil
}

// answer is an engine's answer as sets.
type answer map[rbac.Subject]map[string]map[chain]bool

// readAnswer checks the form of the engine's answer: sorted and without
// repetitions.
func readAnswer(accesses []rbac.Access) (answer, error) {
	a := answer{}
	for _, access := range accesses {
		if a[access.Subject] != nil {
			return nil, fmt.Errorf("%s is in the answer twice", access.Subject)
		}
		scopes := map[string]map[chain]bool{}
		last := ""
		for i, scope := range access.Scopes {
			if i > 0 && scope.Namespace <= last {
				return nil, fmt.Errorf("%s: scope %q after %q", access.Subject, scope.Namespace, last)
			}
			last = scope.Namespace
			chains := map[chain]bool{}
			for _, via := range scope.Via {
				link := chain{through: via.Through}
				if !via.Builtin() {
					b := via.Binding
					link = chain{b.Kind, b.Namespace, b.Name, via.Rule, via.Through}
				}
				if chains[link] {
					return nil, fmt.Errorf("%s: %v twice", access.Subject, link)
				}
				chains[link] = true
			}
			if len(chains) == 0 {
				return nil, fmt.Errorf("%s: scope %q without a reason", access.Subject, scope.Namespace)
			}
			scopes[scope.Namespace] = chains
		}
		if len(scopes) == 0 {
			return nil, fmt.Errorf("%s is in the answer without a scope", access.Subject)
		}
		a[access.Subject] = scopes
	}
	return a, nil
}

// ask compares the answers to one request: in its namespace or, with anywhere
// set, in every one.
func (t *trial) ask(r rbac.Request, anywhere bool) error {
	t.counts.Questions++
	namespaces := []string{r.Namespace}
	if anywhere && r.Path == "" { // requests for URLs are in no namespace
		t.counts.Everywhere++
		namespaces = append([]string{"", "nowhere"}, t.c.namespaces...)
	}
	got, err := readAnswer(t.x.WhoCan(r, anywhere))
	if err != nil {
		return err
	}
	for _, p := range t.principals {
		want := map[string]map[chain]bool{}
		for _, ns := range namespaces {
			for link := range t.expected(r, p, ns) {
				if want[link.namespace] == nil {
					want[link.namespace] = map[chain]bool{}
				}
				want[link.namespace][link] = true
			}
		}
		for _, ns := range namespaces {
			attrs := attributes(r, p.info, ns)
			decision, _, _ := t.authorizer.Authorize(context.Background(), &attrs) // errors are dangling roleRefs: nobody is allowed by those
			allowed := decision == authorizer.DecisionAllow
			t.counts.Verdicts++
			if allowed {
				t.counts.Allowed++
			}
			says := len(got[p.subject][""]) > 0 || ns != "" && len(got[p.subject][ns]) > 0
			if says != allowed {
				return fmt.Errorf("%s (user %q, groups %q) in namespace %q: upstream says %t, WhoCan %t", p.subject, p.info.GetName(), p.info.GetGroups(), ns, allowed, says)
			}
		}
		for _, ns := range slices.Sorted(maps.Keys(want)) {
			t.counts.Chains += len(want[ns])
		}
		if !maps.EqualFunc(got[p.subject], want, maps.Equal) {
			return fmt.Errorf("%s: reasons differ: WhoCan %v, upstream %v", p.subject, got[p.subject], want)
		}
		delete(got, p.subject)
	}
	for subject := range got {
		return fmt.Errorf("%s is in the answer, and in no binding, no group and not in the input", subject)
	}
	return nil
}

// expected returns the chains that allow the request in the namespace. The
// right of system:masters is built in: bindings that name the group add
// nothing to it.
func (t *trial) expected(r rbac.Request, p principal, ns string) map[chain]bool {
	chains := t.split.grants(r, p, ns, t.mix)
	if !slices.Contains(p.info.GetGroups(), user.SystemPrivilegedGroup) {
		return chains
	}
	if p.info.GetName() == nobody {
		return map[chain]bool{{}: true}
	}
	maps.DeleteFunc(chains, func(link chain, _ bool) bool { return link.through == user.SystemPrivilegedGroup })
	chains[chain{through: user.SystemPrivilegedGroup}] = true
	t.mix.hit("through system:masters")
	return chains
}
