package netpol_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

func TestRules(t *testing.T) {
	c := clusterOf(t, abc()+policy("p", "{podSelector: {matchLabels: {pod: b}}, policyTypes: [Ingress], ingress: [{}, "+
		"{from: [{podSelector: {}}, {namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {pod: a}}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16]}}], "+
		"ports: [{port: http}, {port: 53, protocol: UDP}, {port: 70, endPort: 80}, {protocol: SCTP}]}], egress: [{to: [{podSelector: {}}]}]}"))
	p := c.Policies()[0]
	if !p.Isolates(netpol.Ingress) || p.Isolates(netpol.Egress) || p.Subject().String() != "pod=b" {
		t.Errorf("isolates %v %v, subject %s", p.Isolates(netpol.Ingress), p.Isolates(netpol.Egress), p.Subject())
	}
	rules := p.Rules(netpol.Ingress)
	texts := []string{rules[0].String(), rules[0].Path(), rules[1].String(), rules[1].PeerPath(2), rules[1].PortPath(1), p.Rules(netpol.Egress)[0].PeerPath(0)}
	want := []string{
		"ingress any on every port", "spec.ingress[0]",
		`ingress pods everything or pods pod=a in namespaces team=red or 10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16 on "http"/TCP or 53/UDP or 70-80/TCP or */SCTP`,
		"spec.ingress[1].from[2]", "spec.ingress[1].ports[1]", "spec.egress[0].to[0]",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if rules[1].Ports[0].Has("TCP", 80) || !rules[1].Ports[2].Has("TCP", 80) || rules[1].Ports[2].Has("UDP", 80) || rules[1].Ports[2].Has("TCP", 81) {
		t.Error("ports have others than they say")
	}
	block := rules[1].Peers[2]
	for addr, want := range map[string]bool{"10.0.0.1": true, "10.1.0.1": false, "11.0.0.1": false, "::ffff:10.0.0.1": true} {
		if block.Contains(netip.MustParseAddr(addr)) != want {
			t.Errorf("the block contains %s: %v", addr, !want)
		}
	}
	if rules[1].Peers[0].Contains(netip.MustParseAddr("10.0.0.1")) || rules[1].Peers[0].IsEmpty() || block.IsEmpty() {
		t.Error("peers are not what they are")
	}
}

func TestPeerIsEmpty(t *testing.T) {
	for block, want := range map[string]bool{
		"cidr: 10.0.0.0/24, except: [10.0.0.0/25, 10.0.0.128/25]":               true,
		"cidr: 10.0.0.0/24, except: [10.0.0.128/25, 10.0.0.0/26, 10.0.0.64/26]": true,
		"cidr: 10.0.0.0/24, except: [10.0.0.128/25, 10.0.0.0/26]":               false,
		"cidr: 10.0.0.0/24": false,
		"cidr: 'fd00::/64', except: ['fd00::/65', 'fd00::8000:0:0:0/65']":            true,
		"cidr: 0.0.0.0/0, except: [0.0.0.0/1, 128.0.0.0/1]":                          true,
		"cidr: 255.255.255.254/31, except: [255.255.255.255/32]":                     false,
		"cidr: 255.255.255.254/31, except: [255.255.255.254/32, 255.255.255.255/32]": true,
	} {
		c := clusterOf(t, abc()+policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {"+block+"}}]}]}"))
		if got := c.Policies()[0].Rules(netpol.Ingress)[0].Peers[0].IsEmpty(); got != want {
			t.Errorf("%s is empty: %v", block, got)
		}
	}
}

// TestInspector holds what peers match against verdicts: an endpoint that one
// may describe is one that the rule may let pass.
func TestInspector(t *testing.T) {
	matched := 0
	for seed := range uint64(40) {
		d := newDice(seed)
		w := d.blur(d.world())
		c := w.engine(t, netpol.ProfileSpec)
		i := c.Inspect()
		for _, p := range c.Policies() {
			for _, e := range i.Selected(p) {
				if e.Namespace != p.Namespace || !p.Subject().Matches(e.Labels) {
					t.Fatalf("seed %d: %s/%s selects %s", seed, p.Namespace, p.Name, e)
				}
			}
			for _, r := range p.Rules(netpol.Ingress) {
				for _, peer := range r.Peers {
					for _, e := range i.Matching(peer) {
						matched++
						byAddress := e.Kind != netpol.PodEndpoint || peer.Block.IsValid()
						if byAddress && len(e.Addresses) > 0 && !anyIn(peer, e) || !byAddress && !peer.Pods.Matches(e.Labels) {
							t.Fatalf("seed %d: %s matches %s", seed, peer, e)
						}
					}
				}
			}
		}
	}
	if matched < 100 {
		t.Errorf("only %d endpoints were matched", matched)
	}
}

func anyIn(p netpol.Peer, e *netpol.Endpoint) bool {
	return slices.ContainsFunc(e.Addresses, p.Contains)
}

func TestInspectorFinds(t *testing.T) {
	c := clusterOf(t, abc()+"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: blue, labels: {team: blue}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: x}\nspec: {clusterIP: 10.96.0.5, selector: {pod: b}, ports: [{port: 1}]}\n"+
		policy("p", "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {team: blue}}}, {namespaceSelector: {}}]}]}"))
	i := c.Inspect()
	p := c.Policies()[0]
	peers := p.Rules(netpol.Egress)[0].Peers
	services := c.ClusterIPs(netip.MustParsePrefix("10.0.0.0/8"))
	got := []any{
		i.NamespacesMatching(peers[0].Namespaces), i.NamespacesMatching(peers[1].Namespaces), c.NamespaceNames(),
		len(c.Pods("x")), c.Isolates(c.Pod("x", "a"), netpol.Egress), c.Isolates(c.Pod("x", "a"), netpol.Ingress), len(c.PoliciesOf(c.Pod("x", "a"))),
		services[0].String(), c.ServiceOfClusterIP(services[0]).Name, len(c.ClusterIPs(netip.MustParsePrefix("10.0.0.0/16"))), c.Pod("x", "b").Named("http", "TCP"), c.Pod("x", "a").Families(),
	}
	want := []any{
		[]string{"blue"},
		[]string{"blue", "x"},
		[]string{"blue", "x"},
		3, true, false, 1,
		"10.96.0.5", "s", 0,
		[]int32{80},
		[]netpol.Family{netpol.IPv4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if set, known := c.NamespaceLabels("blue"); !known || set["team"] != "blue" || set["kubernetes.io/metadata.name"] != "blue" {
		t.Errorf("labels %v, known %v", set, known)
	}
	if _, known := c.NamespaceLabels("nosuch"); known {
		t.Error("nosuch is known")
	}
}
