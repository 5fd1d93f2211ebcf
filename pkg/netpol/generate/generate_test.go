package generate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

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

func TestGenerated(t *testing.T) {
	a, b := pod("x/a", "10.0.0.1", ""), pod("x/b", "10.0.0.2", "")
	dns := pod("kube-system/dns", "10.0.0.9", "") + object("Service", "kube-system", "kube-dns", "{selector: {app: dns}, ports: [{name: u, port: 53, protocol: UDP, targetPort: 5353}, {name: t, port: 53, targetPort: 5353}]}")
	tests := []struct {
		name, manifests string
		options         generate.Options
		flows           []string
		want            string
	}{
		{
			"both ends of a flow", a + b,
			generate.Options{NoDNS: true},
			[]string{"a b 80", "a b 443", "a b 80"},
			"x/a-allow [Ingress Egress] app=a: to app=b on 80/TCP, 443/TCP;\nx/b-allow [Ingress Egress] app=b: from app=a on 80/TCP, 443/TCP;\n",
		},
		{
			"one direction", a + b,
			generate.Options{Directions: []netpol.Direction{netpol.Ingress}},
			[]string{"a b 80"},
			"x/a-allow [Ingress] app=a:\nx/b-allow [Ingress] app=b: from app=a on 80/TCP;\n",
		},
		{
			"another namespace and outside", a + pod("y2/c", "10.0.0.3", ""),
			generate.Options{NoDNS: true},
			[]string{"y2/c a 80", "a 203.0.113.7 443", "203.0.113.200 a 80"},
			"x/a-allow [Ingress Egress] app=a: from app=c in y2, 203.0.113.200/32 on 80/TCP; to 203.0.113.7/32 on 443/TCP;\n",
		},
		{
			"widened addresses", a,
			generate.Options{NoDNS: true, Bits4: 24},
			[]string{"a 203.0.113.7 443", "a 203.0.113.200 443", "a 198.51.100.1 443"},
			"x/a-allow [Ingress Egress] app=a: to 198.51.100.0/24, 203.0.113.0/24 on 443/TCP;\n",
		},
		{
			"names, at the port of the servers", a + dns,
			generate.Options{},
			nil,
			"x/a-allow [Ingress Egress] app=a: to app=dns in kube-system on 5353/TCP, 5353/UDP;\n",
		},
		{
			"names, where the servers are not known", a,
			generate.Options{},
			nil,
			"x/a-allow [Ingress Egress] app=a: to k8s-app=kube-dns in kube-system on 53/TCP, 53/UDP;\n",
		},
		{
			"names, by a cache on the node", a + dns + object("DaemonSet", "kube-system", "node-local-dns", "{selector: {matchLabels: {k8s-app: node-local-dns}}, template: {metadata: {labels: {k8s-app: node-local-dns}}, spec: {hostNetwork: true}}}"),
			generate.Options{},
			nil,
			"x/a-allow [Ingress Egress] app=a: to app=dns in kube-system on 5353/TCP, 5353/UDP; to 169.254.20.10/32 on 53/TCP, 53/UDP;\n",
		},
		{
			"nothing for what the own node sends", a + node("n1", "192.168.0.1") + node("n2", "192.168.0.2"),
			generate.Options{NoDNS: true},
			[]string{"node/n1 a 80", "node/n2 a 80"},
			"x/a-allow [Ingress Egress] app=a: from 192.168.0.2/32 on 80/TCP;\n",
		},
		{
			"pods of the host's network by address", a + node("n2", "192.168.0.2") + strings.ReplaceAll(pod("y2/h", "192.168.0.2", host), "n1", "n2"),
			generate.Options{NoDNS: true},
			[]string{"a y2/h 9100"},
			"x/a-allow [Ingress Egress] app=a: to 192.168.0.2/32 on 9100/TCP;\n",
		},
		{
			"names, not of the replica on the host's network", pod("x/s-0", "10.0.0.1", "") + pod("x/s-1", "10.0.0.2", host) + dns,
			generate.Options{},
			nil,
			"x/s-allow [Ingress Egress] app=s: to app=dns in kube-system on 5353/TCP, 5353/UDP;\n",
		},
		{
			"kinds where names are the same", a + pod("x/a-0", "10.0.0.5", ""),
			generate.Options{NoDNS: true},
			nil,
			"x/a-pod-allow [Ingress Egress] app=a:\nx/a-statefulset-allow [Ingress Egress] app=a:\n",
		},
		{
			"replicas of one workload", pod("x/s-0", "10.0.0.1", "") + pod("x/s-1", "10.0.0.2", ""),
			generate.Options{NoDNS: true},
			[]string{"s-0 s-1 80"},
			"x/s-allow [Ingress Egress] app=s: from app=s on 80/TCP; to app=s on 80/TCP;\n",
		},
		{
			"whole namespaces where that is allowed", pod("x/a", "10.0.0.1", "") + b + pod("y2/c", "10.0.0.3", "") + pod("y2/d", "10.0.0.4", "") + pod("z2/e", "10.0.0.5", ""),
			generate.Options{NoDNS: true, Fold: true, Directions: []netpol.Direction{netpol.Ingress}},
			[]string{"y2/c a 80", "y2/d a 80", "y2/c a 443", "b a 443"},
			"x/a-allow [Ingress] app=a: from app=b, app=c in y2 on 443/TCP; from <none> in y2 on 80/TCP;\nx/b-allow [Ingress] app=b:\n",
		},
		{
			"no whole namespace for a replica on the host's network",
			pod("x/a", "10.0.0.1", "") + node("n1", "192.168.0.1") + node("n2", "192.168.0.2") + pod("y2/c", "10.0.0.3", "") + pod("y2/d", "10.0.0.5", "") +
				pod("y2/m-0", "10.0.0.4", "") + strings.ReplaceAll(pod("y2/m-1", "192.168.0.2", host), "n1", "n2"),
			generate.Options{NoDNS: true, Fold: true, Directions: []netpol.Direction{netpol.Ingress}},
			[]string{"y2/c a 80", "y2/d a 80", "y2/m-1 a 80"},
			"x/a-allow [Ingress] app=a: from app=c in y2, app=d in y2, 192.168.0.2/32 on 80/TCP;\n",
		},
		{
			"all namespaces", pod("x/a", "10.0.0.1", "") + pod("y2/c", "10.0.0.3", "") + pod("y2/d", "10.0.0.4", "") + pod("z2/e", "10.0.0.5", "") + pod("z2/f", "10.0.0.6", ""),
			generate.Options{NoDNS: true, Fold: true, Directions: []netpol.Direction{netpol.Ingress}},
			[]string{"y2/c a 80", "y2/d a 80", "z2/e a 80", "z2/f a 80"},
			"x/a-allow [Ingress] app=a: from <none> in <none> on 80/TCP;\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := generated(t, tt.manifests, tt.options, tt.flows...)
			if diff := cmp.Diff(tt.want, textOf(r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(r.Unmet) > 0 || r.Unproven > 0 || len(r.Left) > 0 {
				t.Errorf("unmet %+v, %d parts unproven, left %+v", r.Unmet, r.Unproven, r.Left)
			}
		})
	}
}

func TestReasonsAndProof(t *testing.T) {
	r := generated(t, pod("x/a", "10.0.0.1", "")+pod("x/b-0", "10.0.0.2", "")+pod("x/b-1", "10.0.0.3", ""), generate.Options{}, "a b-0 80", "b-0 a 443")
	type line struct {
		Policy, Path string
		Reason       generate.Reason
	}
	var got []line
	for _, p := range r.Policies {
		for _, path := range p.Paths() {
			got = append(got, line{p.Object.Name, path, p.Reasons[path]})
		}
	}
	want := []line{
		{"a-allow", "spec.ingress[0]", generate.Reason{Flows: 1, Count: 3}},
		{"a-allow", "spec.egress[0]", generate.Reason{Flows: 1, Count: 3}},
		{"a-allow", "spec.egress[1]", generate.Reason{Flows: 2, DNS: true}},
		{"b-allow", "spec.ingress[0]", generate.Reason{Flows: 1, Count: 3}},
		{"b-allow", "spec.egress[0]", generate.Reason{Flows: 1, Count: 3}},
		{"b-allow", "spec.egress[1]", generate.Reason{Flows: 4, DNS: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// 2 flows and 3 pods × UDP and TCP; 2 × 2 parts for flows, 2 × 2 for names.
	if r.Flows != 8 || r.Parts != 8 || r.Beyond.Replicas != 2 || len(r.Beyond.Wider) > 0 {
		t.Errorf("%d flows, %d parts, beyond %+v", r.Flows, r.Parts, r.Beyond)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "k8s-app=kube-dns") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestLeftAndClosed(t *testing.T) {
	r := generated(t, pod("x/a", "10.0.0.1", "")+pod("x/idle", "10.0.0.7", "")+pod("y2/b", "10.0.0.2", "")+pod("y2/c", "10.0.0.3", ""), generate.Options{NoDNS: true},
		"a a 80", "a y2/b icmp", "y2/b y2/c 80", "y2/c y2/b 80", "a y2/b 80")
	want := []generate.Left{
		{Reason: "a pod always reaches itself", Flows: 1, Examples: []string{"pod/x/a to pod/x/a on 80/TCP"}},
		{Reason: "neither end is a workload that policies are generated for", Flows: 2, Examples: []string{"pod/y2/b to pod/y2/c on 80/TCP", "pod/y2/c to pod/y2/b on 80/TCP"}},
		{Reason: "policies are about TCP, UDP and SCTP only", Flows: 1, Examples: []string{"pod/x/a to pod/y2/b on ICMP"}},
	}
	if diff := cmp.Diff(want, r.Left); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(r.Closed) != 1 || r.Closed[0].String() != "x/pod/idle" {
		t.Errorf("closed %v", r.Closed)
	}
}

// TestExisting tells policies that can be deleted from those that cannot.
func TestExisting(t *testing.T) {
	manifests := pod("x/a", "10.0.0.1", "") + pod("x/b", "10.0.0.2", "") + pod("x/c", "10.0.0.3", "") +
		object("NetworkPolicy", "x", "deny", "{podSelector: {}}") +
		object("NetworkPolicy", "x", "of-a", "{podSelector: {matchLabels: {app: a}}, ingress: [{}]}") +
		object("NetworkPolicy", "x", "of-all", "{podSelector: {}, ingress: [{ports: [{port: 9}]}]}") +
		object("NetworkPolicy", "x", "of-c", "{podSelector: {matchLabels: {app: c}}, ingress: [{}]}") +
		object("NetworkPolicy", "x", "out-of-b", "{podSelector: {matchLabels: {app: b}}, policyTypes: [Egress], egress: [{}]}")
	c := manifestsOf(t, manifests)
	names := func(refs []snapshot.Ref) string {
		var list []string
		for _, r := range refs {
			list = append(list, r.Name)
		}
		return strings.Join(list, " ")
	}
	for _, tt := range []struct {
		name                string
		directions          []netpol.Direction
		replace             bool
		superfluous, others string
	}{
		{"both directions", both(), false, "of-a out-of-b", "of-all"},
		{"ingress", []netpol.Direction{netpol.Ingress}, false, "of-a", "of-all out-of-b"},
		{"replaced", both(), true, "of-a out-of-b", "of-all"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := draft.New(c)
			subjects := []*draft.Unit{d.Unit(c.Pod("x", "a")), d.Unit(c.Pod("x", "b"))}
			o := generate.Options{Subjects: subjects, Directions: tt.directions, NoDNS: true, Replace: tt.replace}
			r, err := generate.Generate(c, d, flowsOf(t, c, []string{"b a 80"}), o)
			if err != nil {
				t.Fatal(err)
			}
			if names(r.Superfluous) != tt.superfluous || names(r.Others) != tt.others {
				t.Errorf("superfluous %s, others %s", names(r.Superfluous), names(r.Others))
			}
			open := slices.ContainsFunc(r.Beyond.Existing, func(o generate.Opening) bool {
				return o.From == "x/pod/c" && o.To == "x/pod/a" && o.Ports.From <= 1000 && 1000 <= o.Ports.To
			})
			if open == tt.replace {
				t.Errorf("what exists allows beside the new: %+v", r.Beyond.Existing)
			}
			if !slices.ContainsFunc(r.Beyond.Existing, func(o generate.Opening) bool {
				return o.From == "x/pod/c" && o.To == "x/pod/a" && o.Ports.From <= 9 && 9 <= o.Ports.To
			}) {
				t.Errorf("port 9 stays open: %+v", r.Beyond.Existing)
			}
		})
	}
}

// TestUnmet has flows that something else denies.
func TestUnmet(t *testing.T) {
	r := generated(t, pod("x/a", "10.0.0.1", "")+pod("y2/b", "10.0.0.2", "")+object("NetworkPolicy", "y2", "deny", "{podSelector: {}}"), generate.Options{NoDNS: true}, "a y2/b 80")
	if len(r.Unmet) != 1 || r.Flows != 0 {
		t.Fatalf("%d flows are allowed, unmet %+v", r.Flows, r.Unmet)
	}
	u := r.Unmet[0]
	if u.Today != netpol.Denied || u.Verdict != netpol.Denied || u.Why != "ingress of pod/y2/b is denied by y2/deny" {
		t.Errorf("unmet %+v", u)
	}
	if r.Parts != 1 {
		t.Errorf("the rule is needed all the same: %d parts", r.Parts)
	}
}

// TestUnproven has a node with two addresses: which one is used is not known.
func TestUnproven(t *testing.T) {
	r := generated(t, pod("x/a", "10.0.0.1", "")+"{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}, {type: ExternalIP, address: 203.0.113.2}]}}\n",
		generate.Options{NoDNS: true}, "node/n2 a 80")
	if r.Parts != 0 || r.Unproven != 2 || len(r.Unmet) != 1 || r.Unmet[0].Today != netpol.Allowed || r.Unmet[0].Verdict != netpol.Undefined {
		t.Errorf("%d parts, %d unproven, unmet %+v", r.Parts, r.Unproven, r.Unmet)
	}
}

func TestSelectable(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+pod("x/h", "10.0.0.2", host)+
		"{apiVersion: v1, kind: Pod, metadata: {name: bare, namespace: x}, spec: {containers: [{name: c, image: i}]}}\n---\n"+
		"{apiVersion: v1, kind: Pod, metadata: {name: one, namespace: x, labels: {run: t}}, spec: {containers: [{name: c, image: i}]}}\n---\n"+
		"{apiVersion: v1, kind: Pod, metadata: {name: two, namespace: x, labels: {run: t, more: m}}, spec: {containers: [{name: c, image: i}]}}\n---\n")
	d := draft.New(c)
	check := func(units []*draft.Unit, want ...string) {
		t.Helper()
		subjects, refused := generate.Selectable(d, units)
		var got []string
		for _, u := range subjects {
			got = append(got, u.Name)
		}
		if diff := cmp.Diff(want, append(got, refused...)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	bare, hosted := "x/pod/bare has no label: no policy can select it alone", "x/pod/h uses the network of its nodes, where policies do not apply"
	check(d.Units("x"), "Pod/a", "Pod/one", "Pod/two", bare, hosted)
	check([]*draft.Unit{d.Unit(c.Pod("x", "one"))}, "x/pod/one has no label that x/pod/two lacks: a policy for it would isolate that, too")
	check([]*draft.Unit{d.Unit(c.Pod("x", "two"))}, "Pod/two")
}

// TestShared has workloads that select each other's pods: each part is needed
// all the same.
func TestShared(t *testing.T) {
	r := generated(t, "{apiVersion: v1, kind: Pod, metadata: {name: one, namespace: x, labels: {run: t}}, spec: {containers: [{name: c, image: i}]}}\n---\n"+
		"{apiVersion: v1, kind: Pod, metadata: {name: two, namespace: x, labels: {run: t, more: m}}, spec: {containers: [{name: c, image: i}]}}\n---\n"+pod("y2/b", "10.0.0.9", ""),
		generate.Options{NoDNS: true}, "one y2/b 80", "two y2/b 80")
	if r.Parts != 1 || len(r.Policies[1].Object.Spec.Egress) != 0 {
		t.Errorf("the policy of one covers both: %d parts, %s", r.Parts, textOf(r))
	}
	if len(r.Notes) != 1 || r.Notes[0] != "the labels of x/pod/one select other pods too: pod/x/two" {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestPresentFlows(t *testing.T) {
	service := func(name, kind, port string) string {
		return object("Service", "x", name, "{type: "+kind+", clusterIP: 10.96.0.1, selector: {app: "+name+"}, ports: [{port: 8080, targetPort: "+port+"}]}")
	}
	base := pod("x/a", "10.0.0.1", "") + pod("x/b-0", "10.0.0.2", "") + pod("x/b-1", "10.0.0.3", "") + node("n1", "192.168.0.1") + node("n2", "192.168.0.2")
	tests := []struct {
		name, manifests string
		nodes           bool
		directions      []netpol.Direction
		want            []string
	}{
		{
			"declared ports of containers and Services", base + service("a", "ClusterIP", "9000"), false, both(),
			[]string{"pod/x/a to pod/x/b-0 on 80/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/a on 9000/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
		{
			"what policies of today deny is left out", base + object("NetworkPolicy", "x", "p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]}"), true, both(),
			[]string{"pod/x/a to pod/x/b-0 on 80/TCP"}, // what the own node sends always passes
		},
		{
			"nodes", base, true,
			[]netpol.Direction{netpol.Ingress},
			[]string{"node/n1 to pod/x/a on 80/TCP", "node/n1 to pod/x/b-0 on 80/TCP", "node/n2 to pod/x/a on 80/TCP", "node/n2 to pod/x/b-0 on 80/TCP", "pod/x/a to pod/x/b-0 on 80/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
		{
			"the outside by Services that are exposed", base + service("a", "LoadBalancer", "9000"), false,
			[]netpol.Direction{netpol.Ingress},
			[]string{"0.0.0.0/0 to pod/x/a on 9000/TCP", "pod/x/a to pod/x/b-0 on 80/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/a on 9000/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
		{
			"the outside that a policy names", base + object("NetworkPolicy", "x", "p", "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 443}, {port: 8000, endPort: 8010}]}]}"),
			false,
			[]netpol.Direction{netpol.Egress},
			[]string{"pod/x/a to 203.0.113.0/24 on 443/TCP", "pod/x/a to 203.0.113.0/24 on 8000-8010/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
		{
			"not what may be denied", base + object("Deployment", "y2", "new", "{selector: {matchLabels: {app: new}}, template: {metadata: {labels: {app: new}}}}") +
				object("NetworkPolicy", "x", "p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/32}}]}]}"), false,
			[]netpol.Direction{netpol.Ingress},
			[]string{"pod/x/a to pod/x/b-0 on 80/TCP"},
		},
		{
			"endpoints of Services outside", base + "{apiVersion: v1, kind: Service, metadata: {name: erp, namespace: x}, spec: {clusterIP: 10.96.0.9, ports: [{port: 8000}]}}\n---\n" +
				"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: erp-1, namespace: x, labels: {kubernetes.io/service-name: erp}}, addressType: IPv4, endpoints: [{addresses: [203.0.113.40]}], ports: [{port: 8000}]}\n---\n",
			false,
			[]netpol.Direction{netpol.Egress},
			[]string{"pod/x/a to 203.0.113.40 on 8000/TCP", "pod/x/a to pod/x/b-0 on 80/TCP", "pod/x/b-0 to 203.0.113.40 on 8000/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := manifestsOf(t, tt.manifests)
			d := draft.New(c)
			today, err := generate.Present(c, d, d.Units("x"), tt.directions, tt.nodes)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range today.Flows {
				got = append(got, today.Flows[i].String())
			}
			if maybe := tt.name == "not what may be denied"; maybe != (today.Undefined > 0) {
				t.Errorf("%d flows are undefined", today.Undefined)
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPresentOpen names the workloads of which the egress is free today.
func TestPresentOpen(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+pod("x/b", "10.0.0.2", "")+object("NetworkPolicy", "x", "p", "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]}"))
	d := draft.New(c)
	today, err := generate.Present(c, d, d.Units("x"), both(), true)
	if err != nil || len(today.Free) != 1 || today.Free[0].Name != "Pod/b" {
		t.Errorf("today %+v, %v", today, err)
	}
}

// TestSeveralAddresses allows each address of a node by itself: as which of
// them it sends is not known.
func TestSeveralAddresses(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+"{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}, {type: ExternalIP, address: 203.0.113.2}]}}\n")
	d := draft.New(c)
	o := generate.Options{Subjects: d.Units("x"), Directions: []netpol.Direction{netpol.Ingress}, Fold: true}
	today, err := generate.Present(c, d, o.Subjects, o.Directions, true)
	if err != nil {
		t.Fatal(err)
	}
	r, err := generate.Generate(c, d, today.Flows, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("x/a-allow [Ingress] app=a: from 192.168.0.2/32, 203.0.113.2/32 on 80/TCP;\n", textOf(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(r.Unmet) > 0 || r.Unproven > 0 || r.Parts != 2 {
		t.Errorf("unmet %+v, %d parts, %d unproven", r.Unmet, r.Parts, r.Unproven)
	}
}

// TestAgain generates policies a second time: they are applied over the first.
func TestAgain(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+pod("x/b", "10.0.0.2", "")+object("NetworkPolicy", "x", "b-allow", "{podSelector: {matchLabels: {other: pod}}}"))
	for _, port := range []string{"80", "443"} {
		d := draft.New(c)
		r, err := generate.Generate(c, d, flowsOf(t, c, []string{"a b " + port}), generate.Options{Subjects: d.Units("x"), Directions: both(), NoDNS: true})
		if err != nil {
			t.Fatal(err)
		}
		want := "x/a-allow [Ingress Egress] app=a: to app=b on PORT/TCP;\nx/b-allow-2 [Ingress Egress] app=b: from app=a on PORT/TCP;\n"
		if diff := cmp.Diff(strings.ReplaceAll(want, "PORT", port), textOf(r)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if len(r.Superfluous)+len(r.Others)+len(r.Beyond.Existing) > 0 {
			t.Errorf("port %s: superfluous %v, others %v, open %v", port, r.Superfluous, r.Others, r.Beyond.Existing)
		}
		var objects []snapshot.Object
		for _, p := range r.Policies {
			objects = append(objects, p.Object)
		}
		if c, err = c.With(objects); err != nil {
			t.Fatal(err)
		}
	}
}
