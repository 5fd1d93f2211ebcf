package lint_test

import (
	"strings"
	"testing"
)

func TestNamedPorts(t *testing.T) {
	to := func(app, port string) string {
		return policy("p", "{podSelector: {matchLabels: {app: "+app+"}}, ingress: [{ports: ["+port+"]}]}")
	}
	out := func(peers, port string) string {
		return policy("p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: ["+peers+"], ports: [{port: 1}, "+port+"]}]}")
	}
	ingress, egress := []string{"medium named-port NetworkPolicy x/p spec.ingress[0].ports[0]"}, []string{"medium named-port NetworkPolicy x/p spec.egress[0].ports[1]"}
	inited := strings.Replace(pod("x", "job", "app: job", "10.0.0.9", ""), "containers:", "initContainers: [{name: i, image: i, ports: [{name: setup, containerPort: 1}]}], containers:", 1)
	sidecar := strings.Replace(inited, "{name: i, image: i,", "{name: i, image: i, restartPolicy: Always,", 1)
	runAll(t, []findingsTest{
		{"there", input{manifests: shop() + to("web", "{port: http}")}, nil, ""},
		{"nowhere", input{manifests: shop() + to("web", "{port: grpc}")}, ingress, "ports by name: http (8080/TCP)"},
		{"a slip", input{manifests: shop() + to("api", "{port: metrisc}")}, ingress, "did you mean metrics?"},
		{"of another protocol", input{manifests: shop() + to("web", "{port: http, protocol: UDP}")}, ingress, "write protocol: TCP"},
		{"of an init container", input{manifests: shop() + inited + to("job", "{port: setup}")}, ingress, "only init containers"},
		{"of a sidecar", input{manifests: shop() + sidecar + to("job", "{port: setup}")}, []string{"info sidecar-port NetworkPolicy x/p spec.ingress[0].ports[0]"}, "some networks"},
		{"of one pod of several", input{manifests: shop() + policy("p", "{podSelector: {}, ingress: [{ports: [{port: metrics}]}]}")}, nil, ""},
		{"of peers", input{manifests: shop() + out("{podSelector: {matchLabels: {app: api}}}", "{port: metrics}")}, nil, ""},
		{"of the subject, not of peers", input{manifests: shop() + out("{podSelector: {matchLabels: {app: database}}}", "{port: http}")}, egress, ""},
		{"of any pod", input{manifests: shop() + out("", "{port: metrics}")}, nil, ""},
		{"of no pod", input{manifests: shop() + out("", "{port: ghost}")}, egress, ""},
		{"of addresses", input{manifests: shop() + out("{ipBlock: {cidr: 203.0.113.0/24}}", "{port: http}")}, egress, "the rule is about addresses"},
		{"of nobody", input{manifests: shop() + out("{podSelector: {matchLabels: {app: ghost}}}", "{port: http}")}, nil, ""},
	}, "named-port", "sidecar-port")
}

func TestServicePort(t *testing.T) {
	to := func(ports string) string {
		return policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: ["+ports+"]}]}")
	}
	out := func(peers, ports string) string {
		return policy("p", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: ["+peers+"], ports: ["+ports+"]}]}")
	}
	web := service("x", "web", "app: web", "{port: 80, targetPort: 8080}, {name: named, port: 81, targetPort: http}")
	found := []string{"high service-port NetworkPolicy x/p spec.ingress[0].ports[0]"}
	toWeb := "{podSelector: {matchLabels: {app: web}}}"
	runAll(t, []findingsTest{
		{"of the Service", input{manifests: shop() + web + to("{port: 80}")}, found, "write port: 8080"},
		{"by name", input{manifests: shop() + web + to("{port: 81}")}, found, "leads to port 8080"},
		{"of the pods", input{manifests: shop() + web + to("{port: 8080}")}, nil, ""},
		{"both", input{manifests: shop() + web + to("{port: 80}, {port: 8080}")}, nil, ""},
		{"both, one by name", input{manifests: shop() + web + to("{port: 80}, {port: http}")}, nil, ""},
		{"another policy opens it", input{manifests: shop() + web + to("{port: 80}") + policy("q", "{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}")}, nil, ""},
		{"another direction opens it", input{manifests: shop() + web + to("{port: 80}") + policy("q", "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 8080}]}]}")}, found, ""},
		{"a rule that does not count", input{manifests: shop() + web + to("{port: 80}") + policy("q", "{podSelector: {}, policyTypes: [Egress], ingress: [{ports: [{port: 8080}]}]}")}, found, ""},
		{"a container has it", input{manifests: shop() + strings.Replace(web, "port: 80,", "port: 5432,", 1) + strings.Replace(to("{port: 5432}"), "app: web", "app: database", 1)}, nil, ""},
		{"another Service leads to it", input{manifests: shop() + web + service("x", "other", "app: web", "{port: 8000, targetPort: 80}") + to("{port: 80}")}, nil, ""},
		{"of another protocol", input{manifests: shop() + web + to("{port: 80, protocol: UDP}")}, nil, ""},
		{"a range", input{manifests: shop() + web + to("{port: 80, endPort: 90}")}, nil, ""},
		{"of other pods", input{manifests: shop() + service("x", "web", "app: api", "{port: 80, targetPort: 8080}") + to("{port: 80}")}, nil, ""},
		{"headless", input{manifests: shop() + strings.Replace(web, "clusterIP: 10.96.0.4", "clusterIP: None", 1) + to("{port: 80}")}, nil, ""},
		{"egress", input{manifests: shop() + web + out(toWeb, "{port: 80}")}, []string{"high service-port NetworkPolicy x/p spec.egress[0].ports[0]"}, "Service x/web: port 80, targetPort 8080"},
		{"egress to addresses too", input{manifests: shop() + web + out(toWeb+", {ipBlock: {cidr: 203.0.113.0/24}}", "{port: 80}")}, nil, ""},
		{"egress to anybody", input{manifests: shop() + web + out("", "{port: 80}")}, nil, ""},
	}, "service-port")
}
