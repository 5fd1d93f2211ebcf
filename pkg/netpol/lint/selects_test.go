package lint_test

import (
	"slices"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestSelectsNothing(t *testing.T) {
	ghost := policy("p", "{podSelector: {matchLabels: {app: ghost}}}")
	typo := policy("p", "{podSelector: {matchLabels: {app: databsae}}}")
	runAll(t, []findingsTest{
		{"nothing", input{manifests: shop() + ghost}, []string{"medium selects-nothing NetworkPolicy x/p spec.podSelector"}, "no pod of the namespace has app=ghost"},
		{"a slip", input{manifests: shop() + typo}, []string{"high selects-nothing NetworkPolicy x/p spec.podSelector"}, "did you mean app=database?"},
		{"a slip in the key", input{manifests: shop() + policy("p", "{podSelector: {matchLabels: {teir: front}}}")}, []string{"high selects-nothing NetworkPolicy x/p spec.podSelector"}, "did you mean tier=front?"},
		{
			"a number is no slip",
			input{manifests: namespace("x", "") + pod("x", "a", "app: web-2", "10.0.0.1", "") + policy("p", "{podSelector: {matchLabels: {app: web-1}}}")},
			[]string{"medium selects-nothing NetworkPolicy x/p spec.podSelector"},
			"",
		},
		{
			"a slip that still selects nothing is none",
			input{manifests: shop() + policy("p", "{podSelector: {matchLabels: {app: databsae, tier: front}}}")},
			[]string{"medium selects-nothing NetworkPolicy x/p spec.podSelector"},
			"",
		},
		{"no pods", input{manifests: namespace("x", "") + ghost}, []string{"medium selects-nothing NetworkPolicy x/p spec.podSelector"}, "the namespace has no pods"},
		{"pods unread", input{manifests: shop() + ghost, gaps: []snapshot.Gap{gap("", "pods", "x")}}, nil, ""},
		{"a slip, and pods unread", input{manifests: shop() + typo, gaps: []snapshot.Gap{gap("", "pods", "x")}}, nil, ""},
		{"pods of another namespace unread", input{manifests: shop() + ghost, gaps: []snapshot.Gap{gap("", "pods", "y")}}, []string{"medium selects-nothing NetworkPolicy x/p spec.podSelector"}, ""},
		{"manifests", input{manifests: shop() + ghost, from: snapshot.FromFiles}, []string{"low selects-nothing NetworkPolicy x/p spec.podSelector"}, "no pod of the namespace in the input has app=ghost"},
		{"a slip in manifests", input{manifests: shop() + typo, from: snapshot.FromFiles}, []string{"medium selects-nothing NetworkPolicy x/p spec.podSelector"}, ""},
		{"manifests without pods of the namespace", input{manifests: dns() + ghost, from: snapshot.FromFiles}, nil, ""},
		{"a template is enough", input{manifests: namespace("x", "") + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: x}\n" +
			"spec: {replicas: 0, selector: {matchLabels: {app: ghost}}, template: {metadata: {labels: {app: ghost}}, spec: {containers: [{name: c, image: i}]}}}\n" + ghost}, nil, ""},
	}, "selects-nothing")
}

func TestHostNetwork(t *testing.T) {
	cluster := shop() + host(pod("x", "agent", "app: agent", "192.168.0.1", "")) + host(pod("other", "probe", "app: probe", "192.168.0.1", ""))
	runAll(t, []findingsTest{
		{"subject", input{manifests: cluster + policy("p", "{podSelector: {matchLabels: {app: agent}}}")}, []string{"medium host-network NetworkPolicy x/p spec.podSelector"}, "with most networks the policy has no effect"},
		{
			"subject, strictly",
			input{manifests: cluster + policy("p", "{podSelector: {matchLabels: {app: agent}}}"), profile: netpol.ProfileSpec},
			[]string{"medium host-network NetworkPolicy x/p spec.podSelector"},
			"it is left to the network",
		},
		{"among others", input{manifests: cluster + policy("p", "{podSelector: {}}")}, nil, ""},
		{
			"peer",
			input{manifests: cluster + policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {}, podSelector: {matchLabels: {app: probe}}}]}]}")},
			[]string{"medium host-network NetworkPolicy x/p spec.ingress[0].from[1]"},
			"it never matches",
		},
		{"peer among others", input{manifests: cluster + policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}")}, nil, ""},
	}, "host-network", "selects-nothing")
}

func TestPeers(t *testing.T) {
	from := func(peer string) string {
		return policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}, "+peer+"]}]}")
	}
	runAll(t, []findingsTest{
		{"no pod", input{manifests: shop() + from("{podSelector: {matchLabels: {app: ghost}}}")}, []string{"low peer-selects-nothing NetworkPolicy x/p spec.ingress[0].from[1]"}, "no pod in namespace x has app=ghost"},
		{"a slip", input{manifests: shop() + from("{podSelector: {matchLabels: {app: databasse}}}")}, []string{"medium peer-selects-nothing NetworkPolicy x/p spec.ingress[0].from[1]"}, "did you mean app=database?"},
		{"in another namespace", input{manifests: shop() + from("{podSelector: {matchLabels: {app: client}}}")}, []string{"low peer-selects-nothing NetworkPolicy x/p spec.ingress[0].from[1]"}, "pods with these labels are in namespace other"},
		{
			"no pod of namespaces",
			input{manifests: shop() + from("{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: ghost}}}")},
			[]string{"low peer-selects-nothing NetworkPolicy x/p spec.ingress[0].from[1]"},
			"no pod in other has app=ghost",
		},
		{
			"a namespace without pods",
			input{manifests: shop() + namespace("empty", "") + from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: empty}}}")},
			[]string{"low peer-selects-nothing NetworkPolicy x/p spec.ingress[0].from[1]"},
			"there are no pods in empty",
		},
		{
			"no namespace of the name",
			input{manifests: shop() + from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: nosuch}}}")},
			[]string{"medium no-such-namespace NetworkPolicy x/p spec.ingress[0].from[1].namespaceSelector"},
			"no namespace has kubernetes.io/metadata.name=nosuch",
		},
		{
			"a slip in the name",
			input{manifests: shop() + from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ohter}}}")},
			[]string{"medium no-such-namespace NetworkPolicy x/p spec.ingress[0].from[1].namespaceSelector"},
			"did you mean kubernetes.io/metadata.name=other?",
		},
		{
			"a label that nobody set",
			input{manifests: shop() + from("{namespaceSelector: {matchLabels: {name: other}}}")},
			[]string{"medium no-such-namespace NetworkPolicy x/p spec.ingress[0].from[1].namespaceSelector"},
			"write kubernetes.io/metadata.name: other",
		},
		{
			"a label of no namespace",
			input{manifests: shop() + from("{namespaceSelector: {matchLabels: {name: ghost}}}")},
			[]string{"medium no-such-namespace NetworkPolicy x/p spec.ingress[0].from[1].namespaceSelector"},
			"label the namespace",
		},
		{"namespaces unread", input{manifests: shop() + from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: nosuch}}}"), gaps: []snapshot.Gap{gap("", "namespaces", "")}}, nil, ""},
		{"pods unread", input{manifests: shop() + from("{podSelector: {matchLabels: {app: ghost}}}"), gaps: []snapshot.Gap{gap("", "pods", "x")}}, nil, ""},
		{"pods elsewhere unread", input{manifests: shop() + from("{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: ghost}}}"), gaps: []snapshot.Gap{gap("", "pods", "other")}}, nil, ""},
		{"manifests", input{manifests: shop() + from("{podSelector: {matchLabels: {app: ghost}}}"), from: snapshot.FromFiles}, []string{"info peer-selects-nothing NetworkPolicy x/p spec.ingress[0].from[1]"}, ""},
		{"another namespace of manifests", input{manifests: shop() + from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}"), from: snapshot.FromFiles}, nil, ""},
		{"pods of another namespace of manifests", input{manifests: shop() + from("{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: ghost}}}"), from: snapshot.FromFiles}, nil, ""},
		{
			"a slip in manifests",
			input{manifests: shop() + from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ohter}}}"), from: snapshot.FromFiles},
			[]string{"low no-such-namespace NetworkPolicy x/p spec.ingress[0].from[1].namespaceSelector"},
			"",
		},
		{"labels of a namespace that is not there", input{manifests: pod("x", "a", "", "10.0.0.1", "") + from("{namespaceSelector: {matchLabels: {team: red}}}"), from: snapshot.FromFiles}, nil, ""},
	}, "peer-selects-nothing", "no-such-namespace")
}

func TestTwoPeers(t *testing.T) {
	from := func(peers string) string { return policy("p", "{podSelector: {}, ingress: [{from: ["+peers+"]}]}") }
	blue := "{namespaceSelector: {matchLabels: {team: blue}}}"
	both := shop() + pod("other", "web", "app: web", "10.0.1.2", "")
	runAll(t, []findingsTest{
		{"either may be meant", input{manifests: both + from(blue+", {podSelector: {matchLabels: {app: web}}}")}, []string{"info two-peers NetworkPolicy x/p spec.ingress[0].from[1]"}, "make one peer of them"},
		{"one is likely", input{manifests: shop() + from(blue+", {podSelector: {matchLabels: {app: client}}}")}, []string{"medium two-peers NetworkPolicy x/p spec.ingress[0].from[1]"}, ""},
		{"two are meant", input{manifests: shop() + from(blue+", {podSelector: {matchLabels: {app: web}}}")}, nil, ""},
		{"of the own namespace", input{manifests: both + from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}, {podSelector: {matchLabels: {app: web}}}")}, nil, ""},
		{"the first has pods of its own", input{manifests: both + from("{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: client}}}, {podSelector: {matchLabels: {app: web}}}")}, nil, ""},
		{"one it is", input{manifests: both + from("{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: web}}}")}, nil, ""},
		{"another order", input{manifests: both + from("{podSelector: {matchLabels: {app: web}}}, "+blue)}, nil, ""},
	}, "two-peers")
}

func TestOwnNamespaceOnly(t *testing.T) {
	alone := namespace("x", "") + pod("x", "a", "", "10.0.0.1", "") + policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
	runAll(t, []findingsTest{
		{"nobody else", input{manifests: alone}, []string{"info own-namespace-only NetworkPolicy x/p spec.ingress[0].from[0]"}, "namespaceSelector: {}"},
		{"others", input{manifests: alone + pod("x", "b", "", "10.0.0.2", "")}, nil, ""},
		{"manifests", input{manifests: alone, from: snapshot.FromFiles}, nil, ""},
	}, "own-namespace-only")
}

func TestNotes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		input input
		want  string
	}{
		{"pods unread", input{manifests: shop() + policy("p", "{podSelector: {matchLabels: {app: ghost}}}"), gaps: []snapshot.Gap{gap("", "pods", "x")}}, "whether policies select anything is not known in namespaces whose pods are not readable: x"},
		{"pods of a peer unread", input{manifests: shop() + policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: ghost}}}]}]}"), gaps: []snapshot.Gap{gap("", "pods", "x")}}, "whether all peers select any pod is not known, since not all pods are readable, of NetworkPolicy x/p"},
		{"policies unread", input{manifests: shop(), gaps: []snapshot.Gap{gap("networking.k8s.io", "networkpolicies", "x")}}, "network policies could not all be read: unprotected pods, default deny and DNS are checked only where they were"},
		{
			"namespaces not among manifests",
			input{manifests: pod("x", "a", "", "10.0.0.1", "") + policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: yonder}}}]}]}"), from: snapshot.FromFiles},
			"whether the namespaces of all peers exist is not known, since not all are in the input, of NetworkPolicy x/p",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if notes := lint.Run(tt.input.cluster(t), lint.Options{}).Notes; !slices.Contains(notes, tt.want) {
				t.Errorf("there is no note %q in %q", tt.want, notes)
			}
		})
	}
}
