package netpol_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// endpointSlice writes an EndpointSlice of the Service web.
func endpointSlice(name, family, ports, endpoints string) string {
	return fmt.Sprintf("---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: %s, namespace: x, labels: {kubernetes.io/service-name: web}}\naddressType: %s\nports: [%s]\nendpoints: [%s]\n", name, family, ports, endpoints)
}

// webPods are pods of label app=web in different states, of two families.
func webPods() string {
	write := func(name, ports, more, status string) string {
		return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: x, labels: {app: web}%s}\nspec: {nodeName: n1, containers: [{name: c, image: i, ports: [%s]}]}\nstatus: {%s}\n", name, more, ports, status)
	}
	ready, both := `conditions: [{type: Ready, status: "True"}]`, "podIPs: [{ip: 10.0.0.1}, {ip: \"fd00::1\"}]"
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n" +
		write("a", "{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}, {name: dns, containerPort: 54}", "", ready+", "+both) +
		write("b", "{name: http, containerPort: 9090}, {name: http, containerPort: 9091, protocol: UDP}", "", ready+", podIPs: [{ip: 10.0.0.2}]") +
		write("fails", "{name: http, containerPort: 1}", "", `conditions: [{type: Ready, status: "False"}], podIPs: [{ip: 10.0.0.3}]`) +
		write("ends", "{name: http, containerPort: 2}", `, deletionTimestamp: "2026-01-01T00:00:00Z"`, ready+", podIPs: [{ip: 10.0.0.4}]") +
		write("waits", "{name: http, containerPort: 3}", "", `phase: Pending, conditions: [{type: PodScheduled, status: "False"}]`) +
		write("done", "{name: http, containerPort: 4}", "", "phase: Succeeded, "+ready+", podIPs: [{ip: 10.0.0.5}]")
}

func backendText(backends []netpol.Backend) []string {
	var lines []string
	for _, b := range backends {
		lines = append(lines, fmt.Sprintf("%s -> %s %s v%d", b.ServicePort, b.Endpoint, b.Port, b.Family))
	}
	return lines
}

func TestBackends(t *testing.T) {
	const unready = "has no ready endpoint: nothing answers"
	onA := "{addresses: [10.0.0.1], targetRef: {kind: Pod, namespace: x, name: a}}"
	for _, c := range []struct {
		name, service, slices string
		want                  []string
		doubt                 string
	}{
		{"a number", "selector: {app: web}, ports: [{port: 80, targetPort: 8080}]", "", []string{"80/TCP -> pod/x/a 8080/TCP v4", "80/TCP -> pod/x/b 8080/TCP v4"}, ""},
		{"the port itself", "selector: {app: web}, ports: [{port: 80}]", "", []string{"80/TCP -> pod/x/a 80/TCP v4", "80/TCP -> pod/x/b 80/TCP v4"}, ""},
		{"a name, by pod", "selector: {app: web}, ports: [{port: 80, targetPort: http}]", "", []string{"80/TCP -> pod/x/a 8080/TCP v4", "80/TCP -> pod/x/b 9090/TCP v4"}, ""},
		{"a name of the protocol", "selector: {app: web}, ports: [{port: 53, protocol: UDP, targetPort: dns}, {name: t, port: 53, targetPort: dns}]", "", []string{"53/UDP -> pod/x/a 53/UDP v4", "53/TCP -> pod/x/a 54/TCP v4"}, ""},
		{"a name of nothing", "selector: {app: web}, ports: [{port: 80, targetPort: ghost}]", "", nil, unready},
		{"SCTP", "selector: {app: web}, ports: [{port: 80, protocol: SCTP}]", "", []string{"80/SCTP -> pod/x/a 80/SCTP v4", "80/SCTP -> pod/x/b 80/SCTP v4"}, ""},
		{
			"also those that are not ready", "publishNotReadyAddresses: true, selector: {app: web}, ports: [{port: 80, targetPort: http}]", "",
			[]string{"80/TCP -> pod/x/a 8080/TCP v4", "80/TCP -> pod/x/b 9090/TCP v4", "80/TCP -> pod/x/ends 2/TCP v4", "80/TCP -> pod/x/fails 1/TCP v4", "80/TCP -> pod/x/waits 3/TCP v0"},
			"",
		},
		{"both families", "ipFamilies: [IPv6, IPv4], selector: {app: web}, ports: [{port: 80}]", "", []string{"80/TCP -> pod/x/a 80/TCP v4", "80/TCP -> pod/x/a 80/TCP v6", "80/TCP -> pod/x/b 80/TCP v4"}, ""},
		{"both families, where they are", "ipFamilyPolicy: PreferDualStack, selector: {app: web}, ports: [{port: 80}]", "", []string{"80/TCP -> pod/x/a 80/TCP v4", "80/TCP -> pod/x/a 80/TCP v6", "80/TCP -> pod/x/b 80/TCP v4"}, ""},
		{"IPv6 only", "ipFamilies: [IPv6], selector: {app: web}, ports: [{port: 80}]", "", []string{"80/TCP -> pod/x/a 80/TCP v6"}, ""},
		{"headless", "clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: http}]", "", []string{"8080/TCP -> pod/x/a 8080/TCP v4", "9090/TCP -> pod/x/b 9090/TCP v4"}, ""},
		{"headless without ports", "clusterIP: None, ipFamilies: [IPv6], selector: {app: web}", "", []string{"*/TCP -> pod/x/a */TCP v6", "*/UDP -> pod/x/a */UDP v6", "*/SCTP -> pod/x/a */SCTP v6"}, ""},
		{"nobody", "selector: {app: nobody}, ports: [{port: 80}]", "", nil, unready},
		{"a name elsewhere", "type: ExternalName, externalName: db.example.com, selector: {app: web}, ports: [{port: 80}]", "", nil, "stands for the name db.example.com"},
		{"no selector", "ports: [{port: 80}]", "", nil, "has no selector, and the input no EndpointSlice"},

		{"slices win", "selector: {app: web}, ports: [{port: 80, targetPort: http}]", endpointSlice("s", "IPv4", "{port: 7}", onA), []string{"80/TCP -> pod/x/a 7/TCP v4"}, ""},
		{"an empty slice wins", "selector: {app: web}, ports: [{port: 80}]", endpointSlice("s", "IPv4", "{port: 7}", ""), nil, unready},
		{
			"ports by name and protocol", "ports: [{name: b, port: 81}, {name: a, port: 80}, {name: a, port: 82, protocol: UDP}]", endpointSlice("s", "IPv4", "{name: a, port: 1, protocol: TCP}, {name: b, port: 2}, {name: c, port: 3}, {name: a}", onA),
			[]string{"81/TCP -> pod/x/a 2/TCP v4", "80/TCP -> pod/x/a 1/TCP v4"},
			"",
		},
		{
			"both families by slices", "ports: [{port: 80}]", endpointSlice("s4", "IPv4", "{port: 7}", onA) + endpointSlice("s6", "IPv6", "{port: 7}", strings.ReplaceAll(onA, "10.0.0.1", `"fd00::1"`)),
			[]string{"80/TCP -> pod/x/a 7/TCP v4", "80/TCP -> pod/x/a 7/TCP v6"},
			"",
		},
		{"one of two slices", "ports: [{port: 80}]", endpointSlice("s1", "IPv4", "{port: 7}", onA) + endpointSlice("s2", "IPv4", "{port: 7}", onA), []string{"80/TCP -> pod/x/a 7/TCP v4"}, ""},
		{
			"conditions", "ports: [{port: 80}]", endpointSlice("s", "IPv4", "{port: 7}", "{addresses: [10.0.0.2], conditions: {ready: true}}, {addresses: [10.0.0.3], conditions: {ready: false}}, {addresses: [10.0.0.4], conditions: {ready: false, serving: true, terminating: true}}, {addresses: []}"),
			[]string{"80/TCP -> pod/x/b 7/TCP v4"},
			"",
		},
		{
			"all are ending", "ports: [{port: 80}]", endpointSlice("s", "IPv4", "{port: 7}", "{addresses: [10.0.0.4], conditions: {ready: false, serving: true, terminating: true}}"),
			nil, "all endpoints of Service web are terminating",
		},
		{"addresses outside", "ports: [{port: 80}]", endpointSlice("s", "IPv4", "{port: 7}", "{addresses: [192.0.2.1, 192.0.2.2]}, {addresses: [nonsense]}"), []string{"80/TCP -> 192.0.2.1 7/TCP v4"}, ""},
		{"names", "ports: [{port: 80}]", endpointSlice("s", "FQDN", "{port: 7}", "{addresses: [db.example.com]}"), nil, "no EndpointSlice"},
		{"headless by slices", "clusterIP: None, ports: [{port: 80}]", endpointSlice("s", "IPv4", "{port: 7}", onA), []string{"7/TCP -> pod/x/a 7/TCP v4"}, ""},
		{"headless without ports by slices", "clusterIP: None", endpointSlice("s", "IPv4", "", onA), []string{"*/TCP -> pod/x/a */TCP v4", "*/UDP -> pod/x/a */UDP v4", "*/SCTP -> pod/x/a */SCTP v4"}, ""},
		{"a pod that is missing", "ports: [{port: 80}]", endpointSlice("s", "IPv4", "{port: 7}", onA+", {addresses: [10.0.0.99], targetRef: {kind: Pod, namespace: x, name: z}}"), []string{"80/TCP -> pod/x/a 7/TCP v4"}, "pod z behind Service web is not in the input"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cluster := clusterOf(t, webPods()+service("web", c.service)+c.slices)
			s, err := cluster.Service(reference(t, "svc/web"))
			if err != nil {
				t.Fatal(err)
			}
			backends, doubts := cluster.Backends(s)
			if diff := cmp.Diff(c.want, backendText(backends)); diff != "" {
				t.Errorf("backends (-want +got):\n%s", diff)
			}
			if c.doubt == "" && len(doubts) > 0 || c.doubt != "" && (len(doubts) != 1 || (doubts[0].Cause == netpol.BySpec) != strings.Contains(c.doubt, "terminating") || !strings.Contains(doubts[0].Detail, c.doubt)) {
				t.Errorf("doubts %v, want %q", doubts, c.doubt)
			}
		})
	}
}

// TestBackendsOfTemplates checks Services of manifests, which have neither pods
// nor EndpointSlices.
func TestBackendsOfTemplates(t *testing.T) {
	c := clusterOf(t, workload("Deployment", "web", "", "")+workload("StatefulSet", "none", "", "replicas: 0,")+
		service("web", "selector: {app: web}, ports: [{port: 80, targetPort: http}]")+service("none", "selector: {app: none}, ports: [{port: 80}]"))
	for name, want := range map[string]string{"web": "80/TCP -> x/Deployment/web 8080/TCP v0", "none": ""} {
		s, err := c.Service(reference(t, "svc/"+name))
		if err != nil {
			t.Fatal(err)
		}
		backends, _ := c.Backends(s)
		if got := strings.Join(backendText(backends), "; "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestSidecarsComeLast checks the order in which names of ports are looked up.
func TestSidecarsComeLast(t *testing.T) {
	c := clusterOf(t, `apiVersion: v1
kind: Pod
metadata: {name: a, namespace: x, labels: {app: web}}
spec:
  initContainers:
  - {name: i, image: i, ports: [{name: http, containerPort: 1}]}
  - {name: s, image: i, restartPolicy: Always, ports: [{name: http, containerPort: 2}, {name: side, containerPort: 3}]}
  containers:
  - {name: c, image: i, ports: [{name: http, containerPort: 4}]}
status: {podIPs: [{ip: 10.0.0.1}]}
`+service("web", "selector: {app: web}, ports: [{name: h, port: 80, targetPort: http}, {name: s, port: 81, targetPort: side}]"))
	s, err := c.Service(reference(t, "svc/web"))
	if err != nil {
		t.Fatal(err)
	}
	backends, _ := c.Backends(s)
	if diff := cmp.Diff([]string{"80/TCP -> pod/x/a 4/TCP v4", "81/TCP -> pod/x/a 3/TCP v4"}, backendText(backends)); diff != "" {
		t.Error(diff)
	}
}
