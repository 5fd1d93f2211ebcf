package generate_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

func clusterOf(t testing.TB, b *snapshot.Builder) *netpol.Cluster {
	t.Helper()
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	c := netpol.NewCluster(s, netpol.ProfileCommon)
	if len(c.Rejected()) > 0 {
		t.Fatalf("API servers refuse: %+v", c.Rejected())
	}
	return c
}

func external(c *netpol.Cluster, ip string) *netpol.Endpoint { return c.At(netip.MustParseAddr(ip)) }

// pod is one of namespace NS/NAME, labelled app=NAME up to a dash.
func pod(name, ip, more string) string {
	ns, own, _ := strings.Cut(name, "/")
	app, _, replica := strings.Cut(own, "-")
	owner := ""
	if replica {
		owner = ", ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: " + app + ", controller: true}]"
	}
	return fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {app: %s}%s}, spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]%s}, status: {podIP: %s}}\n---\n", own, ns, app, owner, more, ip)
}

const host = ", hostNetwork: true"

func object(kind, ns, name, spec string) string {
	version := map[string]string{"NetworkPolicy": "networking.k8s.io/v1", "Service": "v1", "DaemonSet": "apps/v1", "Deployment": "apps/v1"}[kind]
	return fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {name: %s, namespace: %s}, spec: %s}\n---\n", version, kind, name, ns, spec)
}

func node(name, ip string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: Node, metadata: {name: %s}, status: {addresses: [{type: InternalIP, address: %s}]}}\n---\n", name, ip)
}

func manifestsOf(t testing.TB, manifests string) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(manifests), "x"); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil || len(s.Gaps()) > 0 {
		t.Fatal(err, s.Gaps())
	}
	return netpol.NewCluster(s, netpol.ProfileCommon)
}

func both() []netpol.Direction { return []netpol.Direction{netpol.Ingress, netpol.Egress} }

// generated writes policies for the workloads of namespace x.
func generated(t testing.TB, manifests string, o generate.Options, flows ...string) *generate.Result {
	t.Helper()
	c := manifestsOf(t, manifests)
	d := draft.New(c)
	if o.Subjects == nil {
		o.Subjects, _ = generate.Selectable(d, d.Units("x"))
	}
	if o.Directions == nil {
		o.Directions = both()
	}
	r, err := generate.Generate(c, d, flowsOf(t, c, flows), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// flowsOf reads "x/a y/b 80" or "203.0.113.7 x/a 53/UDP".
func flowsOf(t testing.TB, c *netpol.Cluster, texts []string) []generate.Flow {
	t.Helper()
	var flows []generate.Flow
	for _, text := range texts {
		words := strings.Fields(text)
		f := generate.Flow{Family: netpol.IPv4, Count: 3}
		for i, end := range []**netpol.Endpoint{&f.From, &f.To} {
			ref, err := netpol.ParseReference(words[i], "x")
			if err != nil {
				t.Fatal(err)
			}
			found, err := c.Resolve(ref)
			if err != nil {
				t.Fatal(err)
			}
			*end = found[0]
		}
		var q netpol.Question
		if err := q.AddPort(words[2]); err != nil {
			t.Fatal(err)
		}
		f.Protocol, f.Port = q.Ports[0].Protocol, q.Ports[0].From
		flows = append(flows, f)
	}
	return flows
}

// textOf writes policies in short, one line each.
func textOf(r *generate.Result) string {
	var b strings.Builder
	for _, p := range r.Policies {
		spec := p.Object.Spec
		fmt.Fprintf(&b, "%s/%s %v %s:", p.Object.Namespace, p.Object.Name, spec.PolicyTypes, labels.FormatLabels(spec.PodSelector.MatchLabels))
		for _, r := range spec.Ingress {
			fmt.Fprintf(&b, " from %s on %s;", peersOf(r.From), portsOf(r.Ports))
		}
		for _, r := range spec.Egress {
			fmt.Fprintf(&b, " to %s on %s;", peersOf(r.To), portsOf(r.Ports))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func peersOf(peers []networkingv1.NetworkPolicyPeer) string {
	var texts []string
	for _, p := range peers {
		switch {
		case p.IPBlock != nil:
			texts = append(texts, p.IPBlock.CIDR)
		case p.NamespaceSelector != nil:
			texts = append(texts, labels.FormatLabels(p.PodSelector.MatchLabels)+" in "+labels.FormatLabels(p.NamespaceSelector.MatchLabels))
		default:
			texts = append(texts, labels.FormatLabels(p.PodSelector.MatchLabels))
		}
	}
	return strings.ReplaceAll(strings.Join(texts, ", "), "kubernetes.io/metadata.name=", "")
}

func portsOf(ports []networkingv1.NetworkPolicyPort) string {
	var texts []string
	for _, p := range ports {
		texts = append(texts, p.Port.String()+"/"+string(*p.Protocol))
	}
	return strings.Join(texts, ", ")
}
