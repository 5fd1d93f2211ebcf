package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// SnapshotReport sums up what a snapshot holds.
type SnapshotReport struct {
	Meta     `json:",inline"`
	File     string `json:"file"` // as it was named, "-" for a stream
	Coverage `json:",inline"`
	Identity SnapshotIdentity `json:"identity"`
	Objects  int              `json:"objects"`
	// Types are the kinds of which there are objects, by API group and kind.
	Types []TypeCount `json:"types"`
}

// DeepCopyObject makes the report a runtime.Object. Reports are not changed
// once they are made, so a shallow copy serves.
func (r *SnapshotReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// SnapshotIdentity says of what a snapshot is; unknown fields are empty.
type SnapshotIdentity struct {
	Taken         *metav1.Time `json:"taken"`
	ServerVersion string       `json:"serverVersion"`
	ClusterID     string       `json:"clusterID"` // uid of the namespace kube-system
	User          string       `json:"user"`      // who read it
	// Redacted says that configuration was left out when it was saved.
	Redacted bool `json:"redacted"`
}

// TypeCount counts the objects of a kind.
type TypeCount struct {
	APIGroup   string `json:"apiGroup"`
	Kind       string `json:"kind"`
	Objects    int    `json:"objects"`
	Namespaces int    `json:"namespaces"` // in how many namespaces, 0 for cluster-scoped kinds
}

// SnapshotDiffReport answers what changed from one snapshot to another.
type SnapshotDiffReport struct {
	Meta     `json:",inline"`
	From     DiffSide `json:"from"`
	To       DiffSide `json:"to"`
	Coverage `json:",inline"`
	// Identical says that no permission, group member or object differs of
	// what could be read: with Incomplete it proves nothing.
	Identical bool `json:"identical"`
	// Subjects are those that gained or lost permissions by bindings that name
	// them. What a group gains is said of the group only.
	Subjects []SubjectChanges `json:"subjects"`
	// NewAccounts and GoneAccounts are service accounts that only one side
	// has: they come with, or lose, what groups of service accounts may. Like
	// Members and Objects they are left out where one side could not read them.
	NewAccounts  []Subject       `json:"newAccounts"`
	GoneAccounts []Subject       `json:"goneAccounts"`
	Members      []MemberChanges `json:"members"`
	Objects      []ObjectChanges `json:"objects"`
}

// DeepCopyObject makes the report a runtime.Object. Reports are not changed
// once they are made, so a shallow copy serves.
func (r *SnapshotDiffReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// DiffSide is one of the two snapshots.
type DiffSide struct {
	Name     string           `json:"name"` // as it was named: a file, "live" or "demo"
	Source   Source           `json:"source"`
	Identity SnapshotIdentity `json:"identity"`
	Gaps     int              `json:"gaps"` // parts that could not be read
}

// SubjectChanges are the permissions that one subject gained and lost.
type SubjectChanges struct {
	Subject `json:",inline"`
	Gained  []PermissionChange `json:"gained"`
	Lost    []PermissionChange `json:"lost"`
}

// PermissionChange is one verb on one type or URL, in one scope.
type PermissionChange struct {
	Namespace      string  `json:"namespace"` // "" for the whole cluster
	Verb           string  `json:"verb"`
	APIGroup       string  `json:"apiGroup"`
	Resource       string  `json:"resource"` // as in the rule, with its subresource
	Name           *string `json:"name"`     // null for all names
	NonResourceURL string  `json:"nonResourceURL"`
	// Except are names for which the other side has the permission too.
	Except []string `json:"except"`
	// Shared are other parts of the permission that both sides have: single
	// types next to a wildcard, or namespaces of the cluster.
	Shared []SharedPermission `json:"shared"`
	// Unproven says that gaps of the other side can explain the change: the
	// permission may be there too, and could not be read.
	Unproven bool  `json:"unproven"`
	Via      []Via `json:"via"`
}

// SharedPermission is a part of a changed permission that did not change.
type SharedPermission struct {
	Namespace      string  `json:"namespace"` // "" for the whole cluster
	Verb           string  `json:"verb"`
	APIGroup       string  `json:"apiGroup"`
	Resource       string  `json:"resource"`
	Name           *string `json:"name"` // null for all names
	NonResourceURL string  `json:"nonResourceURL"`
}

// MemberChanges are users that joined or left a group.
type MemberChanges struct {
	Group  string   `json:"group"`
	Joined []string `json:"joined"`
	Left   []string `json:"left"`
}

// ObjectChanges count the objects of a kind that only one side has, or that
// differ in more than their status.
type ObjectChanges struct {
	APIGroup string `json:"apiGroup"`
	Kind     string `json:"kind"`
	Added    int    `json:"added"`
	Removed  int    `json:"removed"`
	Changed  int    `json:"changed"`
}
