package requires_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/requires"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
)

// asked turns requests into the permissions that an API server asks for them.
func asked(t *testing.T, requests []apiserver.Request) []string {
	t.Helper()
	var permissions []string
	for _, r := range requests {
		parts := strings.Split(strings.Trim(r.Path, "/"), "/")
		group := ""
		switch {
		case len(parts) < 3: // /api, /apis, /version
			permissions = append(permissions, "get "+r.Path)
			continue
		case parts[0] == "apis" && len(parts) == 3, parts[0] == "api" && len(parts) == 2:
			t.Fatalf("discovery of one group: %s", r.Path)
		case parts[0] == "apis":
			group, parts = parts[1], parts[3:]
		default:
			parts = parts[2:]
		}
		if len(parts) > 2 && parts[0] == "namespaces" {
			parts = parts[2:]
		}
		verb := map[bool]string{true: "get", false: "list"}[len(parts) > 1]
		if r.Method == http.MethodPost {
			verb = "create"
		}
		permissions = append(permissions, verb+" "+schema.GroupResource{Group: group, Resource: parts[0]}.String())
	}
	slices.Sort(permissions)
	return slices.Compact(permissions)
}

// declared are the permissions that the parts of a command declare.
func declared(t *testing.T, name string, parts []string) []string {
	t.Helper()
	var permissions []string
	for _, command := range requires.Find(name) {
		command.Parts = slices.DeleteFunc(slices.Clone(command.Parts), func(p requires.Part) bool { return !slices.Contains(parts, p.When) })
		if len(command.Parts) != len(parts) {
			t.Fatalf("%s does not have all of the parts %q", name, parts)
		}
		for _, p := range requires.Permissions([]requires.Command{command}) {
			what := p.URL
			if p.URL == "" {
				what = schema.GroupResource{Group: p.APIGroup, Resource: p.Resource}.String()
			}
			permissions = append(permissions, p.Verb+" "+what)
		}
	}
	slices.Sort(permissions)
	return slices.Compact(permissions)
}

type scenario struct {
	command string
	parts   []string
	args    string
}

func scenarios(dir string) []scenario {
	return []scenario{
		{"who-can", []string{""}, "who-can get secrets -A"},
		{"who-can", []string{"", "-o wide"}, "who-can get secrets -A -o wide"},
		{"who-can", []string{"", "a TYPE that is not built in"}, "who-can get widgets.example.org -A"},
		{"who-can", []string{"", "--verify"}, "who-can get secrets -A --verify"},
		{"who-can check", []string{""}, "who-can check " + filepath.Join(dir, "secrets.yaml")},
		{"who-can check", []string{"", "a TYPE that is not built in"}, "who-can check " + filepath.Join(dir, "widgets.example.org.yaml")},
		{"why", []string{""}, "why user/alice get secrets -A"},
		{"why", []string{"", "a TYPE that is not built in"}, "why user/alice get widgets.example.org -A"},
		{"why", []string{"", "a pod as SUBJECT"}, "why pod/shop/web-1 get secrets -A"},
		{"why", []string{"", "me as SUBJECT"}, "why me get secrets -A"},
		{"why", []string{"", "me as SUBJECT", "me as SUBJECT, with --verify or in doubt"}, "why me get secrets -n shop --verify"},
		{"why", []string{"", "--verify, of others than me"}, "why user/alice get secrets -n shop --verify"},
		{"why", []string{"", "me as SUBJECT", "--verify, of others than me"}, "why me get secrets -n shop --verify --group sre"},
		{"what-can", []string{""}, "what-can user/alice -A"},
		{"netpol-sim", []string{""}, "netpol-sim shop/web-1 shop/web-1"},
		{"netpol-sim matrix", []string{""}, "netpol-sim matrix -n shop"},
		{"netpol-sim reach", []string{""}, "netpol-sim reach shop/web-1 --from --to"},
		{"netpol-sim diff", []string{""}, "netpol-sim diff --without pod/web-1"},
		{"netpol-sim lint", []string{""}, "netpol-sim lint"},
		{"netpol-sim generate", []string{""}, "netpol-sim generate shop/web-1 -n shop"},
		{"netpol-sim check", []string{""}, "netpol-sim check " + filepath.Join(dir, "flows.yaml")},
		{"what-can", []string{"", "a pod as SUBJECT"}, "what-can pod/shop/web-1 -A"},
		{"what-can", []string{"", "me as SUBJECT"}, "what-can me -A"},
		{"snapshot save", []string{""}, "snapshot save " + filepath.Join(dir, "s.json")},
		{"snapshot diff", []string{`"live"`}, "snapshot diff demo live"},
		{"permissions", []string{""}, "permissions who-can"},
	}
}

// What a command declares is what it asks for, no more and no less.
func TestDeclaredIsAsked(t *testing.T) {
	dir := t.TempDir()
	for _, resource := range []string{"secrets", "widgets.example.org"} {
		assertion := fmt.Sprintf("- {cannot: get, resource: %s}\n", resource)
		if err := os.WriteFile(filepath.Join(dir, resource+".yaml"), []byte(assertion), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "flows.yaml"), []byte("- {from: shop/web-1, to: shop/web-1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, s := range scenarios(dir) {
		t.Run(s.command+strings.Join(s.parts, " "), func(t *testing.T) {
			server := apiserver.Start(
				t, testkit.Namespace("shop"), testkit.Namespace("kube-system"), testkit.Pod("shop", "web-1", "web"),
				testkit.ClusterRole("reader", testkit.Rule("get", "", "secrets")), testkit.ClusterRoleBinding("readers", "reader", testkit.User("alice")),
			)
			server.SetDiscovery(nil, []apidiscoveryv2.APIGroupDiscovery{}, false)
			_ = runLive(t, server, fmt.Sprint(i), strings.Fields(s.args)...)
			if diff := cmp.Diff(declared(t, s.command, s.parts), asked(t, server.Requests("/*"))); diff != "" {
				t.Errorf("(-declared +asked):\n%s", diff)
			}
		})
	}
}

// Every part of every declaration is asked for in some scenario above.
func TestEveryDeclarationIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, s := range scenarios("") {
		for _, part := range s.parts {
			tested[s.command+" "+part] = true
		}
	}
	for _, command := range requires.Commands() {
		for _, part := range command.Parts {
			if !tested[command.Name+" "+part.When] {
				t.Errorf("no scenario has %s %s", command.Name, part.When)
			}
		}
	}
}

// Every command that can reach a cluster has a declaration.
func TestEveryCommandIsDeclared(t *testing.T) {
	needNothing := []string{"completion", "options", "version", "help", "snapshot show"}
	root := cli.NewRoot(&env.Env{Name: "kubectl secure"})
	var names []string
	for _, c := range root.Commands() {
		for _, sub := range c.Commands() {
			names = append(names, c.Name()+" "+sub.Name())
		}
		if !c.HasSubCommands() || c.Name() == "who-can" || c.Name() == "netpol-sim" {
			names = append(names, c.Name())
		}
	}
	for _, name := range names {
		if !slices.Contains(requires.Names(), name) && !slices.ContainsFunc(needNothing, func(n string) bool { return strings.HasPrefix(name, n) }) {
			t.Errorf("%s asks an API server, or not: declare it in requires.Commands, or list it here", name)
		}
	}
}

func runLive(t *testing.T, server *apiserver.Server, _ string, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "kubeconfig")
	config := server.Config()
	if err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": {Token: "t"}},
		Contexts:       map[string]*clientcmdapi.Context{"c": {Cluster: "c", AuthInfo: "u", Namespace: "shop"}},
		CurrentContext: "c",
	}, file); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	cli.Main("kubectl-secure", &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut},
		Args:      append(args, "--kubeconfig", file, "--cache-dir", filepath.Join(dir, "cache")),
		Getenv:    func(string) string { return "" },
		Now:       time.Now,
	})
	if strings.Contains(errOut.String(), "error:") {
		t.Log(errOut.String())
	}
	return out.String()
}

func TestManifestIsTheClusterRole(t *testing.T) {
	for _, name := range append(requires.Names(), "") {
		permissions := requires.Permissions(requires.Find(name))
		text, err := requires.ManifestYAML("kubectl-secure", permissions)
		if err != nil {
			t.Fatal(err)
		}
		var parsed rbacv1.ClusterRole
		if err := yaml.UnmarshalStrict(text, &parsed); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		if diff := cmp.Diff(requires.ClusterRole("kubectl-secure", permissions), &parsed); diff != "" {
			t.Errorf("%s: (-role +manifest):\n%s", name, diff)
		}
		allowed := func(p requires.Permission) int {
			n := 0
			for i := range parsed.Rules {
				if p.CoveredBy(&parsed.Rules[i]) {
					n++
				}
			}
			return n
		}
		size := 0
		for _, r := range parsed.Rules {
			size += len(r.Verbs) * max(1, len(r.ResourceNames)) * (len(r.Resources) + len(r.NonResourceURLs))
		}
		for _, p := range permissions {
			if allowed(p) == 0 {
				t.Errorf("%s: the role does not allow %+v", name, p)
			}
		}
		if size != len(permissions) {
			t.Errorf("%s: the role allows %d permissions, %d are needed", name, size, len(permissions))
		}
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]int{"": len(requires.Commands()), "who-can": 1, "who-can check": 1, "who": 0, "snapshot": 2, "snapshot save": 1, "snap": 0, "version": 0} {
		if got := len(requires.Find(name)); got != want {
			t.Errorf("Find(%q) finds %d commands, want %d", name, got, want)
		}
	}
}
