package snapshot_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/snapshot"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

type result struct {
	out, errOut string
	err         error
}

func run(t *testing.T, args ...string) result {
	t.Helper()
	return runWith(t, "", 0, args...)
}

func runWith(t *testing.T, stdin string, width int, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	e := &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &out, ErrOut: &errOut},
		Name:      "kubectl secure",
		Getenv:    func(name string) string { return map[string]string{"NO_COLOR": "1", "LANG": "C.UTF-8"}[name] },
		Now:       func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) },
		Terminal:  env.Terminal{Out: width > 0, Width: width, GOOS: "linux"},
	}
	cluster := genericclioptions.NewConfigFlags(true)
	root := &cobra.Command{Use: "kubectl-secure", SilenceErrors: true, SilenceUsage: true}
	cluster.AddFlags(root.PersistentFlags())
	root.AddCommand(snapshot.NewCmd(e, cluster))
	root.SetArgs(append([]string{"snapshot"}, args...))
	err := root.ExecuteContext(t.Context())
	return result{out.String(), errOut.String(), err}
}

func wantIn(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}

// serve starts a server and returns the flags that lead to it.
func serve(t *testing.T, objects ...runtime.Object) (*apiserver.Server, []string) {
	t.Helper()
	server := apiserver.Start(t, objects...)
	server.SetDiscovery(nil, nil, false)
	server.Serve(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	config := server.Config()
	dir := t.TempDir()
	file := filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": {Token: "t"}},
		Contexts:       map[string]*clientcmdapi.Context{"c": {Cluster: "c", AuthInfo: "u"}},
		CurrentContext: "c",
	}, file); err != nil {
		t.Fatal(err)
	}
	return server, []string{"--kubeconfig", file, "--cache-dir", filepath.Join(dir, "cache")}
}

func cluster() []runtime.Object {
	system := testkit.Namespace("kube-system")
	return []runtime.Object{
		system, testkit.Namespace("shop"), testkit.ServiceAccount("shop", "web"), testkit.Secret("shop", "db", "hunter2"),
		testkit.ConfigMap("shop", "settings", "key", "a-setting"), testkit.Pod("shop", "web-1", "web"),
		testkit.ClusterRole("reader", testkit.Rule("get,list", "", "pods")),
		testkit.RoleBinding("shop", "readers", "ClusterRole/reader", testkit.SA("shop", "web")),
	}
}

func TestSaveAndShowLive(t *testing.T) {
	_, flags := serve(t, cluster()...)
	file := filepath.Join(t.TempDir(), "s.json.gz")
	saved := run(t, append([]string{"save", file}, flags...)...)
	if saved.err != nil {
		t.Fatalf("%v\n%s", saved.err, saved.errOut)
	}
	stat, err := os.Stat(file)
	if err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v: only its owner may read it", stat.Mode(), err)
	}
	shown := run(t, "show", file)
	for _, r := range []result{saved, shown} {
		wantIn(t, r.out, "8 objects of 7 kinds", "2026-11-20T12:00:00Z", "v1.37.2", "Namespace//kube-system", "kubernetes-admin", "left out")
	}
	var report v1alpha1.SnapshotReport
	machine := run(t, "show", file, "-o", "json")
	if err := json.Unmarshal([]byte(machine.out), &report); err != nil {
		t.Fatal(err)
	}
	want := v1alpha1.SnapshotIdentity{ServerVersion: "v1.37.2", ClusterID: "Namespace//kube-system", User: "kubernetes-admin", Redacted: true}
	if report.Identity.Taken == nil || !report.Identity.Taken.Time.Equal(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("taken %v", report.Identity.Taken)
	}
	report.Identity.Taken = nil
	if diff := cmp.Diff(want, report.Identity); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
}

func TestSaveKeepsNoSecretsAndNoConfiguration(t *testing.T) {
	_, flags := serve(t, cluster()...)
	for _, tt := range []struct {
		name    string
		more    []string
		setting bool
	}{{"redacted", nil, false}, {"with configuration", []string{"--include-config"}, true}} {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, append(append([]string{"save", "-"}, tt.more...), flags...)...)
			if r.err != nil {
				t.Fatal(r.err)
			}
			if strings.Contains(r.out, "hunter2") || strings.Contains(r.out, "aHVudGVyMg") {
				t.Error("the value of a Secret is in the snapshot")
			}
			if got := strings.Contains(r.out, "a-setting"); got != tt.setting {
				t.Errorf("the ConfigMap's data is in the snapshot: %v, want %v", got, tt.setting)
			}
			var list struct {
				Kind  string           `json:"kind"`
				Items []map[string]any `json:"items"`
			}
			if err := json.Unmarshal([]byte(r.out), &list); err != nil || list.Kind != "List" || list.Items[0]["kind"] != "SnapshotInfo" {
				t.Errorf("stdout is no List that begins with the SnapshotInfo: %v", err)
			}
		})
	}
}

func TestSaveWithGaps(t *testing.T) {
	server, flags := serve(t, cluster()...)
	server.Inject("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", apiserver.Forbidden("bob"))
	file := filepath.Join(t.TempDir(), "s.json")
	r := run(t, append([]string{"save", file, "--require-complete"}, flags...)...)
	if fault.Code(r.err) != fault.ExitIncomplete {
		t.Errorf("error %v, want exit code 4", r.err)
	}
	wantIn(t, r.errOut, "clusterrolebindings.rbac.authorization.k8s.io: forbidden")
	shown := run(t, "show", file)
	wantIn(t, shown.out, "1 gap")
	wantIn(t, shown.errOut, "clusterrolebindings.rbac.authorization.k8s.io: forbidden")
	// The stream's reader is told on stderr.
	r = run(t, append([]string{"save", "-"}, flags...)...)
	wantIn(t, r.errOut, "clusterrolebindings.rbac.authorization.k8s.io: forbidden")
}

func TestSaveReplacesOnlyWithForce(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "s.json")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := run(t, "save", file, "--demo")
	if fault.Code(r.err) != fault.ExitError || !strings.Contains(r.err.Error(), "exists already") || fault.Help(r.err)[0] != "--force replaces it" {
		t.Errorf("error %v, help %q", r.err, fault.Help(r.err))
	}
	if data, _ := os.ReadFile(file); string(data) != "mine" {
		t.Error("the file was replaced")
	}
	if r := run(t, "save", file, "--demo", "--force"); r.err != nil {
		t.Fatal(r.err)
	}
	if stat, _ := os.Stat(file); stat.Mode().Perm() != 0o600 || stat.Size() < 10000 {
		t.Errorf("the replaced file has mode %v and %d bytes", stat.Mode(), stat.Size())
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	for name, target := range map[string]string{"a directory": dir, "no directory": filepath.Join(dir, "none", "s.json"), "a device": os.DevNull} {
		if r := run(t, "save", target, "--demo", "--force"); fault.Code(r.err) != fault.ExitError {
			t.Errorf("%s: error %v", name, r.err)
		}
	}
}

// Manifests that were saved are a saved snapshot, but not of a whole cluster.
func TestShowOfManifests(t *testing.T) {
	manifest := write(t, "a.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n")
	saved := filepath.Join(t.TempDir(), "m.json")
	if r := run(t, "save", saved, "-f", manifest); r.err != nil {
		t.Fatal(r.err)
	}
	for file, want := range map[string]string{
		manifest: manifest + " is no saved snapshot: nothing says what is missing in it",
		saved:    saved + " was saved from files: nothing says what is missing in them",
	} {
		if r := run(t, "show", file); r.err != nil || !strings.Contains(r.errOut, want) {
			t.Errorf("error %v, stderr:\n%s", r.err, r.errOut)
		}
	}
}

func TestStatesAreNoFlags(t *testing.T) {
	for flag, hint := range map[string]string{
		"--demo":     "the word demo stands for the demonstration cluster, as in: kubectl-secure snapshot diff demo FILE",
		"-f":         "the states are arguments, as in: kubectl-secure snapshot diff FILE live",
		"--filename": "the states are arguments, as in: kubectl-secure snapshot diff FILE live",
		"--nope":     "",
	} {
		r := run(t, "diff", flag, "x")
		if help := strings.Join(fault.Help(r.err), "\n"); fault.Code(r.err) != fault.ExitUsage || help != hint {
			t.Errorf("%s: error %v, help %q, want %q", flag, r.err, help, hint)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{"save"},
		{"save", ""},
		{"save", "a", "b"},
		{"save", "-", "--demo", "-f", "x"},
		{"show"},
		{"show", "a", "b"},
		{"show", ""},
		{"diff", "demo", ""},
		{"diff"},
		{"diff", "demo"},
		{"diff", "a", "b", "c"},
		{"diff", "-", "-"},
		{"diff", "demo", "demo", "--context", "x"},
		{"diff", "demo", "demo", "-o", "nope"},
		{"diff", "demo", "demo", "--groups", "/none/at/all"},
	} {
		if r := run(t, args...); fault.Code(r.err) != fault.ExitUsage {
			t.Errorf("%q: error %v, want a usage error", args, r.err)
		}
	}
}

// Who may read one namespace only is told what is missing: the others.
func TestSaveOfOneNamespace(t *testing.T) {
	server, flags := serve(t, append(cluster(), testkit.ServiceAccount("dev", "other"))...)
	server.Inject("/api/v1/serviceaccounts", forbidden())
	server.Inject("/api/v1/namespaces", forbidden())
	server.Inject("/api/v1/namespaces/dev/serviceaccounts", forbidden())
	saved := filepath.Join(t.TempDir(), "s.json")
	r := run(t, append([]string{"save", saved, "-n", "shop"}, flags...)...)
	if r.err != nil {
		t.Fatal(r.err)
	}
	wantIn(t, r.errOut, "serviceaccounts in other namespaces than shop: forbidden")
	wantIn(t, run(t, "show", saved).errOut, "serviceaccounts in other namespaces than shop: forbidden")
}
