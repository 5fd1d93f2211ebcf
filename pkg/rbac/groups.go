package rbac

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Merge returns the union of both memberships.
func (m Membership) Merge(other Membership) Membership {
	union := maps.Clone(m)
	if union == nil {
		union = Membership{}
	}
	for group, users := range other {
		union[group] = append(slices.Clone(union[group]), users...)
	}
	for group := range union {
		slices.Sort(union[group])
		union[group] = slices.Compact(union[group])
	}
	return union
}

// ClusterMembership returns the group members that the cluster itself
// records: OpenShift's Groups and the aws-auth ConfigMap of EKS. What cannot
// be parsed is a warning.
func ClusterMembership(s *snapshot.Snapshot) (Membership, []string) {
	m, warnings := awsAuth(s)
	return openShiftGroups(s).Merge(m), warnings
}

// openShiftGroups reads user.openshift.io/v1 Groups: {users: [name]}.
func openShiftGroups(s *snapshot.Snapshot) Membership {
	m := Membership{}
	for group := range s.EachCustom(schema.GroupKind{Group: "user.openshift.io", Kind: "Group"}) {
		users, _, _ := unstructured.NestedStringSlice(group.Object, "users")
		m[group.GetName()] = append(m[group.GetName()], users...)
	}
	return m
}

// awsIdentity is an entry of mapRoles or mapUsers in the ConfigMap aws-auth.
// Source: the documentation of aws-iam-authenticator.
type awsIdentity struct {
	RoleARN  string   `json:"rolearn"`
	UserARN  string   `json:"userarn"`
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

// awsAuth reads the groups of IAM identities from kube-system/aws-auth. A
// templated user name ({{SessionName}}, …) stands for many users: it is kept
// as it is written.
func awsAuth(s *snapshot.Snapshot) (Membership, []string) {
	m := Membership{}
	config := snapshot.Get[corev1.ConfigMap](s, "kube-system", "aws-auth")
	if config == nil {
		return m, nil
	}
	var warnings []string
	for _, key := range []string{"mapRoles", "mapUsers"} {
		var identities []awsIdentity
		if err := yaml.Unmarshal([]byte(config.Data[key]), &identities); err != nil {
			warnings = append(warnings, "ConfigMap kube-system/aws-auth: "+key+" is not a list of identities")
			continue
		}
		for _, id := range identities {
			name := strings.TrimSpace(id.Username)
			if name == "" {
				name = id.RoleARN + id.UserARN // only one of them is there
			}
			for _, group := range id.Groups {
				m[group] = append(m[group], name)
			}
		}
	}
	return m, warnings
}

// FilledByKubernetes reports whether Kubernetes itself decides who is in the
// group, and wholly is true when all of its members are service accounts, so
// that a snapshot knows them all.
func FilledByKubernetes(group string) (filled, wholly bool) {
	switch {
	case group == GroupServiceAccounts, strings.HasPrefix(group, GroupServiceAccounts+":"):
		return true, true
	case group == GroupAuthenticated, group == GroupUnauthenticated, group == GroupMasters, group == GroupNodes:
		return true, false
	default:
		return false, false
	}
}
