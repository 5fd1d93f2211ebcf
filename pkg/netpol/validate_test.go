package netpol_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// problemsOf reads one policy and returns what is wrong with it.
func problemsOf(t *testing.T, spec string) []string {
	t.Helper()
	c := clusterOf(t, policy("p", spec))
	var problems []string
	for _, r := range c.Rejected() {
		if r.Kind != "NetworkPolicy" || r.Namespace != "x" || r.Name != "p" || r.Origin.File != "in.yaml" || r.Origin.Line == 0 {
			t.Errorf("rejected: %+v", r)
		}
		for _, p := range r.Problems {
			problems = append(problems, p.Path+": "+p.Detail)
		}
	}
	if len(c.Rejected())+len(c.Policies()) != 1 || (len(problems) > 0) != (len(c.Rejected()) > 0) {
		t.Errorf("one policy became %d that count and %d rejected ones, for %q", len(c.Policies()), len(c.Rejected()), problems)
	}
	return problems
}

// TestRejected follows ValidateNetworkPolicySpec of kubernetes v1.37.2,
// pkg/apis/networking/validation.
func TestRejected(t *testing.T) {
	noRange := "it is no valid range of addresses"
	for _, c := range []struct {
		name, spec string
		want       []string
	}{
		{"a peer that says nothing", "{ingress: [{from: [{}]}]}", []string{"spec.ingress[0].from[0]: it names no peer: it must have a podSelector, namespaceSelector or ipBlock"}},
		{"a null peer", "{egress: [{to: [null]}]}", []string{"spec.egress[0].to[0]: it names no peer: it must have a podSelector, namespaceSelector or ipBlock"}},
		{"an ipBlock with a podSelector", "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]}", []string{"spec.ingress[0].from[0]: an ipBlock stands alone, without selectors"}},
		{"an ipBlock with a namespaceSelector", "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, namespaceSelector: {}}]}]}", []string{"spec.ingress[0].from[0]: an ipBlock stands alone, without selectors"}},
		{"an ipBlock without cidr", "{ingress: [{from: [{ipBlock: {}}]}]}", []string{`spec.ingress[0].from[0].ipBlock.cidr: "": ` + noRange}},
		{"an address without prefix", "{egress: [{}, {to: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.1}}]}]}", []string{`spec.egress[1].to[1].ipBlock.cidr: "10.0.0.1": ` + noRange}},
		{"an exception without prefix", "{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.0.0.1]}}]}]}", []string{`spec.egress[0].to[0].ipBlock.except[1]: "10.0.0.1": ` + noRange}},
		{"an exception of the whole", "{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}", []string{"spec.egress[0].to[0].ipBlock.except[0]: 10.0.0.0/8 is not a part of 10.0.0.0/8"}},
		{"an exception of all and more", "{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [0.0.0.0/0]}}]}]}", []string{"spec.egress[0].to[0].ipBlock.except[0]: 0.0.0.0/0 is not a part of 10.0.0.0/8"}},
		{"an exception elsewhere", "{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}", []string{"spec.egress[0].to[0].ipBlock.except[0]: 11.0.0.0/16 is not a part of 10.0.0.0/8"}},
		{"an exception of the other family", `{egress: [{to: [{ipBlock: {cidr: "::/0", except: [10.0.0.0/8]}}]}]}`, []string{"spec.egress[0].to[0].ipBlock.except[0]: 10.0.0.0/8 is not a part of ::/0"}},
		{"exceptions of nothing", "{egress: [{to: [{ipBlock: {cidr: ten, except: [10.0.0.0/8]}}]}]}", []string{`spec.egress[0].to[0].ipBlock.cidr: "ten": ` + noRange}},

		{"a number in quotes", `{ingress: [{ports: [{port: "80"}]}]}`, []string{`spec.ingress[0].ports[0].port: "80" is no name of a port: it must contain at least one letter (a-z)`}},
		{"a name in capitals", "{ingress: [{ports: [{port: HTTP}]}]}", []string{`spec.ingress[0].ports[0].port: "HTTP" is no name of a port: it must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`, `spec.ingress[0].ports[0].port: "HTTP" is no name of a port: it must contain at least one letter (a-z)`}},
		{"a name of 16 letters", "{ingress: [{ports: [{port: abcdefghijklmnop}]}]}", []string{`spec.ingress[0].ports[0].port: "abcdefghijklmnop" is no name of a port: it must be no more than 15 characters`}},
		{"port 0", "{ingress: [{ports: [{port: 0}]}]}", []string{"spec.ingress[0].ports[0].port: 0 is not between 1 and 65535"}},
		{"port 65536", "{egress: [{ports: [{port: 1}, {port: 65536}]}]}", []string{"spec.egress[0].ports[1].port: 65536 is not between 1 and 65535"}},
		{"a negative port", "{egress: [{ports: [{port: -1}]}]}", []string{"spec.egress[0].ports[0].port: -1 is not between 1 and 65535"}},
		{"an end without start", "{egress: [{ports: [{endPort: 80}]}]}", []string{"spec.egress[0].ports[0].endPort: there is no port for it to be the end of"}},
		{"an end of a name", "{egress: [{ports: [{port: http, endPort: 80}]}]}", []string{"spec.egress[0].ports[0].endPort: the port is a name: there is no range from it"}},
		{"an end below the start", "{egress: [{ports: [{port: 80, endPort: 79}]}]}", []string{"spec.egress[0].ports[0].endPort: 79 is below the port 80"}},
		{"an end of 65536", "{egress: [{ports: [{port: 80, endPort: 65536}]}]}", []string{"spec.egress[0].ports[0].endPort: 65536 is not between 1 and 65535"}},
		{"a protocol in small letters", "{ingress: [{ports: [{protocol: udp}]}]}", []string{`spec.ingress[0].ports[0].protocol: "udp" is none of TCP, UDP and SCTP`}},
		{"a protocol without ports", "{ingress: [{ports: [{protocol: ICMP}]}]}", []string{`spec.ingress[0].ports[0].protocol: "ICMP" is none of TCP, UDP and SCTP`}},
		{"an empty protocol", `{ingress: [{ports: [{protocol: ""}]}]}`, []string{`spec.ingress[0].ports[0].protocol: "" is none of TCP, UDP and SCTP`}},

		{"an unknown type", "{policyTypes: [Ingress, Both]}", []string{`spec.policyTypes: "Both" is neither Ingress nor Egress`}},
		{"three types", "{policyTypes: [Ingress, Egress, Egress]}", []string{"spec.policyTypes: there are more than two"}},
		{"all at once", "{policyTypes: [egress], ingress: [{from: [{}], ports: [{port: 0}]}]}", []string{
			`spec.policyTypes: "egress" is neither Ingress nor Egress`,
			"spec.ingress[0].from[0]: it names no peer: it must have a podSelector, namespaceSelector or ipBlock",
			"spec.ingress[0].ports[0].port: 0 is not between 1 and 65535",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, problemsOf(t, c.spec)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRejectedSelectors checks where selectors are refused; the words are
// those of the API machinery.
func TestRejectedSelectors(t *testing.T) {
	for place, spec := range map[string]string{
		"spec.podSelector":                          "{podSelector: %}",
		"spec.ingress[0].from[0].podSelector":       "{ingress: [{from: [{podSelector: %}]}]}",
		"spec.egress[0].to[1].namespaceSelector":    "{egress: [{to: [{podSelector: {}}, {namespaceSelector: %}]}]}",
		"spec.ingress[1].from[0].namespaceSelector": "{ingress: [{}, {from: [{podSelector: {}, namespaceSelector: %}]}]}",
	} {
		for _, selector := range []string{
			"{matchExpressions: [{key: a, operator: Is, values: [b]}]}",
			"{matchExpressions: [{key: a, operator: In}]}",
			"{matchExpressions: [{key: a, operator: NotIn, values: []}]}",
			"{matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
			"{matchExpressions: [{key: a, operator: DoesNotExist, values: [b]}]}",
			`{matchExpressions: [{key: "", operator: Exists}]}`,
			"{matchExpressions: [{key: a/b/c, operator: Exists}]}",
			`{matchLabels: {a: "no value"}}`,
			`{matchLabels: {"no key": b}}`,
		} {
			problems := problemsOf(t, strings.ReplaceAll(spec, "%", selector))
			if len(problems) != 1 || !strings.HasPrefix(problems[0], place+": ") {
				t.Errorf("%s %s: %q", place, selector, problems)
			}
		}
	}
}

func TestAccepted(t *testing.T) {
	for _, spec := range []string{
		"{}",
		"{podSelector: {}}",
		"{policyTypes: []}",
		"{policyTypes: [Ingress, Ingress]}",
		"{policyTypes: [Egress], ingress: [{}]}",
		"{ingress: [null], egress: [{}]}",
		"{ingress: [{from: [], ports: []}]}",
		"{ingress: [{from: null, ports: null}]}",
		"{ingress: [{ports: [{}]}]}",
		"{ingress: [{ports: [{port: 1}, {port: 65535}, {port: 80, endPort: 80}, {port: 1, endPort: 65535}]}]}",
		"{ingress: [{ports: [{port: http}, {port: a-1}, {port: abcdefghijklmno}, {protocol: SCTP}]}]}",
		"{ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}, {podSelector: {}, namespaceSelector: {}}]}]}",
		`{egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 10.0.0.0/9, 0.0.0.0/1]}}, {ipBlock: {cidr: "::/0", except: ["fd00::/8"]}}]}]}`,
		"{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: []}}]}]}",
	} {
		if problems := problemsOf(t, spec); problems != nil {
			t.Errorf("%s: %q", spec, problems)
		}
	}
}

// TestRejectedCountsForNothing checks that one wrong clause takes the whole
// policy away, and no other policy.
func TestRejectedCountsForNothing(t *testing.T) {
	c := clusterOf(t, abc()+policy("good", "{podSelector: {matchLabels: {pod: c}}}")+
		policy("bad", "{policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 80}]}, {from: [{}]}]}"))
	for to, want := range map[string]netpol.Verdict{"x/b": netpol.Allowed, "x/c": netpol.Denied} {
		if got := c.Verdict(flowOf(t, c, "x/a", to, "81")); got != want {
			t.Errorf("to %s: %s, want %s", to, got, want)
		}
	}
}

func TestRemarks(t *testing.T) {
	c := clusterOf(t, policy("q", "{egress: [{to: [{ipBlock: {cidr: 10.0.0.1/8, except: [10.1.0.0/16, 010.2.0.0/16]}}]}]}")+
		policy("p", "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}")+
		policy("bad", "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/8}}, {}]}]}"))
	want := []string{
		"NetworkPolicy x/q: spec.egress[0].to[0].ipBlock.cidr: 10.0.0.1/8 means 10.0.0.0/8: new objects must write it so",
		"NetworkPolicy x/q: spec.egress[0].to[0].ipBlock.except[1]: 010.2.0.0/16 means 10.2.0.0/16: new objects must write it so",
	}
	if got := c.Remarks(); !slices.Equal(got, want) {
		t.Errorf("remarks: %q", got)
	}
}

// Metadata that no object can have is refused with the rest.
func TestRejectedMetadata(t *testing.T) {
	for _, tt := range []struct {
		metadata, want string // "" where the API server takes it
	}{
		{"{name: a.b, namespace: x, labels: {example.org/a: b}}", ""},
		{"{name: Deny_All, namespace: x}", "metadata.name"},
		{`{name: p, namespace: x, labels: {"a b": c}}`, "metadata.labels"},
		{`{name: p, namespace: x, labels: {a: "b c"}}`, "metadata.labels"},
		{`{name: p, namespace: x, annotations: {"a b": c}}`, "metadata.annotations"},
		{`{name: p, namespace: x, annotations: {Example.org/A: any thing}}`, ""},
	} {
		t.Run(tt.metadata, func(t *testing.T) {
			c := clusterOf(t, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: "+tt.metadata+"\nspec: {podSelector: {}}\n")
			var got string
			for _, r := range c.Rejected() {
				got = r.Problems[0].Path
			}
			if got != tt.want {
				t.Errorf("refused for %q, want %q", got, tt.want)
			}
		})
	}
}
