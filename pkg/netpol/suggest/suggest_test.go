package suggest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/suggest"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

const shop = `
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop, labels: {app: web, pod-template-hash: aa}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-aa, controller: true}]}, spec: {nodeName: n2, containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-2, namespace: shop, labels: {app: web, pod-template-hash: aa}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-aa, controller: true}]}, spec: {nodeName: n2, containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.2}}
---
{apiVersion: v1, kind: Pod, metadata: {name: cart, namespace: shop, labels: {app: cart, tier: back}}, spec: {nodeName: n2, containers: [{name: c, image: i}]}, status: {podIPs: [{ip: 10.0.0.3}, {ip: "fd00::3"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db, tier: back}}, spec: {nodeName: n2, containers: [{name: c, image: i, ports: [{name: pg, containerPort: 5432}]}]}, status: {podIPs: [{ip: 10.0.0.4}, {ip: "fd00::4"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: ops, labels: {app: agent}}, spec: {nodeName: n1, hostNetwork: true, containers: [{name: c, image: i}]}, status: {podIP: 192.168.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: job, namespace: ops, labels: {app: job}}, spec: {nodeName: n2, containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.5}}
---
{apiVersion: v1, kind: Pod, metadata: {name: bare, namespace: ops}, spec: {nodeName: n2, containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.6}}
---
`

func deny(namespace, types string) string {
	return "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: " + namespace + "}, spec: {podSelector: {}, policyTypes: [" + types + "]}}\n---\n"
}

func policy(name, spec string) string {
	return "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: " + name + ", namespace: shop, labels: {app.kubernetes.io/managed-by: Helm}}, spec: " + spec + "}\n---\n"
}

func clusterOf(t testing.TB, manifests string, profile netpol.Profile) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(manifests), "shop"); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil || len(s.Gaps()) > 0 {
		t.Fatal(err, s.Gaps())
	}
	return netpol.NewCluster(s, profile)
}

func ask(t testing.TB, c *netpol.Cluster, from, to string, ports ...string) *suggest.Suggestion {
	t.Helper()
	var q netpol.Question
	for i, end := range []*netpol.Reference{&q.From, &q.To} {
		ref, err := netpol.ParseReference([]string{from, to}[i], "shop")
		if err != nil {
			t.Fatal(err)
		}
		*end = ref
	}
	for _, port := range ports {
		if err := q.AddPort(port); err != nil {
			t.Fatal(err)
		}
	}
	a, err := c.Answer(q)
	if err != nil {
		t.Fatal(err)
	}
	s, err := suggest.For(c, q, a)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// textOf writes a suggestion: changed objects, then what opens.
func textOf(t testing.TB, s *suggest.Suggestion) string {
	t.Helper()
	var b strings.Builder
	if s.Reason != "" {
		return "none: " + s.Reason
	}
	for _, c := range s.Changes {
		what := "new " + c.Policy.Namespace + "/" + c.Policy.Name
		var spec any = c.Policy.Spec
		if c.Path != "" {
			what = "edit " + c.Policy.Namespace + "/" + c.Policy.Name + " at " + c.Origin.String() + " " + c.Path
			spec = append([]any{}, c.Peers, c.Ports)
		}
		text, err := yaml.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		compact, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s\n", what, strings.ReplaceAll(string(compact), `"`, ""))
	}
	for _, o := range s.Opens {
		fmt.Fprintf(&b, "opens %s to %s on %v: %d %s\n", o.From, o.To, o.Ports, o.Pairs, o.Verdict)
	}
	for _, n := range s.Notes {
		fmt.Fprintf(&b, "note %s\n", n)
	}
	return b.String()
}

func TestSuggestions(t *testing.T) {
	fromWeb := policy("db", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: pg}]}]}")
	fromWebToAll := policy("back", "{podSelector: {matchLabels: {tier: back}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}")
	managed := "note NetworkPolicy shop/db is managed by Helm: change it there\n"
	tests := []struct {
		name, manifests, from, to, port, want string
	}{
		{
			"a new policy where nothing can be edited", deny("shop", "Ingress"), "cart", "db", "5432",
			"new shop/db-from-cart {ingress:[{from:[{podSelector:{matchLabels:{app:cart,tier:back}}}],ports:[{port:5432,protocol:TCP}]}],podSelector:{matchLabels:{app:db,tier:back}},policyTypes:[Ingress]}\n",
		},
		{
			"a peer for the rule that has the port", fromWeb, "cart", "db", "5432",
			"edit shop/db at in.yaml:20 spec.ingress[0].from [[{podSelector:{matchLabels:{app:cart,tier:back}}}],null]\n" + managed,
		},
		{
			"a port for the rule that has the peer", fromWeb, "deploy/web", "db", "9187",
			"edit shop/db at in.yaml:20 spec.ingress[0].ports [null,[{port:9187,protocol:TCP}]]\n" + managed,
		},
		{
			"the smaller of two edits",
			policy("a", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}") +
				policy("b", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 1}]}]}"),
			"cart", "db", "5432",
			"edit shop/b at in.yaml:22 spec.ingress[0].ports [null,[{port:5432,protocol:TCP}]]\nnote NetworkPolicy shop/b is managed by Helm: change it there\n",
		},
		{
			"no edit of what selects others", fromWebToAll, "ops/job", "db", "5432",
			"new shop/db-from-job {ingress:[{from:[{namespaceSelector:{matchLabels:{kubernetes.io/metadata.name:ops}},podSelector:{matchLabels:{app:job}}}],ports:[{port:5432,protocol:TCP}]}],podSelector:{matchLabels:{app:db,tier:back}},policyTypes:[Ingress]}\n",
		},
		{
			"other replicas open too", deny("shop", "Ingress"), "web-1", "db", "5432",
			"new shop/db-from-web {ingress:[{from:[{podSelector:{matchLabels:{app:web}}}],ports:[{port:5432,protocol:TCP}]}],podSelector:{matchLabels:{app:db,tier:back}},policyTypes:[Ingress]}\n" +
				"opens shop/deployment/web to shop/pod/db on [5432/TCP]: 1 Allowed\n",
		},
		{
			"both directions", deny("shop", "Ingress, Egress"), "cart", "db", "5432-5433",
			"new shop/cart-to-db {egress:[{ports:[{endPort:5433,port:5432,protocol:TCP}],to:[{podSelector:{matchLabels:{app:db,tier:back}}}]}],podSelector:{matchLabels:{app:cart,tier:back}},policyTypes:[Egress]}\n" +
				"new shop/db-from-cart {ingress:[{from:[{podSelector:{matchLabels:{app:cart,tier:back}}}],ports:[{endPort:5433,port:5432,protocol:TCP}]}],podSelector:{matchLabels:{app:db,tier:back}},policyTypes:[Ingress]}\n",
		},
		{
			"one policy edited in both directions",
			policy("web", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 1}]}], egress: [{to: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 1}]}]}"),
			"deploy/web", "deploy/web", "2",
			"edit shop/web at in.yaml:20 spec.egress[0].ports [null,[{port:2,protocol:TCP}]]\nedit shop/web at in.yaml:20 spec.ingress[0].ports [null,[{port:2,protocol:TCP}]]\n" +
				"note NetworkPolicy shop/web is managed by Helm: change it there\n",
		},
		{
			"to addresses outside", deny("shop", "Egress"), "cart", "203.0.113.0/28", "443",
			"new shop/cart-to-203-0-113-0-28 {egress:[{ports:[{port:443,protocol:TCP}],to:[{ipBlock:{cidr:203.0.113.0/28}}]}],podSelector:{matchLabels:{app:cart,tier:back}},policyTypes:[Egress]}\n",
		},
		{
			"from the host's network, by address", deny("shop", "Ingress"), "ops/agent", "db", "5432",
			"new shop/db-from-agent {ingress:[{from:[{ipBlock:{cidr:192.168.0.1/32}}],ports:[{port:5432,protocol:TCP}]}],podSelector:{matchLabels:{app:db,tier:back}},policyTypes:[Ingress]}\n" +
				"opens node/n1 to shop/pod/db on [5432/TCP]: 1 Allowed\nnote pod/ops/agent uses the network of its node: policies know it by the addresses of the node, and everything else there, too\n",
		},
		{
			"to a pod that does not exist yet", deny("shop", "Ingress"), "cart", "labels:ns=shop,app=new", "80",
			"new shop/pods-from-cart {ingress:[{from:[{podSelector:{matchLabels:{app:cart,tier:back}}}],ports:[{port:80,protocol:TCP}]}],podSelector:{matchLabels:{app:new}},policyTypes:[Ingress]}\n",
		},
		{"allowed already", "", "cart", "db", "5432", "none: it is allowed already"},
		{"undefined", deny("shop", "Ingress"), "cart", "db", "icmp", "none: the verdict is Undefined: a policy cannot be shown to help before that is settled"},
		{"what no label tells apart", deny("ops", "Egress"), "ops/bare", "db", "80", "new ops/bare-to-db {egress:[{ports:[{port:80,protocol:TCP}],to:[{namespaceSelector:{matchLabels:{kubernetes.io/metadata.name:shop}},podSelector:{matchLabels:{app:db,tier:back}}}]}],podSelector:{},policyTypes:[Egress]}\nopens ops/pod/job to shop/pod/db on [80/TCP]: 1 Allowed\n"},
		{
			"what would close something", policy("only", "{podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}") +
				"{apiVersion: v1, kind: Pod, metadata: {name: naked, namespace: shop}, spec: {nodeName: n2, containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.9}}\n---\n",
			"cart", "naked", "80", "none: shop/pod/naked has no label of its own: no policy can select it alone",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clusterOf(t, shop+tt.manifests, netpol.ProfileCommon)
			if diff := cmp.Diff(tt.want, textOf(t, ask(t, c, tt.from, tt.to, tt.port))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestCombinedEdit sees that both edits are in the object.
func TestCombinedEdit(t *testing.T) {
	c := clusterOf(t, shop+policy("web", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 1}]}], egress: [{to: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 1}]}]}"), netpol.ProfileCommon)
	s := ask(t, c, "deploy/web", "deploy/web", "2")
	if len(s.Changes) != 2 || s.Changes[0].Policy != s.Changes[1].Policy {
		t.Fatalf("changes %+v", s.Changes)
	}
	spec := s.Changes[0].Policy.Spec
	if len(spec.Ingress[0].Ports) != 2 || len(spec.Egress[0].Ports) != 2 {
		t.Errorf("the object lacks an edit: %+v", spec)
	}
}

// TestBareObject sees that what the server and kubectl keep in an object is
// not printed, and that the cluster's own is not changed.
func TestBareObject(t *testing.T) {
	c := clusterOf(t, shop+`{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: shop, uid: u, resourceVersion: "7", generation: 3, creationTimestamp: "2026-01-01T00:00:00Z",
  annotations: {team: data, kubectl.kubernetes.io/last-applied-configuration: "{}"}}, spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}}`, netpol.ProfileCommon)
	first, second := ask(t, c, "cart", "db", "5432"), ask(t, c, "cart", "db", "5432")
	if diff := cmp.Diff(textOf(t, first), textOf(t, second)); diff != "" {
		t.Errorf("another answer the second time (-first +second):\n%s", diff)
	}
	text, err := yaml.Marshal(first.Changes[0].Policy.ObjectMeta)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("annotations:\n  team: data\nname: db\nnamespace: shop\n", string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTooMuch asks about more than one suggestion can be for.
func TestTooMuch(t *testing.T) {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "{apiVersion: v1, kind: Pod, metadata: {name: p%d, namespace: big, labels: {app: p%d}}, spec: {containers: [{name: c, image: i}]}, status: {podIP: 10.1.0.%d}}\n---\n", i, i, i)
	}
	c := clusterOf(t, b.String()+deny("big", "Ingress"), netpol.ProfileCommon)
	if s := ask(t, c, "namespace/big", "namespace/big", "80"); !strings.Contains(s.Reason, "too many pairs") {
		t.Errorf("suggestion %+v", s)
	}
}

// TestInternet names the internet as it was asked for, not in the pieces that
// policies cut it into, and of the families that the pods have.
func TestInternet(t *testing.T) {
	c := clusterOf(t, shop+deny("shop", "Ingress")+policy("cut", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 1.0.0.0/9}}], ports: [{port: 1}]}]}"), netpol.ProfileCommon)
	for to, want := range map[string]string{"deploy/web": "0.0.0.0/0", "cart": "0.0.0.0/0 2000::/3"} {
		s := ask(t, c, "internet", to, "80")
		if len(s.Changes) != 1 {
			t.Fatalf("to %s: %+v", to, s)
		}
		var got []string
		for _, peer := range s.Changes[0].Policy.Spec.Ingress[0].From {
			got = append(got, peer.IPBlock.CIDR)
		}
		if strings.Join(got, " ") != want || len(s.Opens) > 0 {
			t.Errorf("to %s from %s, want %s; opens %+v", to, got, want, s.Opens)
		}
	}
}

// cnp writes a ClusterNetworkPolicy about all pods.
func cnp(tier, rules string) string {
	return "{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: tenants}, spec: {tier: " + tier + ", priority: 3, subject: {namespaces: {}}, " + rules + "}}\n---\n"
}

// TestUnderTiers suggests what NetworkPolicies can overrule.
func TestUnderTiers(t *testing.T) {
	const denyIn, denyOut = "ingress: [{action: Deny, from: [{namespaces: {}}]}]", "egress: [{action: Deny, to: [{namespaces: {}}, {networks: [0.0.0.0/0, '::/0']}, {nodes: {}}]}]"
	const allow = "new shop/cart-to-db {egress:[{ports:[{port:5432,protocol:TCP}],to:[{podSelector:{matchLabels:{app:db,tier:back}}}]}],podSelector:{matchLabels:{app:cart,tier:back}},policyTypes:[Egress]}\n"
	tests := []struct{ name, manifests, want string }{
		{"the Admin tier denies it", cnp("Admin", denyIn), "none: ClusterNetworkPolicy tenants denies it before NetworkPolicies are asked (spec.ingress[0]): change that policy"},
		{"and so do NetworkPolicies", deny("shop", "Ingress") + cnp("Admin", denyIn), "none: ClusterNetworkPolicy tenants denies it before NetworkPolicies are asked (spec.ingress[0]): change that policy"},
		{"the other end's Admin tier does", deny("shop", "Ingress") + cnp("Admin", denyOut), "none: ClusterNetworkPolicy tenants denies it before NetworkPolicies are asked (spec.egress[0]): change that policy"},
		{"the Baseline tier denies all", cnp("Baseline", denyOut), allow},
		{"it leaves something open, which a policy would close", cnp("Baseline", denyIn), "none: ClusterNetworkPolicy tenants denies it (spec.ingress[0]), and no NetworkPolicy that was tried allows it and closes nothing else of pod/shop/db: accept it in that policy, before the rule"},
		{"NetworkPolicies deny what Admin passes on", deny("shop", "Egress") + cnp("Admin", "egress: [{action: Pass, to: [{namespaces: {}}]}]"), allow},
		{"the Admin tier accepts it already", deny("shop", "Ingress") + cnp("Admin", "ingress: [{action: Accept, from: [{namespaces: {}}]}]"), "none: it is allowed already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, textOf(t, ask(t, clusterOf(t, shop+tt.manifests, netpol.ProfileCommon), "cart", "db", "5432"))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
