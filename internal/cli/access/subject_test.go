package access_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestIdentify(t *testing.T) {
	b := snapshot.NewBuilder()
	nameless := testkit.Pod("dev", "plain", "")
	nameless.Spec.ServiceAccountName = ""
	b.Add(testkit.Pod("dev", "web", "app"), nameless)
	b.Gap(snapshot.Gap{Resource: "pods", Namespace: "closed", Reason: snapshot.Forbidden})
	snap, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		ref  rbac.Reference
		want rbac.Subject
		err  string
	}{
		{"subject", rbac.Reference{Subject: rbac.User("bob")}, rbac.User("bob"), ""},
		{"pod", rbac.Reference{Pod: rbac.PodName{Namespace: "dev", Name: "web"}}, rbac.ServiceAccount("dev", "app"), ""},
		{"pod that names none", rbac.Reference{Pod: rbac.PodName{Namespace: "dev", Name: "plain"}}, rbac.ServiceAccount("dev", "default"), ""},
		{"no such pod", rbac.Reference{Pod: rbac.PodName{Namespace: "dev", Name: "gone"}}, rbac.Subject{}, "there is no pod gone in namespace dev"},
		{"pod that may not be read", rbac.Reference{Pod: rbac.PodName{Namespace: "closed", Name: "web"}}, rbac.Subject{}, "could not be read: forbidden"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := access.Identify(context.Background(), nil, snap, tt.ref, []string{"g"})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rbac.Identity{Subject: tt.want, Groups: []string{"g"}}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSubjectNeeds(t *testing.T) {
	if needs := access.SubjectNeeds(rbac.Reference{Subject: rbac.User("bob")}); len(needs) != 0 {
		t.Errorf("a user needs %v", needs)
	}
	needs := access.SubjectNeeds(rbac.Reference{Pod: rbac.PodName{Namespace: "dev", Name: "web"}})
	if len(needs) != 1 || needs[0].Type.Resource != "pods" || needs[0].Namespace != "dev" || needs[0].Name != "web" {
		t.Errorf("a pod needs %v", needs)
	}
}
