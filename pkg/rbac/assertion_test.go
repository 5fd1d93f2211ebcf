package rbac_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// assertedCluster is small enough to know every outcome by heart.
func assertedCluster() []snapshot.Object {
	return []snapshot.Object{
		testkit.ClusterRole("reader", testkit.Rule("get", "", "secrets")),
		testkit.ClusterRole("one", testkit.Rule("get", "", "secrets", "db", "cache")),
		testkit.ClusterRole("review", testkit.Rule("get", "", "nodes")),
		testkit.RoleBinding("dev", "readers", "ClusterRole/reader", testkit.User("ann"), testkit.Group("ops")),
		testkit.RoleBinding("dev", "one", "ClusterRole/one", testkit.SA("dev", "web"), testkit.Group("team"), testkit.User("ann")),
		testkit.RoleBinding("dev", "gone", "ClusterRole/gone", testkit.User("ghost"), testkit.Group("team"), testkit.Group("idle")),
		testkit.ClusterRoleBinding("everyone", "review", testkit.Group(rbac.GroupAuthenticated)),
		testkit.ClusterRole("probe", testkit.Rule("get", "", "services")),
		testkit.ClusterRoleBinding("probes", "probe", testkit.Group(rbac.GroupServiceAccounts)),
		testkit.ClusterRoleBinding("accounts", "reader", testkit.Group(rbac.GroupServiceAccounts+":ci")),
	}
}

// asserted makes an index of it as seen from the source, with gaps.
func asserted(t *testing.T, source snapshot.SourceKind, gaps ...snapshot.Gap) *rbac.Index {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(assertedCluster()...)
	b.Gap(gaps...)
	s, err := b.Build(snapshot.Info{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	return rbac.NewIndex(s, rbac.Membership{"ops": {"olga", "ula"}, "team": {"tim", "ula"}, "idle": {"ida"}, rbac.GroupMasters: {"root"}})
}

func plan(resource, namespace string) rbac.Plan {
	return rbac.Plan{Request: getIn(resource, namespace), Anywhere: namespace == "*"}
}

// outcomeText is an outcome in a line: who violates it through what, by name
// for which, and marks.
func outcomeText(o rbac.Outcome) string {
	var parts []string
	for _, v := range o.Violations {
		via := []string{}
		for _, scope := range v.Scopes {
			for _, v := range scope.Via {
				via = append(via, v.Through)
			}
		}
		parts = append(parts, fmt.Sprintf("%s%q", v.Subject, via))
	}
	for _, n := range o.ByName {
		parts = append(parts, fmt.Sprintf("%s:%s", n.Subject, strings.Join(n.Names, ",")))
	}
	for _, b := range o.Roleless {
		parts = append(parts, "roleless "+b.Name)
	}
	for _, s := range o.Strangers {
		parts = append(parts, "stranger "+s.String())
	}
	if o.Unproven {
		parts = append(parts, "unproven")
	}
	return strings.Join(parts, " ")
}

func TestCheck(t *testing.T) {
	secrets, nodes := []rbac.Plan{plan("secrets", "dev")}, []rbac.Plan{plan("nodes", "")}
	user, group := rbac.User, rbac.Group
	who := func(s ...rbac.Subject) []rbac.Subject { return s }
	tests := []struct {
		name string
		a    rbac.Assertion
		want string
	}{
		{"nobody", rbac.Assertion{Plans: secrets}, `User/ann[""] Group/ops[""] Group/system:serviceaccounts:ci[""] Group/team:cache,db ServiceAccount/dev/web:cache,db roleless gone`},
		{"nobody but the excepted", rbac.Assertion{Plans: secrets, Except: []string{"user/a*", "group/*", "sa/dev/*", "user/ghost"}}, ""},
		{"nobody, where nothing grants it", rbac.Assertion{Plans: []rbac.Plan{plan("pods", "prod")}}, ""},
		{"one who can", rbac.Assertion{Who: who(user("ann")), Plans: secrets}, `User/ann[""]`},
		{"one who can through a group", rbac.Assertion{Who: who(user("olga")), Plans: secrets}, `User/olga["ops"]`},
		{"one who can through an excepted group only", rbac.Assertion{Who: who(user("olga")), Plans: secrets, Except: []string{"group/ops"}}, ""},
		{"one who can by name", rbac.Assertion{Who: who(rbac.ServiceAccount("dev", "web")), Plans: secrets}, "ServiceAccount/dev/web:cache,db"},
		{"one who can by name through a group", rbac.Assertion{Who: who(user("tim")), Plans: secrets}, "User/tim:cache,db roleless gone"},
		{"by name, and whole through another group", rbac.Assertion{Who: who(user("ula")), Plans: secrets}, `User/ula["ops"] roleless gone`},
		{"by name through an excepted group", rbac.Assertion{Who: who(user("tim")), Plans: secrets, Except: []string{"group/team"}}, ""},
		{"two requests, one line by name", rbac.Assertion{Who: who(group("team")), Plans: []rbac.Plan{plan("secrets", "dev"), plan("secrets", "*")}}, "Group/team:cache,db roleless gone"},
		{"one whose role is missing", rbac.Assertion{Who: who(user("ghost")), Plans: secrets}, "roleless gone"},
		{"bindings in a namespace have no say about nodes", rbac.Assertion{Who: who(user("ghost")), Plans: nodes}, `User/ghost["system:authenticated"]`},
		{"members of any group are authenticated", rbac.Assertion{Who: who(group("team")), Plans: nodes}, `Group/team["system:authenticated"]`},
		{"the group of all is named once", rbac.Assertion{Who: who(group(rbac.GroupAuthenticated)), Plans: nodes}, `Group/system:authenticated[""]`},
		{"those who are not authenticated are not", rbac.Assertion{Who: who(group(rbac.GroupUnauthenticated)), Plans: nodes}, ""},
		{"members of a namespace's group are in that of all", rbac.Assertion{Who: who(group(rbac.GroupServiceAccounts + ":dev")), Plans: []rbac.Plan{plan("services", "dev")}}, `Group/system:serviceaccounts:dev["system:serviceaccounts"]`},
		{"an account of a namespace", rbac.Assertion{Who: who(rbac.ServiceAccount("ci", "x")), Plans: secrets}, `ServiceAccount/ci/x["system:serviceaccounts:ci"] stranger ServiceAccount/ci/x`},
		{"masters can, if they are meant", rbac.Assertion{Who: who(group(rbac.GroupMasters)), Plans: secrets}, `Group/system:masters[""]`},
		{"a member of masters too", rbac.Assertion{Who: who(user("root")), Plans: secrets}, `User/root["system:masters"]`},
		{"unless they are excepted", rbac.Assertion{Who: who(user("root")), Plans: secrets, Except: []string{"group/system:masters"}}, ""},
		{"nobody of that name", rbac.Assertion{Who: who(user("Ann")), Plans: secrets}, "stranger User/Ann"},
		{"anonymous needs no name", rbac.Assertion{Who: who(user(rbac.UserAnonymous)), Plans: secrets}, ""},
		{"a group that Kubernetes fills", rbac.Assertion{Who: who(group(rbac.GroupNodes)), Plans: secrets}, ""},
		{"the group of a namespace with accounts", rbac.Assertion{Who: who(group(rbac.GroupServiceAccounts + ":dev")), Plans: secrets}, ""},
		{"the group of a namespace without", rbac.Assertion{Who: who(group(rbac.GroupServiceAccounts + ":dve")), Plans: secrets}, "stranger Group/system:serviceaccounts:dve"},
		{"can", rbac.Assertion{Allowed: true, Who: who(user("ann"), user("olga")), Plans: secrets}, ""},
		{"cannot", rbac.Assertion{Allowed: true, Who: who(user("ann"), rbac.ServiceAccount("dev", "web")), Plans: secrets}, `ServiceAccount/dev/web[]`},
		{"all requests must hold", rbac.Assertion{Allowed: true, Who: who(user("ann")), Plans: []rbac.Plan{plan("secrets", "dev"), plan("secrets", "prod")}}, `User/ann[]`},
		{"in every namespace", rbac.Assertion{Who: who(user("ann")), Plans: []rbac.Plan{plan("secrets", "*")}}, `User/ann[""]`},
	}
	x := asserted(t, snapshot.FromServer)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, outcomeText(x.Check(tt.a))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is missing can hide grants only: it turns a "cannot" that holds and a
// "can" that does not.
func TestUnproven(t *testing.T) {
	dev, prod := plan("secrets", "dev"), plan("secrets", "prod")
	bindings := gapIn(rbacAPI, "rolebindings", "dev")
	who := func(name string) []rbac.Subject { return []rbac.Subject{rbac.User(name)} }
	tests := []struct {
		name   string
		source snapshot.SourceKind
		gaps   []snapshot.Gap
		a      rbac.Assertion
		want   bool
	}{
		{"nothing is missing", snapshot.FromServer, nil, rbac.Assertion{Who: who("tim"), Plans: []rbac.Plan{dev}}, false},
		{"cannot", snapshot.FromServer, []snapshot.Gap{bindings}, rbac.Assertion{Who: who("ghost"), Plans: []rbac.Plan{prod, dev}}, true},
		{"cannot, and it fails", snapshot.FromServer, []snapshot.Gap{bindings}, rbac.Assertion{Who: who("ann"), Plans: []rbac.Plan{dev}}, false},
		{"cannot, and it fails by name", snapshot.FromServer, []snapshot.Gap{bindings}, rbac.Assertion{Who: who("tim"), Plans: []rbac.Plan{dev}}, false},
		{"cannot elsewhere", snapshot.FromServer, []snapshot.Gap{bindings}, rbac.Assertion{Who: who("tim"), Plans: []rbac.Plan{prod}}, false},
		{"can", snapshot.FromServer, []snapshot.Gap{bindings}, rbac.Assertion{Allowed: true, Who: who("ann"), Plans: []rbac.Plan{dev}}, false},
		{"can, and it fails", snapshot.FromServer, []snapshot.Gap{bindings}, rbac.Assertion{Allowed: true, Who: who("tim"), Plans: []rbac.Plan{dev}}, true},
		{"can, and it fails elsewhere too", snapshot.FromServer, []snapshot.Gap{bindings}, rbac.Assertion{Allowed: true, Who: who("tim"), Plans: []rbac.Plan{dev, prod}}, false},
		{"accounts that were not read", snapshot.FromServer, []snapshot.Gap{gapIn("", "serviceaccounts", "")}, rbac.Assertion{Who: who("tim"), Plans: []rbac.Plan{dev}}, false},
		{"a role that does not exist", snapshot.FromServer, nil, rbac.Assertion{Who: who("ghost"), Plans: []rbac.Plan{dev}}, false},
		{"a role that manifests do not hold", snapshot.FromFiles, nil, rbac.Assertion{Who: who("ghost"), Plans: []rbac.Plan{dev}}, true},
		{"through a group", snapshot.FromFiles, nil, rbac.Assertion{Who: who("ida"), Plans: []rbac.Plan{dev}}, true},
		{"such a role of an excepted group", snapshot.FromFiles, nil, rbac.Assertion{Who: who("ida"), Plans: []rbac.Plan{dev}, Except: []string{"group/idle"}}, false},
		{"such a role of somebody else", snapshot.FromFiles, nil, rbac.Assertion{Who: who("bob"), Plans: []rbac.Plan{dev}}, false},
		{"such a role in another namespace", snapshot.FromFiles, nil, rbac.Assertion{Who: who("ghost"), Plans: []rbac.Plan{prod}}, false},
		{"such a role, and everyone is asked for", snapshot.FromFiles, nil, rbac.Assertion{Plans: []rbac.Plan{dev}, Except: []string{"user/ann", "group/*", "sa/dev/web"}}, true},
		{"all of whom are excepted", snapshot.FromFiles, nil, rbac.Assertion{Plans: []rbac.Plan{dev}, Except: []string{"user/*", "group/*"}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if out := asserted(t, tt.source, tt.gaps...).Check(tt.a); out.Unproven != tt.want {
				t.Errorf("unproven %v, want %v: %s", out.Unproven, tt.want, outcomeText(out))
			}
		})
	}
}

func TestViolationTellsTheQuestion(t *testing.T) {
	x := asserted(t, snapshot.FromServer)
	out := x.Check(rbac.Assertion{Who: []rbac.Subject{rbac.User("ann")}, Plans: []rbac.Plan{plan("secrets", "*")}})
	if len(out.Violations) != 1 || !out.Violations[0].Anywhere || out.Violations[0].Request.Resource != "secrets" {
		t.Errorf("violations %+v, want one that was asked everywhere", out.Violations)
	}
}
