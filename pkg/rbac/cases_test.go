package rbac_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// trapCase is one entry of testdata/rbac-cases.yaml.
type trapCase struct {
	ID      string `json:"id"`
	Objects string `json:"objects"`
	Query   struct {
		Verb        string `json:"verb"`
		Group       string `json:"group"`
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Name        string `json:"name"`
		Namespace   string `json:"namespace"`
		Path        string `json:"path"`
		Users       []struct {
			User   string   `json:"user"`
			Groups []string `json:"groups"`
			SA     string   `json:"sa"` // NAMESPACE/NAME
			Want   bool     `json:"want"`
		} `json:"users"`
	} `json:"query"`
	Answer []struct {
		Subject string   `json:"subject"`
		Scope   string   `json:"scope"`
		Via     []string `json:"via"`
	} `json:"answer"`
}

func (c trapCase) request() rbac.Request {
	q := c.Query
	return rbac.Request{
		Verb: q.Verb, APIGroup: q.Group, Resource: q.Resource, Subresource: q.Subresource,
		Name: q.Name, Namespace: q.Namespace, Path: q.Path,
	}
}

func trapCases(t *testing.T) []trapCase {
	t.Helper()
	data, err := os.ReadFile("testdata/rbac-cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []trapCase
	if err := yaml.UnmarshalStrict(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 31 {
		t.Fatalf("%d cases, 31 or more are expected", len(cases))
	}
	return cases
}

func TestTrapsWholeAnswer(t *testing.T) {
	for _, c := range trapCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			want := []string{}
			for _, a := range c.Answer {
				scope := a.Scope
				if scope == "" {
					scope = "*"
				}
				want = append(want, a.Subject+" in "+scope+": "+strings.Join(a.Via, ", "))
			}
			got := grantLines(indexOf(t, c.Objects).WhoCan(c.request(), false))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("who can (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTrapsSingleUsers asks for users that the input need not name: they are
// allowed when they, or a group of theirs, are in the answer.
func TestTrapsSingleUsers(t *testing.T) {
	for _, c := range trapCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			answer := indexOf(t, c.Objects).WhoCan(c.request(), false)
			in := func(s rbac.Subject) bool {
				return slices.ContainsFunc(answer, func(a rbac.Access) bool { return a.Subject == s })
			}
			for _, u := range c.Query.Users {
				subject := rbac.User(u.User)
				if ns, name, ok := strings.Cut(u.SA, "/"); ok {
					subject = rbac.ServiceAccount(ns, name)
				}
				allowed := in(subject)
				for _, group := range append(subject.BuiltinGroups(), u.Groups...) {
					allowed = allowed || in(rbac.Group(group))
				}
				if allowed != u.Want {
					t.Errorf("%s (groups %q): allowed is %t, want %t", subject, u.Groups, allowed, u.Want)
				}
			}
		})
	}
}

// TestTrapsEverywhere checks that -A finds what a question in the namespace
// finds, in the same scopes.
func TestTrapsEverywhere(t *testing.T) {
	for _, c := range trapCases(t) {
		if c.Query.Namespace == "" {
			continue // cluster-scoped types and URLs are in no namespace
		}
		t.Run(c.ID, func(t *testing.T) {
			x := indexOf(t, c.Objects)
			everywhere := scopeLines(x.WhoCan(c.request(), true))
			for _, line := range scopeLines(x.WhoCan(c.request(), false)) {
				if !slices.Contains(everywhere, line) {
					t.Errorf("not in the answer for all namespaces: %s", line)
				}
			}
		})
	}
}
