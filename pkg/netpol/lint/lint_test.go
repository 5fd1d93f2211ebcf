package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// input is a cluster of a test: manifests, and what could not be read.
type input struct {
	manifests string
	from      snapshot.SourceKind // a server without
	gaps      []snapshot.Gap
	profile   netpol.Profile // common without
}

func (i input) cluster(t testing.TB) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(i.manifests), "x"); err != nil {
		t.Fatal(err)
	}
	b.Gap(i.gaps...)
	if i.from == "" {
		i.from = snapshot.FromServer
	}
	if i.profile == "" {
		i.profile = netpol.ProfileCommon
	}
	s, err := b.Build(snapshot.Info{Source: i.from})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Gaps()) > len(i.gaps) || len(s.Warnings()) > 0 {
		t.Fatalf("the manifests of the test: %v, %q", s.Gaps(), s.Warnings())
	}
	return netpol.NewCluster(s, i.profile)
}

// lines writes findings as SEVERITY CHECK OBJECT PATH.
func lines(findings []finding.Finding) []string {
	var list []string
	for _, f := range findings {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", f.Severity, f.Check, f.Object, f.Path)))
	}
	return list
}

// run returns the findings of some checks.
func (i input) run(t testing.TB, checks ...string) []finding.Finding {
	t.Helper()
	return lint.Run(i.cluster(t), lint.Options{Checks: checks}).Findings
}

// The manifests of tests. All is in namespace x unless it says otherwise.

func namespace(name, labels string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {%s}}\n", name, labels)
}

// pod writes a running pod of a namespace, with labels and ports in YAML.
func pod(ns, name, labels, ip, ports string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: %s, labels: {%s}}\n"+
		"spec: {nodeName: n1, containers: [{name: c, image: i, ports: [%s]}]}\nstatus: {phase: Running, podIPs: [{ip: %q}]}\n", name, ns, labels, ports, ip)
}

// host makes a pod one of the host's network.
func host(pod string) string {
	return strings.Replace(pod, "nodeName:", "hostNetwork: true, nodeName:", 1)
}

// policy writes a NetworkPolicy; the spec is YAML in one line.
func policy(name, spec string) string {
	return fmt.Sprintf("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: x}\nspec: %s\n", name, spec)
}

func service(ns, name, selector, ports string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: {clusterIP: 10.96.0.%d, selector: {%s}, ports: [%s]}\n", name, ns, len(name)+len(ns), selector, ports)
}

// dns is the DNS of a cluster.
func dns() string {
	return namespace("kube-system", "") + pod("kube-system", "coredns", "k8s-app: kube-dns", "10.0.9.1", "{name: dns, containerPort: 53, protocol: UDP}, {name: dns-tcp, containerPort: 53}") +
		service("kube-system", "kube-dns", "k8s-app: kube-dns", "{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53}")
}

// shop is a namespace x with three pods, another one, and DNS.
func shop() string {
	return namespace("x", "") + namespace("other", "team: blue") + dns() +
		pod("x", "web", "app: web, tier: front", "10.0.0.1", "{name: http, containerPort: 8080}") +
		pod("x", "api", "app: api", "10.0.0.2", "{name: http, containerPort: 8000}, {name: metrics, containerPort: 9090}") +
		pod("x", "database", "app: database", "10.0.0.3", "{containerPort: 5432}") +
		pod("other", "client", "app: client", "10.0.1.1", "")
}

type findingsTest struct {
	name  string
	input input
	want  []string
	says  string // is in the message, remedy or evidence of the first
}

func runAll(t *testing.T, tests []findingsTest, checks ...string) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := tt.input.run(t, checks...)
			if diff := cmp.Diff(tt.want, lines(found)); diff != "" {
				t.Fatalf("findings (-want +got):\n%s", diff)
			}
			if tt.says == "" {
				return
			}
			if text := found[0].Message + "\n" + found[0].Remedy + "\n" + strings.Join(found[0].Evidence, "\n"); !strings.Contains(text, tt.says) {
				t.Errorf("it does not say %q:\n%s", tt.says, text)
			}
		})
	}
}

func gap(group, resource, ns string) snapshot.Gap {
	return snapshot.Gap{Group: group, Resource: resource, Namespace: ns, Reason: snapshot.Forbidden}
}
