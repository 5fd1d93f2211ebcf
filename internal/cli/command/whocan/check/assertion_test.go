package check

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
)

// demo is the source of --demo, with further flags.
func demo(t testing.TB, args ...string) *source.Source {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	cluster := genericclioptions.NewConfigFlags(true)
	cluster.AddFlags(fs)
	flags := source.NewFlags(cluster)
	flags.AddFlags(fs)
	if err := fs.Parse(append(args, "--demo")); err != nil {
		t.Fatal(err)
	}
	src, err := flags.ToSource(&env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: io.Discard, ErrOut: io.Discard},
		Getenv:    func(string) string { return "" }, Now: time.Now,
	}, fs)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func list(n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf("x%d", i)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func TestRefused(t *testing.T) {
	tests := []struct{ name, fields, want string }{
		{"neither", "resource: pods", "one of can and cannot is needed"},
		{"both", "can: get, cannot: get, resource: pods", "one of can and cannot is needed"},
		{"no verb", "cannot: true, resource: pods", "a verb is needed"},
		{"no resource", "cannot: get", "field resource is missing"},
		{"two verbs in a word", "cannot: 'get,list', resource: pods", `"get,list" is not one word: write a list, as in [get, list]`},
		{"two verbs and a blank", "cannot: [get list], resource: pods", "is not one word"},
		{"a blank verb in a list", "cannot: [get, ''], resource: pods", `can or cannot: "" is blank`},
		{"a verb with a blank", "cannot: 'get ', resource: pods", `"get " is blank, or begins or ends with a blank`},
		{"two types in a word", "cannot: get, resource: 'pods,secrets'", "is not one word"},
		{"an unknown type", "cannot: get, resource: podz", `unknown resource type "podz"`},
		{"two subresources in a word", "cannot: get, resource: pods, subresource: 'log,exec'", "is not one word"},
		{"a pattern of subresources", "cannot: get, resource: pods/*", "RBAC knows no patterns"},
		{"a pattern of names", "cannot: get, resource: secrets, name: 'db*'", `no object is named "db*"`},
		{"two names in a word", "cannot: get, resource: secrets, name: 'a,b'", `"a,b" is not one name: write a list, as in [a, b]`},
		{"an impossible name", "cannot: get, resource: secrets, name: DB", `no object of type secrets is named "DB"`},
		{"the name of a URL", "cannot: get, resource: /metrics, name: x", "a URL has neither a name"},
		{"two names", "cannot: get, resource: secrets/a, name: b", "two names given"},
		{"a pattern of namespaces", "cannot: get, resource: pods, namespace: 'shop-*'", "leave the field out to mean every namespace"},
		{"an impossible namespace", "cannot: get, resource: pods, namespace: Shop", `no namespace can be named "Shop"`},
		{"two namespaces in a word", "cannot: get, resource: pods, namespace: 'a,b'", "is not one word"},
		{"a blank namespace in a list", "cannot: get, resource: pods, namespace: [a, ~]", `namespace: "" is blank`},
		{"can, and nobody", "can: get, resource: pods", "who is missing"},
		{"somebody", "who: alice, cannot: get, resource: pods", "does not say whether it is"},
		{"somebody and a blank", "who: 'user/alice ', cannot: get, resource: pods", "ends with a blank"},
		{"the caller", "who: me, cannot: get, resource: pods", `"me" is not a user, a group or a service account`},
		{"an account of no namespace", "who: sa/web, cannot: get, resource: pods", "names no namespace: write sa/NAMESPACE/NAME"},
		{"an account of two namespaces", "who: sa/web, cannot: get, resource: pods, namespace: [a, b]", "names no namespace"},
		{"can, and exceptions", "who: user/a, can: get, resource: pods, except: user/b", "except goes with cannot"},
		{"no subject", "cannot: get, resource: pods, except: alice", "except: \"alice\" does not say"},
		{"all excepted", "cannot: get, resource: pods, except: '*'", "excepts everyone: the assertion would always hold"},
		{"oneself excepted", "who: [user/a, user/b], cannot: get, resource: pods, except: 'user/*'", `"user/*" excepts user/a, whom the assertion is about`},
		{"too much", "cannot: " + list(300) + ", resource: pods, namespace: " + list(300), "more than 50000 questions"},
	}
	src := demo(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseAll(t.Context(), src, "f", []byte("- {cannot: list, resource: pods}\n- {"+tt.fields+"}"), "")
			if err == nil || !strings.HasPrefix(err.Error(), "f:2: assertion 2: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one of assertion 2 with %q", err, tt.want)
			}
			if code := fault.Code(err); code != fault.ExitUsage {
				t.Errorf("exit code %d, want %d", code, fault.ExitUsage)
			}
		})
	}
}

func TestParsed(t *testing.T) {
	tests := []struct {
		name, fields, text string
		plans              int
		note               string // in one of the notes; "" for none at all
	}{
		{"everywhere", "cannot: get, resource: pods", "nobody can get pods", 1, ""},
		{"everywhere in words", "cannot: get, resource: pods, namespace: '*'", "nobody can get pods", 1, ""},
		{"lists multiply", "cannot: [get, list], resource: [secrets, configmaps], namespace: [shop, ci]", "nobody can get, list secrets, configmaps in shop, ci", 8, ""},
		{"subjects are spelt out", "who: [u/ann, 'system:serviceaccount:shop:web'], can: true, verb: get, resource: pods", "user/ann, sa/shop/web can get pods", 1, ""},
		{"an account of the namespace", "who: sa/web, cannot: get, resource: pods/log, namespace: shop", "sa/shop/web cannot get pods/log in shop", 1, ""},
		{"exceptions", "cannot: get, resource: secrets, name: db, namespace: shop, except: [group/oidc:*]", "nobody except group/oidc:* can get secrets named db in shop", 1, ""},
		{"names of users are any text", "who: group/a, cannot: impersonate, resource: users, name: 'CN=x, O=*'", "group/a cannot impersonate users named CN=x, O=*", 1, ""},
		{"a role may have any name", "cannot: bind, resource: clusterroles, name: 'System:Admin'", "nobody can bind clusterroles named System:Admin", 1, ""},
		{"a verb that nobody serves", "cannot: read, resource: pods", "nobody can read pods", 1, `no API server serves the verb "read" on pods`},
		{"every verb", "cannot: '*', resource: pods", "nobody can * pods", 1, "rules that hold *"},
		{"every type", "cannot: get, resource: '*'", "nobody can get *", 1, "rules that hold *"},
		{"every URL", "cannot: get, resource: /api/*", "nobody can get /api/*", 1, "rules that hold *"},
		{"every verb, allowed", "who: user/a, can: '*', resource: pods", "user/a can * pods", 1, ""},
		{"a name that is dropped", "cannot: create, resource: secrets, name: db", "nobody can create secrets named db", 1, "a create request carries no name"},
		{"a namespace that has no say", "cannot: get, resource: nodes, namespace: shop", "nobody can get nodes in shop", 1, "namespace shop changes nothing"},
		{"an unknown type", "cannot: get, resource: foos.example.org, name: 'a*'", "nobody can get foos.example.org named a*", 1, "RBAC knows no patterns of names"},
	}
	src := demo(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all, err := parseAll(t.Context(), src, "f", []byte("- {"+tt.fields+"}"), "")
			if err != nil {
				t.Fatal(err)
			}
			a := all[0]
			if a.text != tt.text || len(a.Plans) != tt.plans {
				t.Errorf("%q, %d requests; want %q, %d", a.text, len(a.Plans), tt.text, tt.plans)
			}
			noted := slices.ContainsFunc(a.notes, func(note string) bool { return strings.Contains(note, tt.note) })
			if tt.note == "" && len(a.notes) > 0 || tt.note != "" && !noted {
				t.Errorf("notes %q, want %q", a.notes, tt.note)
			}
		})
	}
}

// Notes that --strict minds are those about words that may be slips.
func TestDoubts(t *testing.T) {
	for _, tt := range []struct {
		fields string
		want   string // "" for none
	}{
		{"cannot: read, resource: pods", `no API server serves the verb "read" on pods`},
		{"cannot: get, resource: pods, subresource: logs", `pods serves no subresource "logs"`},
		{"cannot: get, resource: foos.example.org", "foos.example.org is not known here"},
		{"cannot: read, resource: /metrics", `"read" is none`},
		{"cannot: get, resource: pods, except: ['user/*', 'group/**', 'sa/*/*']", "nobody is left whom it is about"},
		{"cannot: get, resource: pods, except: ['user/*', 'group/*', 'sa/*/a*']", ""},
		{"cannot: get, resource: pods, except: ['user/*', 'group/a*', 'sa/*/*']", ""},
		{"cannot: get, resource: pods, except: ['user/*/*', 'group/*', 'sa/*/*']", ""},
		{"cannot: create, resource: secrets, name: db", ""},
		{"cannot: '*', resource: pods", ""},
	} {
		all, err := parseAll(t.Context(), demo(t), "f", []byte("- {"+tt.fields+"}"), "")
		if err != nil {
			t.Fatal(err)
		}
		doubts := strings.Join(all[0].doubts, "\n")
		if tt.want == "" && doubts != "" || !strings.Contains(doubts, tt.want) {
			t.Errorf("%s: doubts %q, want %q", tt.fields, doubts, tt.want)
		}
		if missing := slices.ContainsFunc(all[0].doubts, func(doubt string) bool { return !slices.Contains(all[0].notes, doubt) }); missing {
			t.Errorf("%s: doubts %q are not all among the notes %q", tt.fields, doubts, all[0].notes)
		}
	}
}

func TestNamespaceOfTheCommandLine(t *testing.T) {
	all, err := parseAll(t.Context(), demo(t), "f", []byte("- {who: sa/deployer, cannot: get, resource: pods}"), "ci")
	if err != nil || all[0].text != "sa/ci/deployer cannot get pods" {
		t.Errorf("%+v, error %v", all, err)
	}
}

// FuzzAssertions looks for panics, for errors that do not blame the file, and
// for assertions that hold since they ask for nothing.
func FuzzAssertions(f *testing.F) {
	for _, seed := range []string{
		"- {cannot: [get, list], resource: secrets, namespace: shop, except: [group/oidc:sre, sa/kube-system/*], why: x}",
		"assertions:\n- who: sa/ci/runner\n  can: create\n  resource: [pods, pods/exec]\n  name: a\n---\n- {cannot: get, resource: /metrics}",
		"- &a {cannot: true, verb: '*', resource: '*', subresource: log}\n- *a", `[{"who":["u/a"],"cannot":"get","resource":"deploy"}]`,
		"", "---", "a", "[]", "{}", "- {who: *x}", "- {<<: {}}", "- ? [a]\n  : b", "\xff\xfe", "- {cannot: !!binary eA==, resource: pods}", "- {can: yes, resource: 1e3, who: me}",
	} {
		f.Add(seed)
	}
	src := demo(f)
	f.Fuzz(func(t *testing.T, data string) {
		all, err := parseAll(t.Context(), src, "f", []byte(data), "")
		switch {
		case err != nil && (fault.Code(err) != fault.ExitUsage || !strings.HasPrefix(err.Error(), "f:")):
			t.Errorf("error %q does not blame the file", err)
		case err == nil && len(all) == 0:
			t.Error("no assertions, and no error")
		}
		for _, a := range all {
			if len(a.Plans) == 0 || a.Allowed && len(a.Who) == 0 || a.text == "" {
				t.Errorf("%+v asks for nothing", a)
			}
			for _, plan := range a.Plans {
				if r := plan.Request; r.Verb == "" || r.Resource == "" && r.Path == "" || strings.ContainsAny(r.Verb+r.Namespace, ", \n") {
					t.Errorf("%+v can match nothing", r)
				}
			}
		}
	})
}
