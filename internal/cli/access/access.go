// Package access is what the commands about permissions share: the types that
// they read, where group members are known from, and how grants are shown.
package access

import (
	"context"
	"slices"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Flags are the flags that commands about permissions share.
type Flags struct {
	AllNamespaces bool
	GroupsFile    string
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.BoolVarP(&f.AllNamespaces, "all-namespaces", "A", false, "ask in every namespace")
	AddGroupsFlag(fs, &f.GroupsFile)
}

// Question puts together what is asked: the verb and target in the source's
// namespace, or in all.
func (f *Flags) Question(src *source.Source, verb string, target rbac.Target) (rbac.Question, error) {
	namespace, typed, err := src.NamespaceUnless(f.AllNamespaces)
	if err != nil {
		return rbac.Question{}, err
	}
	return rbac.Question{
		Verb: verb, Target: target, Namespace: namespace, NamespaceTyped: typed, AllNamespaces: f.AllNamespaces,
	}, nil
}

// Needs returns the types that decide about permissions in the namespace (""
// for all).
func Needs(namespace string) []snapshot.Need {
	return []snapshot.Need{
		{Type: rbacType("clusterrolebindings")},
		{Type: rbacType("clusterroles")},
		{Type: rbacType("rolebindings"), Namespace: namespace},
		{Type: rbacType("roles"), Namespace: namespace},
		{Type: schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}},
		{Type: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, Namespace: "kube-system", Name: "aws-auth", Optional: true},
		{Type: schema.GroupVersionResource{Group: "user.openshift.io", Version: "v1", Resource: "groups"}, Optional: true},
	}
}

// WideNeeds are the Needs of answers that also tell of other namespaces: their
// RoleBindings and Roles are read too, where they may be.
func WideNeeds(namespace string) []snapshot.Need {
	needs := Needs(namespace)
	for i := range needs {
		needs[i].Widen = namespace != "" && (needs[i].Type.Resource == "roles" || needs[i].Type.Resource == "rolebindings")
	}
	return needs
}

// NoBinding begins a sentence about what no binding does: it speaks of those
// that could be read where others beside the namespace's could not.
func NoBinding(x *rbac.Index, namespace string) string {
	if x.OthersUnread(namespace) {
		return "no binding that could be read"
	}
	return "no binding"
}

func rbacType(resource string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: resource}
}

// NeedsFor returns the types that decide about a planned question: Roles and
// RoleBindings have no say in requests without a namespace.
func NeedsFor(plan rbac.Plan) []snapshot.Need {
	needs := Needs(plan.Request.Namespace)
	if plan.RoleBindingsCount() {
		return needs
	}
	return slices.DeleteFunc(needs, func(n snapshot.Need) bool {
		return n.Type.Resource == "roles" || n.Type.Resource == "rolebindings"
	})
}

// PodNeed is needed beside Needs to show which pods run as a service account.
func PodNeed() snapshot.Need {
	return snapshot.Need{Type: schema.GroupVersionResource{Version: "v1", Resource: "pods"}, Optional: true}
}

// Load reads the snapshot and prepares it for questions. Notes are remarks on
// the input, for the report.
func Load(ctx context.Context, src *source.Source, needs []snapshot.Need, groupsFile string) (x *rbac.Index, notes []string, err error) {
	typed, err := ReadGroups(groupsFile) // before the cluster is asked: a typing error shows at once
	if err != nil {
		return nil, nil, err
	}
	return load(ctx, src, needs, typed)
}

func load(ctx context.Context, src *source.Source, needs []snapshot.Need, typed rbac.Membership) (x *rbac.Index, notes []string, err error) {
	snap, err := src.Load(ctx, needs)
	if err != nil {
		return nil, nil, err
	}
	x, notes = Index(snap, typed)
	return x, notes, nil
}

// LoadFor is Load for a planned question about everyone. Where it turns out
// that a group which Kubernetes fills is allowed, RoleBindings of other
// namespaces are read too: they grant nothing here, but name subjects that are
// in such groups.
func LoadFor(ctx context.Context, src *source.Source, plan rbac.Plan, needs []snapshot.Need, groupsFile string) (*rbac.Index, []string, error) {
	typed, err := ReadGroups(groupsFile)
	if err != nil {
		return nil, nil, err
	}
	x, notes, err := load(ctx, src, needs, typed)
	if err != nil || !src.Live() || plan.Anywhere || !x.AllowsFilledGroup(plan) {
		return x, notes, err
	}
	namespace, _, err := src.Namespace()
	if err != nil {
		return nil, nil, err
	}
	if plan.Request.Namespace != "" {
		namespace = plan.Request.Namespace
	}
	snap, err := src.LoadOnly(ctx, []snapshot.Need{{Type: rbacType("rolebindings"), Namespace: namespace, Widen: true}})
	if ctx.Err() != nil {
		return nil, nil, err
	}
	if err != nil {
		return x, append(notes, othersUnread), nil //nolint:nilerr // the answer is there already
	}
	others := rbac.NewIndex(snap, nil)
	x, notes = Index(x.Snapshot(), typed, others.Subjects()...)
	if others.OthersUnread(namespace) {
		notes = append(notes, othersUnread)
	}
	return x, notes, nil
}

const othersUnread = "RoleBindings of other namespaces could not be read: subjects that only they name are missing from the members of groups"

// Index prepares a snapshot for questions; typed are the group members that
// the user named, also are subjects that exist beside those of the snapshot.
func Index(snap *snapshot.Snapshot, typed rbac.Membership, also ...rbac.Subject) (x *rbac.Index, notes []string) {
	recorded, warnings := rbac.ClusterMembership(snap)
	x = rbac.NewIndex(snap, recorded.Merge(typed), also...)
	notes = append(notes, snap.Warnings()...)
	notes = append(notes, x.Warnings()...)
	return x, append(notes, warnings...)
}
