package access_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// describe tells of each need what is read: type, namespace and what else.
func describe(needs []snapshot.Need) []string {
	var out []string
	for _, n := range needs {
		text := n.Type.Resource
		if n.Namespace != "" {
			text += " in " + n.Namespace
		}
		if n.Name != "" {
			text += " named " + n.Name
		}
		if n.Optional {
			text += ", optional"
		}
		if n.Widen {
			text += ", widened"
		}
		out = append(out, text)
	}
	return out
}

func TestNeeds(t *testing.T) {
	extras := []string{"serviceaccounts", "configmaps in kube-system named aws-auth, optional", "groups, optional"}
	cluster := []string{"clusterrolebindings", "clusterroles"}
	in := func(namespace string, anywhere bool) rbac.Plan {
		return rbac.Plan{Request: rbac.Request{Verb: "get", Resource: "pods", Namespace: namespace}, Anywhere: anywhere}
	}
	for _, tt := range []struct {
		name  string
		needs []snapshot.Need
		want  []string
	}{
		{"of a namespace", access.NeedsFor(in("dev", false)), slices.Concat(cluster, []string{"rolebindings in dev", "roles in dev"}, extras)},
		{"of any namespace", access.NeedsFor(in("", true)), slices.Concat(cluster, []string{"rolebindings", "roles"}, extras)},
		{"of the cluster", access.NeedsFor(in("", false)), slices.Concat(cluster, extras)},
		{"widened", access.WideNeeds("dev"), slices.Concat(cluster, []string{"rolebindings in dev, widened", "roles in dev, widened"}, extras)},
		{"all are as wide as can be", access.WideNeeds(""), slices.Concat(cluster, []string{"rolebindings", "roles"}, extras)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, describe(tt.needs)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
