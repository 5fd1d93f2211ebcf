package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMembersFromAWSAuth: on EKS a ConfigMap says who is in which group.
func TestMembersFromAWSAuth(t *testing.T) {
	t.Parallel()
	cp := auditedCluster(t)
	ask := func(t *testing.T, args ...string) string {
		t.Helper()
		stdout, stderr, exit := command{cluster: cp, user: explorer, args: args}.run(t)
		if exit != 0 || strings.Contains(stderr, "incomplete") {
			t.Fatalf("%q: exit %d, stderr:\n%s", args, exit, stderr)
		}
		return stdout
	}
	unnamed := "arn:aws:iam::111122223333:user/unnamed" // has no user name of its own

	t.Run("who-can", func(t *testing.T) {
		t.Parallel()
		var report struct {
			Subjects []struct {
				Kind, Name     string
				MembersUnknown bool
				Members        []struct{ Kind, Name string }
			}
		}
		if err := json.Unmarshal([]byte(ask(t, "who-can", "list", "roles", "-A", "-o", "json")), &report); err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, s := range report.Subjects {
			if s.Kind != "Group" || s.Name != "eks:operators" && s.Name != "shop:auditors" {
				continue
			}
			if !s.MembersUnknown {
				t.Errorf("%s: the ConfigMap need not name all members", s.Name)
			}
			for _, m := range s.Members {
				got[s.Name] = append(got[s.Name], m.Kind+"/"+m.Name)
			}
		}
		want := map[string][]string{
			"eks:operators": {"User/" + unnamed, "User/ops-user", "User/role-operator"},
			"shop:auditors": {"User/ops-user"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("members (-want +got):\n%s", diff)
		}
	})
	t.Run("who-can --expand", func(t *testing.T) {
		t.Parallel()
		table := ask(t, "who-can", "list", "roles", "-A", "--expand")
		for _, member := range []string{unnamed, "ops-user", "role-operator"} {
			if !strings.Contains(table, member) {
				t.Errorf("%s is not in\n%s", member, table)
			}
		}
		if strings.Contains(table, "guest") {
			t.Errorf("guest, who is in no group, is in\n%s", table)
		}
	})
	t.Run("why", func(t *testing.T) {
		t.Parallel()
		for name, allowed := range map[string]bool{"role-operator": true, unnamed: true, "guest": false} {
			var report struct{ Allowed bool }
			if err := json.Unmarshal([]byte(ask(t, "why", "user/"+name, "list", "roles", "-A", "-o", "json")), &report); err != nil {
				t.Fatal(err)
			}
			if report.Allowed != allowed {
				t.Errorf("user/%s: allowed %t, want %t", name, report.Allowed, allowed)
			}
		}
	})
	t.Run("what-can", func(t *testing.T) {
		t.Parallel()
		var report struct{ Groups []struct{ Name string } }
		if err := json.Unmarshal([]byte(ask(t, "what-can", "user/ops-user", "-o", "json")), &report); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, g := range report.Groups {
			got = append(got, g.Name)
		}
		slices.Sort(got)
		if diff := cmp.Diff([]string{"eks:operators", "shop:auditors", "system:authenticated"}, got); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
	})
}
