package v1alpha1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// NewSnapshotIdentity converts what is known of a snapshot.
func NewSnapshotIdentity(info snapshot.Info) SnapshotIdentity {
	id := SnapshotIdentity{ServerVersion: info.ServerVersion, ClusterID: info.ClusterID, User: info.User, Redacted: info.Redacted}
	if !info.Taken.IsZero() {
		id.Taken = &metav1.Time{Time: info.Taken.In(time.UTC)}
	}
	return id
}

// NewDiffSide describes one snapshot of a comparison.
func NewDiffSide(name string, s *snapshot.Snapshot) DiffSide {
	return DiffSide{
		Name: name, Source: NewCoverage(s, nil, nil).Source, Identity: NewSnapshotIdentity(s.Info()), Gaps: len(s.Gaps()),
	}
}

// SetDiff fills in the changes of permissions.
func (r *SnapshotDiffReport) SetDiff(d rbac.Diff) {
	r.Subjects = make([]SubjectChanges, 0, len(d.Subjects))
	for _, s := range d.Subjects {
		r.Subjects = append(r.Subjects, SubjectChanges{
			Subject: NewSubject(s.Subject), Gained: newPermissionChanges(s.Gained), Lost: newPermissionChanges(s.Lost),
		})
	}
	r.NewAccounts, r.GoneAccounts = newSubjects(d.NewAccounts), newSubjects(d.GoneAccounts)
	r.Members = make([]MemberChanges, 0, len(d.Members))
	for _, m := range d.Members {
		r.Members = append(r.Members, MemberChanges{Group: m.Group, Joined: orEmpty(m.Joined), Left: orEmpty(m.Left)})
	}
}

func newSubjects(subjects []rbac.Subject) []Subject {
	out := make([]Subject, 0, len(subjects))
	for _, s := range subjects {
		out = append(out, NewSubject(s))
	}
	return out
}

func newPermissionChanges(changes []rbac.Change) []PermissionChange {
	out := make([]PermissionChange, 0, len(changes))
	for _, c := range changes {
		p := c.Permission
		change := PermissionChange{
			Namespace: c.Namespace, Verb: p.Verb, APIGroup: p.APIGroup, Resource: p.Resource, NonResourceURL: p.URL,
			Except: orEmpty(c.Except), Shared: make([]SharedPermission, 0, len(c.Shared)), Unproven: c.Unproven, Via: make([]Via, 0, len(c.Via)),
		}
		for _, part := range c.Shared {
			change.Shared = append(change.Shared, newSharedPermission(part))
		}
		if p.Named {
			change.Name = &p.Name
		}
		for _, via := range c.Via {
			change.Via = append(change.Via, NewVia(via))
		}
		out = append(out, change)
	}
	return out
}

func newSharedPermission(part rbac.PlacedPermission) SharedPermission {
	p := part.Permission
	shared := SharedPermission{Namespace: part.Namespace, Verb: p.Verb, APIGroup: p.APIGroup, Resource: p.Resource, NonResourceURL: p.URL}
	if p.Named {
		shared.Name = &p.Name
	}
	return shared
}
