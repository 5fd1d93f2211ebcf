package lint_test

import (
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestDNS(t *testing.T) {
	out := func(rules ...string) string {
		return policy("p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: ["+strings.Join(rules, ", ")+"]}")
	}
	const (
		api       = "{to: [{podSelector: {matchLabels: {app: api}}}]}"
		resolvers = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}"
		both      = "{to: [" + resolvers + "], ports: [{port: 53, protocol: UDP}, {port: 53}]}"
		udp       = "{to: [" + resolvers + "], ports: [{port: 53, protocol: UDP}]}"
		tcp       = "{to: [" + resolvers + "], ports: [{port: 53}]}"
	)
	blocked := []string{"medium dns-blocked Namespace x"}
	withoutDNS := strings.Replace(shop(), dns(), "", 1)
	openshift := namespace("openshift-dns", "") + pod("openshift-dns", "dns-1", "dns: default", "10.0.9.2", "{name: dns, containerPort: 5353, protocol: UDP}, {name: dns-tcp, containerPort: 5353}") +
		service("openshift-dns", "dns-default", "dns: default", "{name: dns, port: 53, protocol: UDP, targetPort: dns}, {name: dns-tcp, port: 53, targetPort: dns-tcp}")
	toOpenshift := func(port string) string {
		return "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}], ports: [{port: " + port + ", protocol: UDP}, {port: " + port + "}]}"
	}
	local := host(pod("kube-system", "node-local-dns-1", "k8s-app: node-local-dns", "192.168.0.1", ""))
	runAll(t, []findingsTest{
		{"allowed", input{manifests: shop() + out(api, both)}, nil, ""},
		{"not isolated", input{manifests: shop()}, nil, ""},
		{"blocked", input{manifests: shop() + out(api)}, blocked, "Pod/web"},
		{"by ingress to the DNS", input{manifests: shop() + out(api, both) + strings.Replace(policy("q", "{podSelector: {}}"), "namespace: x", "namespace: kube-system", 1)}, blocked, ""},
		{"by TCP only", input{manifests: shop() + out(tcp)}, blocked, ""},
		{"by UDP only", input{manifests: shop() + out(udp)}, []string{"low dns-blocked Namespace x"}, "long answers are lost"},
		{"closed", input{manifests: shop() + out()}, []string{"info dns-blocked Namespace x"}, "may send nothing"},
		{"asks its node", input{manifests: strings.Replace(shop(), "name: web, namespace: x, labels: {app: web, tier: front}}\nspec: {", "name: web, namespace: x, labels: {app: web, tier: front}}\nspec: {dnsPolicy: Default, ", 1) + out(api)}, nil, ""},
		{"of the host's network", input{manifests: shop() + host(pod("x", "agent", "app: web", "192.168.0.1", "")) + out(api, both)}, nil, ""},
		{"OpenShift", input{manifests: withoutDNS + openshift + out(api, toOpenshift("5353"))}, nil, ""},
		{"OpenShift, the port of the Service", input{manifests: withoutDNS + openshift + out(api, toOpenshift("53"))}, blocked, "openshift-dns/dns-default"},
		{"no Service", input{manifests: strings.Replace(shop(), "name: kube-dns, namespace: kube-system", "name: ghost, namespace: kube-system", 1) + out(api)}, blocked, ""},
		{"no Service, allowed", input{manifests: strings.Replace(shop(), "name: kube-dns, namespace: kube-system", "name: ghost, namespace: kube-system", 1) + out(api, both)}, nil, ""},
		{"no DNS in sight", input{manifests: withoutDNS + out("{ports: [{port: 443}]}")}, blocked, "no rule is for 53/UDP"},
		{"no DNS in manifests", input{manifests: withoutDNS + out("{ports: [{port: 443}]}"), from: snapshot.FromFiles}, []string{"low dns-blocked Namespace x"}, "no rule in the input"},
		{"no DNS in sight, and a rule for it", input{manifests: withoutDNS + out("{ports: [{port: 53, protocol: UDP}]}")}, nil, ""},
		{"a cache on each node", input{manifests: shop() + local + out(api, "{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}")}, nil, ""},
		{"no cache", input{manifests: shop() + out(api, "{to: [{ipBlock: {cidr: 169.254.20.10/32}}]}")}, blocked, ""},
		{"a cache on each node, blocked", input{manifests: shop() + local + out(api)}, blocked, "169.254.20.10"},
		{"policies unread", input{manifests: shop() + out(api), gaps: []snapshot.Gap{gap("networking.k8s.io", "networkpolicies", "x")}}, nil, ""},
		{
			"not known",
			input{manifests: strings.Replace(shop(), "nodeName: n1, containers: [{name: c, image: i, ports: [{name: dns,", "hostNetwork: true, nodeName: n1, containers: [{name: c, image: i, ports: [{name: dns,", 1) + out(both), profile: netpol.ProfileSpec},
			[]string{"info dns-blocked Namespace x"},
			"it is not known",
		},
	}, "dns-blocked")
}
